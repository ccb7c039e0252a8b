"""What may happen to the hosts of the soak, and what it may cost the client."""
import collections, os, signal, socket, struct, sys
from time import monotonic, sleep

from .lab import ADDED, ADDRESSES, OTHERS, SHARED, Host, checksum

# Seconds.
QUICK = 0.15  # that a client may lose to what must cost nothing: a machine with two busy cores answers late
DOWN = 5.0  # the master down interval, 3.6, and a margin
FORGETTING = 12.0  # until a client asks anew who has an address, or a master defends it for a second time
ENDLESS = float("inf")  # While packets are lost or a host is stalled, nothing is promised …
HEALING = 3.0  # … but soon afterwards.
SETTLING = 6.0  # until the best host is master again, also after a postponed takeover


# ---- The program is stopped, killed, started

def start_at_once(host):
    has_address = host.holds()
    host.start()
    host.expect("it goes on as master", lambda: not has_address or host.status().get("reason", "").startswith("it goes on"))


def start_late(host):
    host.start()
    host.expect("what was left behind is gone", lambda: not host.shared())


def start_broken(host):
    """It uses the last file that was good."""
    host.configure(is_broken=True)
    start_at_once(host)
    host.expect("it answers, with a broken file", host.status)
    host.configure()


def may_be_killed(host):
    # An agent that keeps dying is not allowed to go on as master, and starts after growing pauses.
    return host.kills < 3 or monotonic() - host.started > 60


def freeze(host):
    host.is_stalled = True
    host.signal(signal.SIGSTOP)


def thaw(host):
    host.signal(signal.SIGCONT)
    sleep(0.5)
    host.is_stalled = False


def overrun(host):
    """More netlink events than a socket has room for, and the one that matters among those that are lost."""
    with open(f"{host.base}.batch", "w") as file:
        for number in range(12000):
            address = f"10.{number // 250}.{number % 250}.1/32"
            file.write(f"addr add {address} dev lo\naddr del {address} dev lo\n")
    freeze(host)
    host.ip(f"-batch {host.base}.batch")
    host.ip(f"addr del {SHARED}/32 dev eth0", check=False)
    thaw(host)
    host.expect("the address is back", host.holds)  # also if somebody else took over, because it was stopped for long


def hogs(host):
    programs = [host.lab.spawn(host, sys.executable, "-c", "while True: pass") for _ in range(8)]
    sleep(host.rng.uniform(2, 6))
    for program in programs:
        program.kill()
        program.wait()


# ---- Scripts

def fail_check(host):
    open(f"{host.base}.fails", "w").close()
    host.expect("it takes no part while its check fails", lambda: host.status().get("state") in ("fault", "leaving"))


def mend_check(host):
    os.unlink(f"{host.base}.fails")
    host.expect("it takes part again", lambda: host.status().get("state") in ("backup", "master"))


def stop_runner(host):
    os.kill(host.runner.pid, signal.SIGSTOP)


def continue_runner(host):
    os.kill(host.runner.pid, signal.SIGCONT)


# ---- Interfaces and addresses

def flush(host):
    host.ip("addr flush dev eth0")
    host.link("up")


def change_mac(host):
    host.ip(f"link set eth0 address 02:00:5e:00:{host.rng.randrange(256):02x}:01")


def delete(host):
    for address in host.rng.sample(ADDRESSES, host.rng.randint(1, len(ADDRESSES))):
        host.ip(f"addr del {address}/32 dev eth0", check=False)
    host.expect("all addresses are back", lambda: len(host.shared()) == len(ADDRESSES) or not host.is_agent)


def may_be_deleted(host):
    # From the fourth time within ten seconds on, an agent puts an address back after a pause.
    return host.holds() and not any(case.host is host and case.fault.when is may_be_deleted and monotonic() - case.end < 10
                                    for case in host.lab.cases[-20:])


def may_have_stray(host):
    # A host takes for its own what comes while its interface is being set up, and keeps it.
    return not host.holds() and monotonic() - host.touched > 10


def stray(host):
    host.ip(f"addr add {host.rng.choice(ADDRESSES)}/32 dev eth0", check=False)
    host.expect("the stray copy is gone", lambda: not host.shared() or host.status().get("state") == "master")


