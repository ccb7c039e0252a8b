import Scripts
import Testing

@Suite("How a script is started")
struct LaunchTests {
    private func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }

    @Test("The order is written as arguments, and read from them")
    func words() {
        let order = LaunchOrder(
            user: 1000, group: 100, groups: [4, 24], controlGroup: "/sys/fs/cgroup/x",
            arguments: bytes(["/x", "--exec", ""]))
        #expect(order.words.words == ["--exec", "1000", "100", "4,24", "/sys/fs/cgroup/x", "/x", "--exec", ""])
        #expect(LaunchOrder(words: order.words) == order)
        let plain = LaunchOrder(user: 0, group: 0, arguments: [Array("/x".utf8), [0xFF]])
        #expect(LaunchOrder(words: plain.words) == plain)
    }

    @Test(
        "Words that are no order start nothing",
        arguments: [
            [], ["--exec"], ["--exec", "0", "0", "", ""], ["--exec", "0", "0", "", "", "x"],
            ["exec", "0", "0", "", "", "/x"],
            ["--exec", "-1", "0", "", "", "/x"], ["--exec", "4294967295", "0", "", "", "/x"],
            ["--exec", "0", "", "", "", "/x"],
            ["--exec", "0", "0", "1,,2", "", "/x"], ["--exec", "0", "0", "a", "", "/x"],
            ["--exec", "0", "0", "", "cgroup", "/x"],
            ["--exec", "+5", "0", "", "", "/x"],
        ])
    func nonsense(words: [String]) {
        #expect(LaunchOrder(words: bytes(words)) == nil)
    }

    @Test(
        "Scripts get the runner's environment, without what changes how programs are loaded, or is the runner's alone")
    func environment() {
        let own = [
            "PATH=/bin", "LANG=C", "LD_PRELOAD=/x", "IFS=,", "NOTIFY_SOCKET=/run/x", "LISTEN_FDS=1", "BASH_ENV=/x",
            "X=a=b", "odd",
        ]
        #expect(ScriptEnvironment.of(own) == ["PATH=/bin", "LANG=C", "X=a=b"])
        #expect(ScriptEnvironment.of([]) == ["PATH=\(ScriptEnvironment.standardPath)"])
    }

    @Test(
        "A bare name is looked for in PATH; a name with a slash is a path, and never one below wherever the runner is")
    func search() {
        let environment = ["PATH=/a::b:/c"]
        #expect(ScriptEnvironment.candidates(for: "killall", in: environment) == ["/a/killall", "/c/killall"])
        #expect(ScriptEnvironment.candidates(for: "/bin/x", in: environment) == ["/bin/x"])
        #expect(ScriptEnvironment.candidates(for: "bin/x", in: environment) == ["/bin/x"])
        #expect(ScriptEnvironment.candidates(for: "", in: environment).isEmpty)
    }

    @Test(
        "The own control group is found where version 2 of them is mounted",
        arguments: [
            (
                "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw", "0::/system.slice/x.service",
                "/sys/fs/cgroup/system.slice/x.service"
            ),
            ("30 23 0:26 / /sys/fs/cgroup/unified rw - cgroup2 none rw", "4:memory:/a\n0::/", "/sys/fs/cgroup/unified"),
            ("30 23 0:26 /a/b /sys/fs/cgroup rw - cgroup2 none rw", "0::/a/b/c", "/sys/fs/cgroup/c"),
            ("30 23 0:26 / /sys/my\\040group rw - cgroup2 none rw", "0::/a", "/sys/my group/a"),
        ])
    func controlGroup(mount: String, groups: String, folder: String) {
        let mounts =
            "22 1 0:20 / /proc rw - proc proc rw\n29 23 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" + mount
        #expect(ControlGroupFolder.own(mounts: mounts, groups: groups + "\n") == folder)
    }

    @Test(
        "Where there is none, or it lies outside, none is taken",
        arguments: [
            ("29 23 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", "0::/a"), ("", ""),
            ("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 none rw", "4:memory:/a"),
            ("30 23 0:26 /a /sys/fs/cgroup rw - cgroup2 none rw", "0::/ab"),
            ("30 23 0:26 / /x rw - cgroup2 none rw", "0::/../b"),
            ("- cgroup2", "0::/"),
        ])
    func noControlGroup(mounts: String, groups: String) {
        #expect(ControlGroupFolder.own(mounts: mounts, groups: groups) == nil)
    }
}
