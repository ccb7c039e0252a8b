#!/usr/bin/env python3
"""What the agent says against what the kernel says, while addresses and the interface come and go. Run in the host's namespace.

    status_truth.py SOCKET SAMPLES ADDRESS      exit code 1 if they differed for longer than the settling time
"""
import json, random, socket, struct, subprocess, sys, threading, time

PATH, SAMPLES, SHARED = sys.argv[1], int(sys.argv[2]), sys.argv[3]
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
sys.exit(1 if violations or not 0 < held < SAMPLES else 0)
