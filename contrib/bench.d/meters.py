"""What is measured: the wire, a client's outages, and what a program costs."""
import collections, ipaddress, json, os, selectors, shutil, signal, socket, statistics, struct, subprocess, threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep, time

from hosts import PER_INTERFACE, PORT_OF, address

ADVERTISEMENT, ANNOUNCEMENT, LATE, LOST = 1, 2, 3, 4
RECORD = struct.Struct("=qIHBBBB6x")


class Wire:
    """All that is said on the switches, by wire.c. Times are in seconds since 1970."""

    def __init__(self, lan, programs):
        self.path, self.family = f"{lan.work}/wire", lan.family
        self.process = lan.spawn("sw", f"{programs}/wire", self.path)
        self.sent = {"a": collections.defaultdict(list), "b": collections.defaultdict(list)}  # host: router: [(time, priority)]
        self.announced = {"a": collections.defaultdict(list), "b": collections.defaultdict(list)}  # host: address: [time]
        self.late, self.lost, self.offset = [], 0, 0
        sleep(0.2)

    def read(self):
        """Takes in what has been written down since the last time."""
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            data = file.read()
        data = data[:len(data) // RECORD.size * RECORD.size]
        self.offset += len(data)
        for when, value, port, kind, router, priority, _ in RECORD.iter_unpack(data):
            if kind == LATE:
                self.late.append((when / 1e9 - value / 1e6 - 0.001, when / 1e9))
            elif kind == LOST:
                self.lost = value
            else:
                host = "a" if port < PORT_OF["b"] else "b" if port < PORT_OF["c"] else None
                if host is None:
                    continue
                if kind == ADVERTISEMENT:
                    self.sent[host][(port - PORT_OF[host]) * PER_INTERFACE + router - 1].append((when / 1e9, priority))
                else:
                    self.announced[host][value].append(when / 1e9)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.read()

    def was_late(self, begin, end):
        """Whether the idle thread was late within a span."""
        return any(first <= end and last >= begin for first, last in self.late)


def false_masters(wire, begin, end, slack=None):
    """Routers that b advertised (not as a resignation) although a was there.
    - slack: with it, advertisements that follow a moment in which the idle thread was late within so many seconds are not counted
    - returns (how many, how many were left out)"""
    false, excused = set(), set()
    for router, sent in wire.sent["b"].items():
        for when, priority in sent:
            if begin <= when < end and priority > 0:
                (excused if slack and wire.was_late(when - slack, when) else false).add(router)
                break
    return len(false), len(excused - false)


def takeovers(wire, count, limit, cut, slack=None):
    """How long past its limit each router was taken over after the master's last advertisement, in ms.
    - returns {first, announced: [ms], missing, excused}"""
    first, announced, missing, excused = [], [], 0, 0
    for router in range(count):
        last = max((when for when, _ in wire.sent["a"][router] if when <= cut + 0.01), default=None)
        if last is None:
            missing += 1
            continue
        taken = min((when for when, priority in wire.sent["b"][router] if when > last and priority > 0), default=None)
        value = int.from_bytes(ipaddress.ip_address(address(router, wire.family)).packed[-4:], "big")
        told = min((when for when in wire.announced["b"][value] if when > last), default=None)
        if taken is None or told is None:
            missing += 1
        elif slack and wire.was_late(last + limit - slack, max(taken, told)):
            excused += 1
        else:
            first.append((taken - last - limit) * 1000)
            announced.append((told - last - limit) * 1000)
    return dict(first=first, announced=announced, missing=missing, excused=excused)


def gaps(wire, begin, end, interval, slack=None):
    """(advertisements of a that came later than half an interval, the longest gap past the interval in ms).
    - slack: with it, gaps in which the idle thread was late are left out"""
    late, longest = 0, 0.0
    for sent in wire.sent["a"].values():
        times = [when for when, _ in sent if begin <= when <= end]
        for before, after in zip(times, times[1:]):
            over = after - before - interval
            if slack and over > min(longest, interval / 2) and wire.was_late(before, after):
                continue
            late += over > interval / 2
            longest = max(longest, over)
    return late, longest * 1000


class Probe:
    """A client on host c, by probe.c."""

    def __init__(self, lan, programs, of=address(0)):
        self.path = f"{lan.work}/probe"
        open(self.path, "w").close()
        self.process = lan.spawn("c", f"{programs}/probe", of, output=self.path)

    def outage(self, after):
        """The longest run of questions without an answer, in ms; ends the client."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        longest = begin = 0.0
        with open(self.path) as file:
            for line in file:
                when, is_answered = int(line.split()[0]) / 1e9, line.split()[1] == "1"
                if when < after:
                    continue
                if is_answered:
                    longest, begin = max(longest, when - begin if begin else 0), 0.0
                else:
                    begin = begin or when
        return max(longest, time() - begin if begin else 0) * 1000


# ---- What a program costs

PERF = shutil.which("perf")


def split(program, seconds, share):
    """The user part of a program's processor time, from 0 to 1: by perf's samples, or by the kernel's ticks where perf is missing.
    - share: of one core, which it uses
    - returns None where there are too few samples to tell"""
    if PERF:
        # Some thousand samples: where a program does little, that takes many a second of what it does.
        rate = round(min(20_000, max(1_000, 5_000 / max(share * seconds, 1e-9))))
        path = f"{program.base}/perf.data"
        subprocess.run([PERF, "record", "-q", "-F", str(rate), "-e", "cpu-clock", "-o", path, "-p", ",".join(map(str, program.pids())),
                        "--", "sleep", str(seconds)], capture_output=True)
        samples = subprocess.run([PERF, "script", "-i", path, "-F", "ip"], capture_output=True, text=True).stdout.split()
        os.remove(path)
        return sum(not (len(ip) == 16 and ip.startswith("ffff")) for ip in samples) / len(samples) if len(samples) >= 20 else None
    before = program.ticks()
    sleep(seconds)
    user, system = (now - then for now, then in zip(program.ticks(), before))
    return user / (user + system) if user + system >= 20 else None


def system_calls(program, seconds):
    """How many system calls a second; by a counter in the kernel, or by strace, which slows the program down."""
    pids = program.pids()
    if PERF:
        # The counter is found in a file system that need not be mounted: it is, where nobody else sees it.
        script = 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null; exec "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", PERF, "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p",
                               ",".join(map(str, pids)), "--", "sleep", str(seconds)], capture_output=True, text=True)
        number = done.stderr.split(",")[0].strip()
        if number.isdigit():
            return int(number) / seconds
    path = f"{program.base}/strace"
    tracer = subprocess.Popen(["strace", "-c", "-f", "-o", path, *(word for pid in pids for word in ("-p", str(pid)))],
                              stderr=subprocess.DEVNULL)
    sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    with open(path) as file:
        rows = [line.split() for line in file]
    return sum(int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit() and row[-1] != "total") / seconds


def at_once(jobs):
    """What each function answers; one thread each."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(lambda job: job(), jobs))


def costs(programs, advertisements, seconds):
    """What each program needs: {host: {user_us, kernel_us (an advertisement), cpu_percent, calls (an advertisement), rss_kb, anonymous_kb}}.
    - advertisements: a second, of all routers together"""
    before, begin = [program.running() for program in programs], time()
    sleep(seconds)
    span = time() - begin
    shares = [(program.running() - then) / span for program, then in zip(programs, before)]
    share_of = dict(zip(programs, shares))
    # The counter disturbs nobody; strace does, and waits until the rest is known. An agent listens for other daemons 3 s of 30, with more calls.
    jobs = [lambda one=program: split(one, seconds, share_of[one]) for program in programs]
    counts = [lambda one=program: system_calls(one, seconds) for program in programs]
    answers = at_once(jobs + counts) if PERF else at_once(jobs) + at_once(counts)
    users, calls = answers[:len(programs)], answers[len(programs):]
    result = {}
    for program, share, user, amount in zip(programs, shares, users, calls):
        memory = program.memory()
        result[program.host] = dict(
            cpu_percent=100 * share,
            user_us=None if user is None else share * user / advertisements * 1e6,
            kernel_us=None if user is None else share * (1 - user) / advertisements * 1e6,
            calls=amount / advertisements, rss_kb=memory["Rss"], anonymous_kb=memory["Anonymous"])
    return result


class Askers(threading.Thread):
    """Clients that ask an agent for the status of all instances all the time, each as soon as it was answered."""

    QUESTION = json.dumps(dict(method="io.failoveragent.Agent.ListInstances", parameters={}, more=True)).encode() + b"\0"

    def __init__(self, path, number=64):
        super().__init__(daemon=True)
        self.path, self.number, self.answers, self.failures, self.is_over = path, number, 0, 0, False
        self.start()

    def run(self):
        chooser = selectors.DefaultSelector()

        def ask():
            client = socket.socket(socket.AF_UNIX)
            try:
                client.connect(self.path)
                client.sendall(self.QUESTION)
                chooser.register(client, selectors.EVENT_READ)
            except OSError:
                self.failures += 1
                client.close()
        for _ in range(self.number):
            ask()
        while not self.is_over:
            if not chooser.get_map():
                sleep(0.05)
                ask()
            for key, _ in chooser.select(0.1):
                try:
                    data = key.fileobj.recv(1 << 16)
                except OSError:
                    data = b""
                if not data:
                    self.failures += 1
                    chooser.unregister(key.fileobj)
                    key.fileobj.close()
                    ask()
                # The last reply of a series does not say that it continues.
                elif data.endswith(b"\0") and b'"continues":true' not in data[data.rfind(b"\0", 0, -1) + 1:]:
                    self.answers += 1
                    key.fileobj.sendall(self.QUESTION)
        for key in list(chooser.get_map().values()):
            key.fileobj.close()

    def close(self):
        self.is_over = True
        self.join()


def middle(values):
    return statistics.median(values) if values else None
