"""Hosts in network namespaces on switches, and the programs that run on them: this agent, keepalived, and the floor."""
import ctypes, os, re, shutil, signal, subprocess, tempfile
from time import monotonic, sleep

PER_INTERFACE = 255
PASSWORD = "bench"
NUMBERS = {"a": 11, "b": 12, "c": 13}  # the last octet of a host's own addresses, and the hundreds of its ports' indexes
PORT_OF = {"a": 100, "b": 200, "c": 300}
SHARED = {4: "10.200.0.0/16", 6: "fd00:200::/64"}  # where the shared addresses are


def run(*words, check=True, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def wait_until(condition, seconds, step=0.05):
    """Whether it came true in time."""
    end = monotonic() + seconds
    while not condition():
        if monotonic() > end:
            return False
        sleep(step)
    return True


class Lan:
    """A switch for each interface eth0, eth1, ... of the hosts a and b, and with `client` of c. Everything goes at the end."""

    def __init__(self, interfaces=1, client=False, family=4):
        self.interfaces, self.hosts, self.family = interfaces, "abc" if client else "ab", family
        self.name, self.work, self.children = f"fobench-{os.getpid()}", tempfile.mkdtemp(prefix="fobench-", dir="/run"), []

    def space(self, host):
        return f"{self.name}-{host}"

    def batch(self, host, lines):
        """Many commands of ip in the namespace of a host, or of the switches ("sw")."""
        run("ip", "-n", self.space(host), "-batch", "-", text="\n".join(lines) + "\n")

    def __enter__(self):
        try:
            for host in ("sw", *self.hosts):
                run("ip", "netns", "add", self.space(host))
                self.batch(host, ["link set lo up"])
            lines = []
            for number in range(self.interfaces):
                # The ports have indexes below 1000: wire.c hears those.
                lines += [f"link add br{number} index {1000 + number} type bridge mcast_snooping 0", f"link set br{number} up"]
                for host in self.hosts:
                    port = f"{host}{number}"
                    lines += [f"link add {port} index {PORT_OF[host] + number} type veth peer name eth{number} netns {self.space(host)}",
                              f"link set {port} master br{number} up"]
            self.batch("sw", lines)
            for host in self.hosts:
                lines = []
                for number in range(self.interfaces):
                    own = f"10.99.{number}.{NUMBERS[host]}/24" if self.family == 4 else f"fd00:99:{number}::{NUMBERS[host]}/64 nodad"
                    lines += [f"link set eth{number} up", f"addr add {own} dev eth{number}"]
                self.batch(host, lines + ([f"route add {SHARED[self.family]} dev eth0"] if host == "c" else []))
            if self.family == 6 and not wait_until(self.has_sources, 10):
                raise RuntimeError("a host has no link-local address")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # A runner that is told to stop ends what its scripts have left, wherever they are.
        runners = [child for child in self.children if child.poll() is None and child.args[0].endswith("/failover-scripts")]
        for runner in runners:
            runner.send_signal(signal.SIGTERM)
        end = monotonic() + 10
        while any(runner.poll() is None for runner in runners) and monotonic() < end:
            sleep(0.05)
        for child in self.children:
            if child.poll() is None:
                try:
                    os.killpg(child.pid, signal.SIGKILL)
                except OSError:
                    pass
            child.wait()
        for host in ("sw", *self.hosts):
            for process in run("ip", "netns", "pids", self.space(host), check=False).split():
                try:
                    os.kill(int(process), signal.SIGKILL)
                except OSError:
                    pass
            run("ip", "netns", "del", self.space(host), check=False)
        shutil.rmtree(self.work, ignore_errors=True)

    def has_sources(self):
        """Every interface of the hosts has passed the detection of duplicates."""
        shown = [run("ip", "-n", self.space(host), "-6", "-o", "addr", "show", "scope", "link") for host in self.hosts]
        return all(text.count("inet6") == self.interfaces and "tentative" not in text for text in shown)

    def spawn(self, host, *words, output=None):
        """A process on a host, in a process group of its own."""
        path = f"/run/netns/{self.space(host)}"

        def enter():
            with open(path) as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000) != 0:
                    os._exit(71)
        with open(output or f"{self.work}/{host}.log", "a") as file:
            child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT if not output else None,
                                     preexec_fn=enter, start_new_session=True)
        self.children.append(child)
        return child

    def shared(self, host):
        """How many shared addresses a host has."""
        return run("ip", "-n", self.space(host), "-o", "addr", "show", check=False).count(f" {SHARED[self.family][:7]}")

    def cut(self, host):
        """Pulls every cable of a host."""
        self.batch("sw", [f"link set {host}{number} down" for number in range(self.interfaces)])


def address(router, family=4):
    interface, number = router // PER_INTERFACE, router % PER_INTERFACE + 1
    return f"10.200.{interface}.{number}" if family == 4 else f"fd00:200::{interface:x}:{number:x}"


