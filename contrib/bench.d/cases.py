"""The cases: each puts one program through one thing and gives {metric: value}."""
from time import sleep, time

from hosts import PER_INTERFACE, Lan, Program, address, run, wait_until
from scripts import in_the_way, result
from meters import Askers, Probe, Wire, costs, false_masters, gaps, middle, takeovers

EVENTS = 100_000


def limit(interval, version, priority=100):
    """The master down interval, in seconds."""
    return 3 * interval + (256 - priority) / 256 * (interval if version == 3 else 1)


def spread(values):
    """The middle, with the extremes."""
    return dict(middle=middle(values), least=min(values), most=max(values)) if values else None


class Pair:
    """A LAN with a program on a, the master, and on b, its backup; both are up and the machine is calm when it begins."""

    def __init__(self, kind, programs, count=1, interval=1, version=2, client=False, patience=90, scripts=None, before=None,
                 family=4):
        self.kind, self.programs, self.count, self.interval, self.version = kind, programs, count, interval, version
        self.limit, self.patience = limit(interval, version), patience
        self.scripts, self.before = scripts or {}, before  # by host; what is to be done with its folder first
        self.lan = Lan((count + PER_INTERFACE - 1) // PER_INTERFACE, client, family)

    def __enter__(self):
        self.lan.__enter__()
        try:
            self.wire = Wire(self.lan, self.programs)
            self.a, self.b = (Program(self.lan, host, self.kind, self.programs, self.count, self.interval, self.version,
                                      self.scripts.get(host)) for host in "ab")
            if self.before:
                self.before(self.a.base)
            begin = time()
            self.a.start()
            self.is_up = wait_until(lambda: self.has_said("a"), self.patience, 0.2)
            self.up_after = max(sent[0][0] for sent in self.wire.sent["a"].values()) - begin if self.is_up else None
            self.begin = time()
            self.b.start()
            sleep(self.limit + 1 + self.count / 2000)
        except BaseException:
            self.lan.__exit__()
            raise
        return self

    def has_said(self, host):
        """Every router of it has advertised."""
        for program in self.lan.children:
            if program.poll() not in (None, 0):
                raise RuntimeError(f"{self.kind} has ended: {self.log(host)}")
        self.wire.read()
        return len(self.wire.sent[host]) >= self.count

    def log(self, host):
        with open(f"{self.lan.work}/{host}.log", errors="replace") as file:
            return file.read()[-400:]

    def __exit__(self, *_):
        self.lan.__exit__()

    def power_cut(self, patience):
        """The master is gone. Returns when that was."""
        self.wire.read()  # so that little is left to read when it counts
        cut = time()
        self.a.lose_power(0.1 if self.limit < 0.1 else 0)
        sleep(self.limit)
        wait_until(lambda: self.has_taken(cut), patience, 0.2)
        sleep(0.5)
        self.wire.close()
        return cut

    def has_taken(self, cut):
        self.wire.read()
        return sum(any(when > cut for when, _ in sent[-1:]) for sent in self.wire.sent["b"].values()) >= self.count


# ---- One router

def takeover(kind, programs, options, interval, version, family=4):
    first, announced, memory = [], [], None
    for _ in range(options.rounds):
        with Pair(kind, programs, interval=interval, version=version, family=family) as pair:
            # A power cut at any moment of the interval.
            sleep(interval / 2)
            memory = memory or pair.a.memory()
            found = takeovers(pair.wire, 1, pair.limit, pair.power_cut(15))
            first += found["first"]
            announced += found["announced"]
    return dict(first_ms=spread(first), announced_ms=spread(announced), missing=options.rounds - len(first), rss_kb=memory["Rss"],
                anonymous_kb=memory["Anonymous"])


def stop(pair):
    pair.a.stop()
    sleep(pair.limit + 1.5)


def restart(pair):
    pair.a.stop()
    pair.a.start()
    sleep(2 * pair.limit + 1)


def delete(pair):
    length = 32 if pair.lan.family == 4 else 128
    run("ip", "-n", pair.lan.space("a"), "addr", "del", f"{address(0, pair.lan.family)}/{length}", "dev", "eth0")
    sleep(pair.limit + 2)


def hand_over(pair):
    run(f"{pair.programs}/failoverctl", "--socket", f"{pair.a.base}/agent.sock", "handover", "--all")
    sleep(pair.limit + 2)


def outage(kind, programs, options, interval, version, what, family=4, lines=""):
    lost = []
    scripts = {host: ("", lines) for host in "ab"} if lines else None
    for _ in range(options.rounds):
        with Pair(kind, programs, interval=interval, version=version, client=True, scripts=scripts, family=family) as pair:
            client = Probe(pair.lan, programs, address(0, family))
            sleep(1)
            begin = time()
            what(pair)
            lost.append(client.outage(begin))
    return dict(outage_ms=spread(lost))


# ---- Many routers

def farm(kind, programs, options, count, interval=1, version=2, slack=None):
    with Pair(kind, programs, count, interval, version) as pair:
        result = dict(up_s=pair.up_after)
        cost = costs([pair.a, pair.b], count / interval, options.seconds)
        for host, name in (("a", "master"), ("b", "backup")):
            for key, value in cost[host].items():
                result[f"{name}_{key}"] = value
        calm = time()
        cut = pair.power_cut(30)
        result["false"], result["false_excused"] = false_masters(pair.wire, pair.begin, cut, slack)
        result["late"], result["longest_ms"] = gaps(pair.wire, pair.begin, calm, interval, slack)
        found = takeovers(pair.wire, count, pair.limit, cut, slack and 0.002)
        result["first_ms"], result["announced_ms"] = spread(found["first"]), spread(found["announced"])
        result["missing"], result["takeover_excused"] = found["missing"], found["excused"]
        result["stalls"], result["stalled_ms"] = len(pair.wire.late), sum(end - begin for begin, end in pair.wire.late) * 1000
        result["wire_lost"] = pair.wire.lost
        return result


def storm(kind, programs, options, count=255):
    """Addresses come and go on another interface of the master while clients ask for the status all the time (of the agent)."""
    with Pair(kind, programs, count) as pair:
        lines = ["link add other type veth peer name others", "link set other up"]
        amount, width = EVENTS // (10 if options.quick else 1), 500
        for _ in range(amount // (2 * width)):
            for verb in ("add", "del"):
                lines += [f"addr {verb} 10.77.{place // 250}.{place % 250 + 1}/32 dev other" for place in range(width)]
        askers = Askers(f"{pair.a.base}/agent.sock") if kind == "agent" else None
        sleep(0.5)
        begin, before, asked = time(), pair.a.running(), askers.answers if askers else 0
        pair.lan.batch("a", lines)
        end, after = time(), pair.a.running()
        result = dict(events=len(lines) - 2, storm_s=end - begin, events_cpu_us=(after - before) / (len(lines) - 2) * 1e6)
        if askers:
            result["answers"], result["unanswered"] = askers.answers - asked, askers.failures
            askers.close()
        sleep(pair.limit + 1)
        pair.wire.close()
        result["false"], _ = false_masters(pair.wire, pair.begin, time())
        result["late"], result["longest_ms"] = gaps(pair.wire, begin, end + 1, 1)
        result["has_died"] = pair.a.has_died()
        result["stalls"], result["stalled_ms"] = len(pair.wire.late), sum(till - since for since, till in pair.wire.late) * 1000
        return result


def with_scripts(what, *more):
    return lambda kind, programs, options: what(Pair, kind, programs, options, *more)


def many(count, **more):
    return lambda kind, programs, options: farm(kind, programs, options, count, **more)


def single(what, interval, version, *more):
    return lambda kind, programs, options: what(kind, programs, options, interval, version, *more)


VIRTUAL_MAC = "    use_vmac\n    vmac_xmit_base\n"
ALL, NO_FLOOR = ("agent", "keepalived", "floor"), ("agent", "keepalived")
LARGE = ("agent", "floor")  # a keepalived with more than 1,020 is not all up within minutes

# name: (heading, kind of table, programs, part of the short form, what to do)
CASES = {
    "takeover-v2": ("Power cut of the master: VRRPv2, 1 s", "takeover", ALL, True, single(takeover, 1, 2)),
    "takeover-v3": ("Power cut of the master: VRRPv3, 100 ms", "takeover", ALL, True, single(takeover, 0.1, 3)),
    "stop": ("Planned stop of the master: VRRPv2, 1 s", "outage", NO_FLOOR, True, single(outage, 1, 2, stop)),
    "stop-v3": ("Planned stop of the master: VRRPv3, 100 ms", "outage", NO_FLOOR, False, single(outage, 0.1, 3, stop)),
    "restart": ("Restart of the master's program, without systemd: VRRPv2, 1 s", "outage", NO_FLOOR, True, single(outage, 1, 2, restart)),
    "delete": ("Somebody deletes the address: VRRPv2, 1 s", "outage", NO_FLOOR, True, single(outage, 1, 2, delete)),
    "takeover-v6": ("IPv6, power cut of the master: VRRPv3, 1 s", "takeover", NO_FLOOR, True, single(takeover, 1, 3, 6)),
    "stop-v6": ("IPv6, planned stop of the master: VRRPv3, 1 s", "outage", NO_FLOOR, True, single(outage, 1, 3, stop, 6)),
    "restart-v6": ("IPv6, restart of the master's program, without systemd: VRRPv3, 1 s", "outage", NO_FLOOR, False,
                   single(outage, 1, 3, restart, 6)),
    "handover-v6": ("IPv6, `failoverctl handover`: VRRPv3, 1 s", "outage", ("agent",), False, single(outage, 1, 3, hand_over, 6)),
    "delete-v6": ("IPv6, somebody deletes the address: VRRPv3, 1 s", "outage", NO_FLOOR, False, single(outage, 1, 3, delete, 6)),
    "stop-vmac": ("Planned stop of the master, virtual MAC address: VRRPv2, 1 s", "outage", NO_FLOOR, False,
                  single(outage, 1, 2, stop, 4, VIRTUAL_MAC)),
    "stop-v6-vmac": ("IPv6, planned stop of the master, virtual MAC address: VRRPv3, 1 s", "outage", NO_FLOOR, False,
                     single(outage, 1, 3, stop, 6, VIRTUAL_MAC)),
    "farm-255": ("255 virtual routers, VRRPv2, 1 s", "farm", ALL, True, many(255)),
    "farm-1020": ("1,020 virtual routers, VRRPv2, 1 s", "farm", ALL, True, many(1020)),
    "farm-4080": ("4,080 virtual routers, VRRPv2, 1 s", "farm", LARGE, False, many(4080)),
    "farm-16320": ("16,320 virtual routers, VRRPv2, 1 s", "farm", LARGE, False, many(16320)),
    "fast-255": ("255 virtual routers, VRRPv3, 100 ms", "farm", ALL, False, many(255, interval=0.1, version=3)),
    "fast-20": ("20 virtual routers, VRRPv3, 10 ms", "farm", ALL, False, many(20, interval=0.01, version=3, slack=0.04)),
    "storm": ("A storm of netlink events on the master, 255 virtual routers", "storm", ALL, True, storm),
    "scripts": ("200 check scripts a second, most of them up to no good; 20 virtual routers, VRRPv3, 100 ms", "scripts",
                ("agent", "control", "keepalived"), False, with_scripts(in_the_way)),
    "result-weight": ("A check fails, with a weight: VRRPv2, 1 s", "result", NO_FLOOR, False, with_scripts(result, -150)),
    "result-fault": ("A check fails, without a weight: VRRPv2, 1 s", "result", NO_FLOOR, False, with_scripts(result, 0)),
}
