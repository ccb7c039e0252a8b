"""The LAN of the soak: hosts in network namespaces on one switch, the programs on them, and all that those say."""
import collections, ctypes, json, os, random, re, shutil, signal, socket, string, struct, subprocess, tempfile, threading
from time import monotonic, sleep

SHARED, *OTHERS = ADDRESSES = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]  # The client asks for the first.
ADDED = "192.0.2.4"  # by a reload, for a while

# Only the first is advertised: a keepalived 2.2.7 drops advertisements with another list of addresses than its own, and a reload
# changes the list on one host.
CONFIGURATION = """\
vrrp_instance Instance1 {
    state %s
    interface eth0
    virtual_router_id 10
    priority %d
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass %s
    }
    virtual_ipaddress {
        %s
    }
    virtual_ipaddress_excluded {
        %s
    }%s
}
"""

# What agents have beside keepalived: a check that a fault lets fail, and scripts that are in the way. Those with a weight never
# succeed, and so change no priority.
SCRIPTS = """vrrp_script service {
    script "/usr/bin/test ! -e BASE.fails"
    interval 1
}
vrrp_script hangs {
    script "/bin/sleep 100"
    interval 1
    weight 1
}
vrrp_script forks {
    script "/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 50 & done; exit 1'"
    interval 2
    weight 1
}
vrrp_script floods {
    script "/bin/sh -c 'head -c 20000000 /dev/zero; exit 1'"
    interval 3
    weight 1
}
"""
TRACKING = """
    track_script {
        service
        hangs
        forks
        floods
    }
    notify "/bin/sh -c 'echo $@ >>BASE.calls' notify"
"""


class Host:
    """A host in a namespace of its own, and the program on it: an agent (a, b) or a keepalived (k)."""

    def __init__(self, lab, name, number=0):
        self.lab, self.name, self.is_agent, self.priority = lab, name, name in "ab", 111 - number
        self.space, self.own, self.base = f"{lab.name}-{name}", f"192.0.2.{number}/24", f"{lab.work}/{name}"
        self.runner = None  # failover-scripts
        self.process, self.rng, self.lines, self.memory = None, lab.rng, collections.deque(maxlen=400), []
        self.reigns = []  # when a keepalived became master
        self.is_wanted = self.is_stalled = self.is_busy = self.is_handed_over = False
        self.started = self.touched = 0.0  # when its program was started; when the last fault here was over
        self.kills = 0  # in a row, each within a minute of the start before
        self.stray_since = None

    def enter(self):
        """What this thread does from now on, it does on this host."""
        with open(f"/run/netns/{self.space}") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def ip(self, words, check=True):
        return self.lab.run("ip", "-n", self.space, *words.split(), check=check)[1]

    def nft(self, text):
        self.lab.run("ip", "netns", "exec", self.space, "nft", text)

    def shared(self):
        """The shared addresses that it has."""
        return {*ADDRESSES, ADDED} & set(re.findall(r"inet ([0-9.]+)", self.ip("-4 -o addr show dev eth0", check=False)))

    def holds(self):
        return SHARED in self.shared()

    def plug_in(self):
        """A new interface, with a cable to the switch."""
        self.lab.switch.ip(f"link add p-{self.name} type veth peer name eth0 netns {self.space}")
        self.lab.switch.ip(f"link set p-{self.name} master br0 up")
        self.set_own("add")

    def cable(self, state):
        self.lab.switch.ip(f"link set p-{self.name} {state}")

    def link(self, state):
        self.ip(f"link set eth0 {state}")
        if state == "up":  # a route that does not go with the host's own address: clients are answered meanwhile
            self.ip("route replace 192.0.2.0/24 dev eth0 metric 500")

    def set_own(self, verb):
        self.ip(f"addr {verb} {self.own} dev eth0")
        self.link("up")  # with its last address the kernel drops the routes of an interface

    def configure(self, others=OTHERS, is_broken=False):
        text = CONFIGURATION % ("MASTER" if self.name == "a" else "BACKUP", self.priority, self.lab.password, SHARED,
                                "\n        ".join(others), TRACKING.replace("BASE", self.base) if self.is_agent else "")
        if self.is_agent:
            text = SCRIPTS.replace("BASE", self.base) + text
        if is_broken:
            text = text[:int(self.rng.choice([0, self.rng.uniform(0.01, 0.95), 1]) * len(text))] + "nonsense\n"
        with open(f"{self.base}.conf", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)

    def start(self):
        command = f"keepalived -nlDP -f {self.base}.conf -p {self.base}/pid -r {self.base}/vrrp.pid"
        if self.is_agent:
            command = f"{self.lab.programs}/failover-agent --config {self.base}.conf --socket {self.base}.sock"
            command += f" --state-dir {self.base} --environment {self.base}.environment --runner {self.base}.runner.sock"
            self.start_runner()
        self.process = self.lab.spawn(self, *command.split())
        self.started, self.is_wanted = monotonic(), True

    def start_runner(self):
        if self.runner is None or self.runner.poll() is not None:
            open(f"{self.base}.environment", "a").close()
            command = f"{self.lab.programs}/failover-scripts --listen {self.base}.runner.sock --config {self.base}.conf"
            command += f" --environment {self.base}.environment --state {self.base}.plans --agent-user root"
            self.runner = self.lab.spawn(self, *command.split())

    def kill_runner(self):
        os.kill(self.runner.pid, signal.SIGKILL)
        self.runner.wait()

    def stop(self):
        self.is_wanted, self.kills = False, 0
        self.process.terminate()
        code = self.process.wait(15)
        if code != 0 and self.is_agent:
            self.lab.violation(f"{self.name}: exit code {code} after SIGTERM")

    def kill(self):
        self.is_wanted, self.kills = False, self.kills + 1 if monotonic() - self.started < 60 else 1
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number):
        os.killpg(self.process.pid, number)  # keepalived is two processes

    def control(self, *words):
        return self.lab.run(f"{self.lab.programs}/failoverctl", *words, "--socket", f"{self.base}.sock", check=False)

    def status(self):
        code, output = self.control("status", "--json")
        return json.loads(output.splitlines()[0])["instance"] if code == 0 and output else {}

    def expect(self, what, condition):
        """Waits until it is so. What an agent does at once may take three seconds on a busy machine."""
        until = monotonic() + 3
        while not condition():
            if monotonic() > until:
                if self.lab.under_way() < 2:  # else another fault may be to blame
                    self.lab.violation(f"{self.name}: not within 3 s: {what}")
                break
            sleep(0.02)