def configuration(count, state, priority, interval, version, scripts=("", ""), family=4):
    """For the agent and keepalived; `interval` in seconds, `scripts` what stands above all routers, and in the first."""
    text = [scripts[0]]
    for router in range(count):
        extra = "    version 3" if version == 3 else f"    authentication {{\n        auth_type PASS\n        auth_pass {PASSWORD}\n    }}"
        text.append(f"""vrrp_instance R{router} {{
    state {state}
    interface eth{router // PER_INTERFACE}
    virtual_router_id {router % PER_INTERFACE + 1}
    priority {priority}
    advert_int {interval:g}
{extra}
{"" if router else scripts[1]}    virtual_ipaddress {{
{link_local(router) if family == 6 else ""}        {address(router, family)}
    }}
}}
""")
    return "".join(text)


def link_local(router):
    """What an instance of IPv6 has to begin with (RFC 9568, 5.2.9)."""
    return f"        fe80::200:{router // PER_INTERFACE:x}:{router % PER_INTERFACE + 1:x}\n"


class Program:
    """A VRRP program on a host."""

    def __init__(self, lan, host, kind, programs, count=1, interval=1, version=2, scripts=None):
        self.lan, self.host, self.kind, self.base = lan, host, kind, f"{lan.work}/{host}"
        self.programs, self.runner = programs, None  # failover-scripts, where there are scripts
        is_master = host == "a"
        priority = 200 if is_master else 100
        os.makedirs(self.base, exist_ok=True)
        if kind == "floor":
            role = "master" if is_master else "backup"
            self.command = [f"{programs}/floor", role, str(version), str(round(interval * 1000)), str(priority), str(count)]
            return
        with open(f"{self.base}/conf", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            blocks, lines = scripts or ("", "")
            file.write(configuration(count, "MASTER" if is_master else "BACKUP", priority, interval, version,
                                     (blocks.replace("BASE", self.base), lines), lan.family))
        if kind == "keepalived":
            self.command = f"keepalived -nlP -f {self.base}/conf -p {self.base}/pid -r {self.base}/vrrp.pid".split()
        else:
            self.command = [f"{programs}/failover-agent", "--config", f"{self.base}/conf", "--socket", f"{self.base}/agent.sock"]
            if scripts:
                open(f"{self.base}/environment", "w").close()
                self.command += ["--runner", f"{self.base}/runner.sock", "--environment", f"{self.base}/environment"]
                self.start_runner()

    def start_runner(self):
        self.runner = self.lan.spawn(self.host, f"{self.programs}/failover-scripts", "--listen", f"{self.base}/runner.sock", "--config",
                                     f"{self.base}/conf", "--environment", f"{self.base}/environment", "--state", f"{self.base}/plans",
                                     "--agent-user", "root")
        wait_until(lambda: os.path.exists(f"{self.base}/runner.sock"), 5)

    def kill_runner(self):
        self.runner.kill()
        self.runner.wait()

    def runner_memory(self):
        """Resident, in kB, without the scripts."""
        with open(f"/proc/{self.runner.pid}/smaps_rollup") as file:
            return int(re.search(r"^Rss: +(\d+) kB", file.read(), re.M)[1])

    def start(self):
        # As the units start them: Debian's gives keepalived no priority.
        nice = [] if self.kind in ("keepalived", "floor") else ["nice", "-n", "-10"]
        self.process = self.lan.spawn(self.host, *nice, *self.command)

    def pids(self):
        """The process and its descendants."""
        found, open_ends = [], [self.process.pid]
        while open_ends:
            pid = open_ends.pop()
            try:
                with open(f"/proc/{pid}/task/{pid}/children") as file:
                    open_ends += map(int, file.read().split())
                found.append(pid)
            except OSError:
                pass
        return found

    def has_died(self):
        return self.process.poll() is not None

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def lose_power(self, pause=0):
        """The host is gone at once: nothing more leaves, and nothing more answers.
        - pause: seconds before the cables are pulled; to do that keeps the machine busy"""
        for pid in self.pids():
            os.kill(pid, signal.SIGSTOP)
        sleep(pause)
        self.lan.cut(self.host)
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    # ---- What it costs

    def running(self):
        """Seconds of processor time since its start, to the nanosecond."""
        total = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def ticks(self):
        """(user, system): the kernel samples these 250 times a second, or so."""
        user = system = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        return user, system

    def memory(self):
        """{Rss, Pss, Anonymous} in kB, of its own processes: keepalived's checks are its children."""
        total = dict.fromkeys(("Rss", "Pss", "Anonymous"), 0)
        own = open(f"/proc/{self.process.pid}/comm").read()
        for pid in self.pids():
            # One may have ended since it was listed.
            try:
                if open(f"/proc/{pid}/comm").read() != own:
                    continue
                text = open(f"/proc/{pid}/smaps_rollup").read()
            except OSError:
                continue
            for key, value in re.findall(r"^(\w+): +(\d+) kB", text, re.M):
                if key in total:
                    total[key] += int(value)
        return total
