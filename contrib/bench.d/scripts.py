"""Scripts: what checks in the way cost the advertisements, and how soon a result is on the wire."""
import os, signal, statistics, subprocess, sys, threading
from time import monotonic, sleep, time

from hosts import wait_until
from meters import false_masters, middle, takeovers

# So many of each kind; every second each.
STORM = [("fine", 130, "/bin/true"), ("hangs", 50, "/bin/sleep 1000"),
         ("forks", 10, "/bin/sh -c 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); /bin/sleep 1000 & done; wait'"),
         ("floods", 10, "/usr/bin/head -c 1000000000 /dev/zero")]


def storm_checks():
    """vrrp_script blocks, and the lines that track them: with weights that change no priority, for what hangs fails."""
    blocks, lines = [], []
    for kind, count, command in STORM:
        for number in range(count):
            blocks.append(f'vrrp_script {kind}{number} {{\n    script "{command}"\n    interval 1\n    weight 0\n}}\n')
            # One that never succeeds adds nothing, and one that always does adds to a sum that is cut at 254.
            lines.append(f"        {kind}{number} weight 1\n")
    return "".join(blocks), "    track_script {\n" + "".join(lines) + "    }\n"


class Outside:
    """The same scripts, started by a program that has nothing to do with the agent, each ended after its second."""

    def __init__(self):
        self.is_over = False
        self.threads = [threading.Thread(target=self.run, args=(command,), daemon=True) for _, count, command in STORM for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self, command):
        while not self.is_over:
            begin = monotonic()
            # In a process group of its own, its output thrown away.
            child = subprocess.Popen(["/bin/sh", "-c", f"{command} >/dev/null"], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                child.wait(1)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except OSError:
                pass
            child.wait()
            sleep(max(begin + 1 - monotonic(), 0))

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join(5)


def lateness(wire, begin, end, interval):
    """How much later than the interval each advertisement of a came, in ms, sorted."""
    late = []
    for sent in wire.sent["a"].values():
        times = [when for when, _ in sent if begin <= when <= end]
        late += [(max(after - before - interval, 0) * 1000, after - begin) for before, after in zip(times, times[1:])]
    late.sort()
    # For whoever looks for the reason: when the worst of them were.
    print("bench: the latest, ms after the interval at s: " + ", ".join(f"{ms:.0f} at {at:.2f}" for ms, at in late[-25:]), file=sys.stderr)
    return late


# One in 1,000 advertisements is one tick of all routers in a round of 45 s: so there are several rounds, looked at together.
ROUNDS = 3


def in_the_way(pair_type, kind, programs, options, count=20):
    """200 checks each second, most of them up to no good; the runner is killed and stopped meanwhile."""
    rounds = [one_round(pair_type, kind, programs, 15 if options.quick else 45, count)
              for _ in range(1 if options.quick else ROUNDS)]
    late = sorted(ms for found in rounds for ms, _ in found["late"])
    if not late:
        raise RuntimeError("nothing was advertised")
    return dict(advertisements=len(late), late_50=late[len(late) // 2], late_99=late[len(late) * 99 // 100],
                late_999=late[len(late) * 999 // 1000], late_most=late[-1], false=sum(found["false"] for found in rounds),
                growth_kb=max(found["growth_kb"] for found in rounds), runner_kb=max(found["runner_kb"] for found in rounds) or None,
                stalls=sum(found["stalls"] for found in rounds), stalled_ms=sum(found["stalled_ms"] for found in rounds))


def one_round(pair_type, kind, programs, seconds, count):
    blocks, lines = storm_checks()
    has_scripts = kind != "control"
    with pair_type("agent" if kind == "control" else kind, programs, count, interval=0.1, version=3,
                   scripts=dict(a=(blocks, lines)) if has_scripts else None) as pair:
        outside = None if has_scripts else Outside()
        sleep(3)
        begin, before = time(), pair.a.memory()["Rss"]
        runner = pair.a.runner if kind == "agent" else None
        most = 0
        for step in range(seconds):
            if runner and step == seconds // 3:
                pair.a.kill_runner()
            if runner and step == seconds // 3 + 2:
                pair.a.start_runner()
            if runner and step in (seconds * 2 // 3, seconds * 2 // 3 + 3):
                pair.a.runner.send_signal(signal.SIGSTOP if step == seconds * 2 // 3 else signal.SIGCONT)
            if runner and pair.a.runner.poll() is None:
                most = max(most, pair.a.runner_memory())
            sleep(1)
        end, after = time(), pair.a.memory()["Rss"]
        if outside:
            outside.end()
        pair.wire.close()
        return dict(late=lateness(pair.wire, begin, end, 0.1), false=false_masters(pair.wire, begin, end)[0], growth_kb=after - before,
                    runner_kb=most, stalls=len(pair.wire.late),
                    stalled_ms=sum(till - since for since, till in pair.wire.late) * 1000)


def result(pair_type, kind, programs, options, weight):
    """From the end of a script that fails to the advertisement that says so, and to the other host's first one."""
    told, taken = [], []
    for _ in range(options.rounds):
        block = """vrrp_script service {
    script "/bin/sh BASE/check"
    interval 1
}
"""
        with pair_type(kind, programs, scripts=dict(a=(block, f"    track_script {{\n        service weight {weight}\n    }}\n")),
                       before=write_check) as pair:
            sleep(2)
            open(f"{pair.a.base}/fails", "w").close()
            wait_until(lambda: os.path.exists(f"{pair.a.base}/ends"), 5, 0.01)
            wait_until(lambda: pair.has_taken(time() - 4), 8, 0.05)
            sleep(1)
            pair.wire.close()
            with open(f"{pair.a.base}/ends") as file:
                end = int(file.readline()) / 1e9
            own = [when for when, priority in pair.wire.sent["a"][0] if when > end and priority != 200]
            other = [when for when, priority in pair.wire.sent["b"][0] if when > end and priority > 0]
            if own and other:
                told.append((own[0] - end) * 1000)
                taken.append((other[0] - end) * 1000)
    spread = lambda values: dict(middle=middle(values), least=min(values), most=max(values)) if values else None
    return dict(told_ms=spread(told), taken_ms=spread(taken), missing=options.rounds - len(told))


def write_check(base):
    """A check that fails while there is a file, and writes down when it ends then."""
    with open(f"{base}/check", "w") as file:
        file.write(f'[ -e {base}/fails ] || exit 0\ndate +%s%N >>{base}/ends\nexit 1\n')