class Lab:
    """All hosts, what has happened (faults.Case), what the client has lost, and what was violated."""

    def __init__(self, programs, seed):
        self.programs, self.rng, self.begin = programs, random.Random(seed), monotonic()
        self.name, self.work = f"fosoak-{os.getpid()}", tempfile.mkdtemp(prefix="fosoak-", dir="/run")
        self.password = "".join(self.rng.choices(string.ascii_letters + string.digits, k=8))
        self.lock, self.is_over, self.cases, self.violations, self.crashes = threading.RLock(), False, [], [], 0
        self.outages, self.probes, self.lost = [], 0, 0
        self.switch, self.hosts = Host(self, "sw"), {name: Host(self, name, 11 + n) for n, name in enumerate("abkc")}
        self.routers, self.agents = [self.hosts[name] for name in "abk"], [self.hosts[name] for name in "ab"]

    def build(self):
        for host in (self.switch, *self.hosts.values()):
            self.run("ip", "netns", "add", host.space)
            host.ip("link set lo up")
        self.switch.ip("link add br0 type bridge mcast_snooping 0")
        self.switch.ip("link set br0 up")
        for host in self.hosts.values():
            host.plug_in()
        for host in self.routers:
            os.mkdir(host.base)
            host.configure()
            host.start()

    def tear_down(self):
        with self.lock:
            self.is_over = True
        for host in (self.switch, *self.hosts.values()):
            for process in subprocess.run(["ip", "netns", "pids", host.space], stdout=subprocess.PIPE, check=False).stdout.split():
                os.kill(int(process), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", host.space], check=False)
        shutil.rmtree(self.work, ignore_errors=True)

    def run(self, *command, check=True):
        """A tool, to its end. Returns its exit code and all that it said."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", timeout=60, check=False, start_new_session=True)
        output = self.search(os.path.basename(command[0]), done.stdout)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {output}")
        return done.returncode, output

    def spawn(self, host, *command):
        """A program on a host. What it says is read at once, so that it never waits for a reader, and kept with the time."""
        with self.lock:
            if self.is_over:
                raise RuntimeError("it is over")
            process = subprocess.Popen(
                ["ip", "netns", "exec", host.space, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})

        def read():
            for line in process.stdout:
                host.lines.append((self.now(), self.search(host.name, line.decode(errors="replace").rstrip())))
                if b"Entering MASTER STATE" in line:
                    host.reigns.append(monotonic())
        threading.Thread(target=read, daemon=True).start()
        return process

    def probe(self):
        """The client, in a thread of its own. A probe is lost if its answer comes after twenty more were sent: by count and not by
        time, because this machine may be busy. An outage: when the last answered probe before and the first after it were sent."""
        self.hosts["c"].enter()
        os.nice(-10)  # this thread only
        client, cookie = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), os.urandom(8)
        last, last_sent = -1, monotonic()
        due = last_sent
        while not self.is_over:
            body = cookie + struct.pack("!Qd", self.probes, monotonic())
            try:
                client.sendto(struct.pack("!HH", 0x0800, checksum(b"\x08\0" + body)) + body, (SHARED, 0))
            except OSError:
                pass  # nobody is known to have it
            self.probes, due = self.probes + 1, max(due + 0.005, monotonic() - 0.05)
            while True:
                left = due - monotonic()
                client.settimeout(max(left, 0))
                try:
                    packet = client.recv(256)
                except OSError:
                    if left <= 0:
                        break
                    continue
                if packet[20] != 0 or packet[24:32] != cookie:
                    continue
                number, sent = struct.unpack("!Qd", packet[32:48])
                if self.probes - number <= 20 and number > last:
                    if number > last + 1:
                        self.lost += number - last - 1
                        self.outages.append((last_sent, sent, number - last - 1))
                    last, last_sent = number, sent

    # ---- What the soak says

    def now(self):
        return monotonic() - self.begin

    def search(self, who, text):
        """Nobody may tell the password. Returns the text without it."""
        if self.password in text:
            text = text.replace(self.password, "(password)")
            self.violation(f"{who} tells the password: {text[-300:]}")
        return text

    def say(self, text):
        print(self.search("the soak", text), flush=True)

    def tell(self, text):
        self.say(f"{self.now():8.2f} s  {text}")

    def violation(self, text):
        with self.lock:
            if self.is_over:
                return
            self.violations.append(f"{self.now():8.2f} s  {text}")
            self.tell(f"VIOLATION: {text}")
            for case in self.cases[-6:]:
                self.say(f"{'':12}{case.begin - self.begin:8.2f} to {case.end - self.begin:8.2f} s  {case}")
            for host in self.routers:
                for when, line in list(host.lines)[-8:]:
                    self.say(f"{'':12}{host.name}: {when:8.3f} s  {line[:200]}")

    def under_way(self):
        """How many faults are under way, or not settled."""
        return sum(case.concerns(monotonic(), monotonic()) for case in self.cases[-20:])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