def may_be_contested(host):
    return host.holds() and not host.lab.under_way()


def contest(host):
    """Another host says that it has the address: the master defends it, at most every ten seconds."""
    defences = host.status()["counters"]["defences"]
    host.lab.switch.enter()
    mac, ip = bytes.fromhex("02005eff0001"), socket.inet_aton(SHARED)
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind(("br0", 0))
    sender.send(b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + ip)
    host.expect("the address is defended", lambda: host.status()["counters"]["defences"] > defences)
    host.expect("the conflict is shown", lambda: any(one.get("conflict") for one in host.status()["addresses"]))


# ---- The network

def drop(host, what):
    """On the switch, both ways."""
    rules = " ".join(f'{way} "p-{host.name}" {what} drop;' for way in ("iifname", "oifname"))
    host.lab.switch.nft(f"table bridge {host.name} {{ chain x {{ type filter hook forward priority 0; {rules} }}; }}")
    sleep(host.rng.uniform(2, 9))
    host.lab.switch.nft(f"delete table bridge {host.name}")


def firewall(host):
    """On the host itself: it does not hear, or what it sends fails, or both."""
    rule = "priority 0; ip protocol 112 drop;"
    ways = host.rng.choice([["input"], ["output"], ["input", "output"]])
    host.nft(f"table inet x {{ {' '.join(f'chain {way} {{ type filter hook {way} {rule} }};' for way in ways)} }}")
    sleep(host.rng.uniform(2, 9))
    host.nft("delete table inet x")


def junk(host):
    """Advertisements with wrong passwords, and what is none at all, for a second."""
    host.enter()
    rng, end, thrower = host.rng, monotonic() + 1, socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
    thrower.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    thrower.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(host.own.split("/")[0]))
    while monotonic() < end:
        head = struct.pack("!BBBBBB", rng.choice([0x21, 0x21, 0x31, 0x91]), 10, rng.choice([0, 1, 255]), 1, 1, 1)
        body = socket.inet_aton(SHARED) + rng.randbytes(8)
        good = head + struct.pack("!H", checksum(head + body)) + body
        thrower.sendto(rng.choice([good, good, good[:rng.randint(1, 19)], rng.randbytes(rng.randint(1, 60))]), ("224.0.0.18", 0))
        sleep(0.0002)


# ---- What people and programs ask of the agent

def reload(host, others=OTHERS):
    host.configure(others)
    if host.rng.random() < 0.5:
        host.signal(signal.SIGHUP)
    elif host.control("reload")[0] != 0:
        host.lab.violation(f"{host.name}: a good file was refused")
    host.expect(f"it has {SHARED}, {', '.join(others)} or none", lambda: host.shared() in ({SHARED, *others}, set()))


def reload_broken(host):
    host.configure(is_broken=True)
    code, output = host.control("reload")
    host.configure()
    if code != 1 or "error" not in output:
        host.lab.violation(f"{host.name}: a broken file: exit code {code}: {output}")


def hand_over(host):
    code, output = host.control("handover", "Instance1")
    host.is_handed_over = code == 0
    if code != 0 and host.lab.under_way() < 2:  # else perhaps nobody took over
        host.lab.violation(f"{host.name}: handover: exit code {code}: {output}")


def resume(host):
    host.is_handed_over = host.control("resume", "--all")[0] != 0


# A kind of fault: on which hosts it may happen, how it begins, how long it lasts, how it ends; what it may cost the client where
# the host has the address, and where it has not (aside); seconds until its consequences are over; whether it makes sense now.
Fault = collections.namedtuple("Fault", "kind hosts begin pause end bound aside settled when",
                               defaults=[(0, 0), lambda host: None, QUICK, QUICK, SETTLING, lambda host: True])

