"""The results as Markdown."""
import os, platform, re, subprocess
from datetime import datetime, timezone

from cases import CASES

# kind of table: [(what, metric, digits, scale)]
ROWS = {
    "takeover": [("first advertisement past the limit, ms", "first_ms", 2, 1),
                 ("first announcement past the limit, ms", "announced_ms", 2, 1),
                 ("takeovers that did not come", "missing", 0, 1), ("resident, one router, MB", "rss_kb", 1, 1 / 1024),
                 ("of it the program's own (anonymous), MB", "anonymous_kb", 1, 1 / 1024)],
    "outage": [("longest time without an answer to a client, ms", "outage_ms", 0, 1)],
    "farm": [("all up after, s (– : not within 90 s)", "up_s", 1, 1), ("false masters over the whole run", "false", 0, 1),
             ("advertisements later than half an interval", "late", 0, 1), ("longest gap past the interval, ms", "longest_ms", 0, 1),
             ("takeover after a power cut past the limit, ms", "first_ms", 1, 1),
             ("announcement past the limit, ms", "announced_ms", 1, 1), ("routers not taken over within 30 s", "missing", 0, 1),
             *((f"{role}: {what}", f"{role}_{key}", digits, scale) for role in ("master", "backup") for what, key, digits, scale in (
                 ("user time an advertisement, µs", "user_us", 1, 1), ("kernel time an advertisement, µs", "kernel_us", 1, 1),
                 ("processor, % of one core", "cpu_percent", 1, 1), ("system calls an advertisement", "calls", 3, 1),
                 ("resident, MB", "rss_kb", 1, 1 / 1024), ("memory a further router, kB", "growth_kb", 2, 1))),
             ("false masters left out: the machine was late", "false_excused", 0, 1),
             ("takeovers left out: the machine was late", "takeover_excused", 0, 1),
             ("the idle thread was late, times", "stalls", 0, 1), ("… in all, ms", "stalled_ms", 0, 1),
             ("frames that the recorder lost", "wire_lost", 0, 1)],
    "storm": [("events", "events", 0, 1), ("they took, s", "storm_s", 1, 1),
              ("processor time an event, with the answers, µs", "events_cpu_us", 1, 1),
              ("answers to 64 clients meanwhile", "answers", 0, 1), ("questions without an answer", "unanswered", 0, 1),
              ("false masters", "false", 0, 1), ("advertisements later than half an interval", "late", 0, 1),
              ("longest gap past the interval, ms", "longest_ms", 0, 1), ("the idle thread was late, times", "stalls", 0, 1),
              ("… in all, ms", "stalled_ms", 0, 1)],
    "scripts": [("advertisements", "advertisements", 0, 1), ("later than the interval, ms: the middle", "late_50", 2, 1),
                ("99 of 100", "late_99", 2, 1), ("999 of 1,000", "late_999", 2, 1), ("the latest", "late_most", 1, 1),
                ("false masters", "false", 0, 1), ("memory that the VRRP program grew by, kB", "growth_kb", 0, 1),
                ("the most that failover-scripts had, MB", "runner_kb", 1, 1 / 1024), ("the idle thread was late, times", "stalls", 0, 1),
                ("… in all, ms", "stalled_ms", 0, 1)],
    "result": [("from the script's end to the advertisement, ms", "told_ms", 0, 1),
               ("… to the other host's first advertisement, ms", "taken_ms", 0, 1), ("takeovers that did not come", "missing", 0, 1)],
}
# Told only where it is not 0.
SELDOM = {"false_excused", "takeover_excused", "wire_lost", "missing", "unanswered"}
PIECES = " Put together from several runs, the last one at that time."
NO_RATIO = {"advertisements", "growth_kb", "runner_kb", "events", "stalls", "stalled_ms", "wire_lost", "storm_s"}


def machine(programs):
    """What the figures were measured on."""
    with open("/proc/cpuinfo") as file:
        models = re.findall(r"model name\s*: (.*)", file.read())
    version = subprocess.run([f"{programs}/failover-agent", "--version"], capture_output=True, text=True).stdout.strip()
    keepalived = subprocess.run(["keepalived", "--version"], capture_output=True, text=True)
    return dict(date=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), kernel=platform.release(),
                processor=models[0] if models else platform.machine(), cores=os.cpu_count(), agent=version,
                keepalived=(keepalived.stderr + keepalived.stdout).split("\n")[0].split(" (")[0])


