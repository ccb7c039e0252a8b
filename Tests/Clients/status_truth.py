#!/usr/bin/env python3
"""What the agent says against what the kernel says, while addresses and the interface come and go. Run in the host's namespace.

    status_truth.py SOCKET SAMPLES ADDRESS PID  exit code 1 if they differed for longer than the settling time, or too little happened
"""
import json, random, socket, struct, subprocess, sys, threading, time

PATH, SAMPLES, SHARED, PID = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
SETTLING = 0.2  # Seconds: a busy machine may keep the agent from running for so long.


def kernel():
    """Whether eth0 has the shared address, by a dump over rtnetlink."""
    netlink.send(struct.pack("=IHHIIBBBBi", 24, 22, 0x301, 1, 0, socket.AF_INET, 0, 0, 0, 0))
    found = False
    while True:
        data = netlink.recv(65536)
        while len(data) >= 16:
            length, kind = struct.unpack_from("=IH", data)
            if kind == 3:
                return found
            body = data[16:length]
            attributes = body[8:]
            while len(attributes) >= 4:
                size, name = struct.unpack_from("=HH", attributes)
                if size < 4:
                    break
                if name == 2 and socket.inet_ntoa(attributes[4:8]) == SHARED:
                    found = True
                attributes = attributes[(size + 3) & ~3:]
            data = data[(length + 3) & ~3:]


def agent():
    """What the agent says."""
    control.sendall(b'{"method":"io.failoveragent.Agent.ListInstances","more":true}\0')
    data = b""
    while not data.endswith(b"\0"):
        data += control.recv(65536)
    addresses = json.loads(data.split(b"\0")[-2])["parameters"]["instance"]["addresses"]
    return next(one["present"] for one in addresses if one["address"] == f"{SHARED}/32")


def faults():
    rng = random.Random(1)
    while not done.is_set():
        command = rng.choice([
            f"ip addr del {SHARED}/32 dev eth0", f"ip addr add {SHARED}/32 dev eth0", "ip link set eth0 down; ip link set eth0 up",
            "ip addr flush dev eth0; ip addr add 192.0.2.11/24 dev eth0",
            "ip link set eth0 address 02:00:00:00:00:%02x" % rng.randrange(256),
            f"kill -STOP {PID}; ip addr del {SHARED}/32 dev eth0; sleep 0.1; kill -CONT {PID}",
            "nft add table inet t; nft 'add chain inet t o { type filter hook output priority 0; }'; "
            "nft add rule inet t o ip protocol 112 drop; sleep 0.5; nft delete table inet t",
            f"ip addr del {SHARED}/32 dev eth0; ip addr add {SHARED}/32 dev eth0", "ip addr add 192.0.2.99/32 dev eth0; ip addr del 192.0.2.99/32 dev eth0"])
        subprocess.run(["sh", "-c", command], stderr=subprocess.DEVNULL)
        counted[0] += 1
        done.wait(rng.choice([0.01, 0.05, 0.3, 1.5]))


netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
control = socket.socket(socket.AF_UNIX)
control.connect(PATH)
done, counted = threading.Event(), [0]
threading.Thread(target=faults, daemon=True).start()
differed = longest = 0.0
held = violations = 0
for _ in range(SAMPLES):
    time.sleep(0.002)  # so that it lasts as long as faults need
    before = kernel()
    said = agent()
    after = kernel()
    held += after
    if said in (before, after):
        continue
    differed += 1
    begin = time.monotonic()
    while agent() != kernel():
        if time.monotonic() - begin > SETTLING:
            violations += 1
            break
    longest = max(longest, time.monotonic() - begin)
done.set()
print(f"{SAMPLES} samples, {counted[0]} faults, held in {held}: {int(differed)} differed at first, for at most {longest * 1000:.1f} ms; "
      f"{violations} for longer than {SETTLING * 1000:.0f} ms")
sys.exit(1 if violations or counted[0] < 20 or not SAMPLES / 20 < held < SAMPLES * 0.999 else 0)