FAULTS = [
    Fault("planned stop", "ab", Host.stop, (0, 8), Host.start),
    Fault("kill -9, started at once", "ab", Host.kill, (0, 0.5), start_at_once, when=may_be_killed),
    Fault("kill -9, started late", "ab", Host.kill, (5.5, 9), start_late, DOWN, when=may_be_killed),
    Fault("kill -9, started with a broken file", "ab", Host.kill, (0, 0.5), start_broken, when=may_be_killed),
    Fault("stall", "ab", freeze, (0.5, 8), thaw, ENDLESS),
    Fault("netlink overrun", "ab", overrun, bound=ENDLESS, when=may_be_deleted),
    Fault("CPU hogs", "c", hogs, settled=1),
    Fault("cable", "abk", lambda host: host.cable("down"), (0.2, 8), lambda host: host.cable("up"), DOWN),
    Fault("interface down", "ab", lambda host: host.link("down"), (0.2, 6), lambda host: host.link("up"), DOWN),
    Fault("interface deleted", "ab", lambda host: host.ip("link del eth0"), (0.2, 8), Host.plug_in, DOWN),
    Fault("MAC address changed", "ab", change_mac, (1, 4), change_mac, settled=1),
    Fault("own address away", "ab", lambda host: host.set_own("del"), (1, 7), lambda host: host.set_own("add"), DOWN),
    Fault("all addresses flushed", "ab", flush, (0, 0.7), lambda host: host.set_own("add"), settled=1, when=may_be_deleted),
    Fault("addresses deleted", "ab", delete, (0.1, 1), delete, settled=1, when=may_be_deleted),
    Fault("stray copy", "ab", stray, settled=1, when=may_have_stray),
    Fault("ARP conflict", "ab", contest, bound=FORGETTING, settled=10, when=may_be_contested),
    Fault("packet loss", "abk", lambda host: drop(host, f"numgen random mod 100 < {host.rng.randint(10, 60)}"),
          bound=ENDLESS, aside=ENDLESS),
    Fault("partition", "abk", lambda host: drop(host, "ip protocol 112"), bound=ENDLESS, aside=ENDLESS),
    Fault("firewall", "abk", firewall, bound=ENDLESS, aside=ENDLESS),
    Fault("reload that adds an address", "ab", lambda host: reload(host, OTHERS + [ADDED]), (1, 4), reload, settled=1),
    Fault("reload that removes an address", "ab", lambda host: reload(host, OTHERS[:1]), (1, 4), reload, settled=1),
    Fault("reload of a broken file", "ab", reload_broken, settled=1),
    # A master leaves without a gap where there is a successor; while another fault is under way there may be none.
    Fault("check fails", "ab", fail_check, (2, 6), mend_check, DOWN, when=lambda host: not host.lab.under_way()),
    Fault("runner killed", "ab", Host.kill_runner, (0, 8), Host.start_runner, settled=2),
    Fault("runner stalled", "ab", stop_runner, (0.5, 15), continue_runner, settled=2),
    Fault("handover", "ab", hand_over, when=lambda host: not host.is_handed_over),
    Fault("resume", "ab", resume, when=lambda host: host.is_handed_over),
    # A packet that a keepalived drops puts its own advertisement off.
    Fault("junk packets", "c", junk, settled=1, when=lambda host: not host.lab.hosts["k"].holds()),
    # It gives up everything and asks for an election; and it believes its clock, and takes the address from a living master.
    Fault("keepalived stopped", "k", Host.stop, (0, 8), Host.start, DOWN),
    Fault("keepalived's address deleted", "k", delete, bound=DOWN, when=Host.holds),
    Fault("keepalived stalled", "k", freeze, (0.5, 8), thaw, ENDLESS, ENDLESS),
]


class Case:
    """A fault that happens, or has happened."""

    def __init__(self, fault, host):
        self.fault, self.host, self.begin, self.end, self.held = fault, host, monotonic(), ENDLESS, host.holds()

    def __str__(self):
        return f"{self.fault.kind} ({self.host.name}{', which has the address' if self.held else ''})"

    def concerns(self, begin, end):
        return self.begin - 0.1 <= end and begin <= self.end + self.fault.settled

    def allows(self, begin):
        """How long the client may go without an answer from then on."""
        bound = self.fault.bound if self.held else self.fault.aside
        if bound != ENDLESS or not self.host.is_agent:
            return bound
        # A keepalived that was master for itself lets go without a word: nobody knows that the clients still believe it.
        keepalived = self.host.lab.hosts["k"]
        is_silent = any(self.begin <= when <= self.end + HEALING for when in keepalived.reigns)
        return self.end + (FORGETTING if is_silent else HEALING) - begin