def number(value, digits, scale):
    if value is None:
        return "–"
    if isinstance(value, dict):
        middle, least, most = (number(value[key], digits, scale) for key in ("middle", "least", "most"))
        return f"{middle} [{least} … {most}]"
    return f"{value * scale:,.{digits}f}"


def ratio(one, other, of="middle"):
    """How many times the other; of values with a spread, the one named."""
    one, other = (value[of] if isinstance(value, dict) else value for value in (one, other))
    if one is None or other is None or one <= 0 or other <= 0:
        return ""
    return f"{one / other:.2f}"


def add_growth(results):
    """The memory of a further router, against a run with one."""
    for result in results["results"].values():
        for program, values in result.items():
            alone = results["results"].get("takeover-v2", {}).get(program)
            count = values.get("count")
            if alone and count and "error" not in values and "error" not in alone:
                for role in ("master", "backup"):
                    values[f"{role}_growth_kb"] = (values[f"{role}_rss_kb"] - alone["rss_kb"]) / (count - 1)


def flatness(results):
    """The agent's user time an advertisement, against that of 255 routers."""
    base = results.get("farm-255", {}).get("agent", {})
    lines = []
    for name in ("farm-1020", "farm-4080", "farm-16320"):
        values = results.get(name, {}).get("agent", {})
        found = [ratio(values.get(f"{role}_user_us"), base.get(f"{role}_user_us")) for role in ("master", "backup")]
        if any(found):
            lines.append(f"| {name[5:]} | {' | '.join(found)} |")
    return ["## Does the cost of a router grow with their number?", "", "The agent's user time an advertisement, over that at 255 routers.", "",
            "| routers | master | backup |", "|---|---:|---:|", *lines, ""] if lines else []


def markdown(results):
    on = results["machine"]
    lines = ["# Measured", "", f"By `contrib/bench{' quick' if results['quick'] else ''}` on {on['date']}: Linux {on['kernel']}, {on['processor']}, "
             f"{on['cores']} cores; {on['agent']}; {on['keepalived']}. What happens to one router {results['rounds']} times; processor time over "
             f"{results['seconds']:g} s.{PIECES if results.get('is_in_pieces') else ''}", "",
             "Two hosts in network namespaces of one machine share its cores, with the recorder of the wire: compare what stands side by side, not",
             "with another machine. The floor is `contrib/bench.d/floor.c`: the same packets at the same times, with no election and no check. A",
             "middle stands with its extremes; a ratio is of the middles, and with many routers of the largest. The limit is the master",
             "down interval after the master's last advertisement. User and kernel time are told apart by samples, their sum is exact. The kernel's",
             "time as master has the whole way of a packet over the virtual cables in it, to the other host's socket.", ""]
    for name, (heading, kind, programs, _, _) in CASES.items():
        found = results["results"].get(name)
        if not found:
            continue
        columns = [program for program in programs if program in found]
        of = "most" if kind == "farm" else "middle"  # of many routers the last one counts
        others = [program for program in columns if program != "agent"] if "agent" in columns else []
        lines += [f"## {heading}", "", f"| | {' | '.join(columns)} |{''.join(f' agent / {other} |' for other in others)}",
                  "|---|" + "---:|" * (len(columns) + len(others))]
        for what, key, digits, scale in ROWS[kind]:
            values = [found[column].get(key) for column in columns]
            if all(value is None for value in values) or (key in SELDOM and not any(values)):
                continue
            ratios = ["" if key in NO_RATIO else ratio(found["agent"].get(key), found[other].get(key), of) for other in others]
            lines.append(f"| {' | '.join([what, *(number(value, digits, scale) for value in values), *ratios])} |")
        lines += [f"\n{column}: {found[column]['error']}" for column in columns if "error" in found[column]] + [""]
    return "\n".join(lines + flatness(results["results"])).rstrip() + "\n"
