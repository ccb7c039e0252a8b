import Foundation
import Testing

/// A master whose advertisements do not leave its host.
@Suite("Advertisements that can't be sent, beside another host")
struct UnsendableTests {
    /// With so many an advertisement of version 3 has 1028 bytes.
    private static let many = (0..<250).map { "10.66.\($0 / 200).\($0 % 200 + 1)" }

    private func shared(_ lab: Lab, _ host: String) -> Int {
        lab.addresses(host).count { $0.hasPrefix("10.66.") }
    }

    private func setMTU(_ lab: Lab, _ host: String, _ mtu: Int) throws {
        try lab.on(host, "link", "set", "eth0", "mtu", "\(mtu)")
    }

    enum Peer: String, CaseIterable { case agent, keepalived }

    private func start(_ lab: Lab, _ peer: Peer = .agent) throws {
        try lab.agent("a", Guide.fast(100, addresses: Self.many))
        try lab.wait("a has them all") { shared(lab, "a") == 250 && lab.state("a") == "master" }
        let file = Guide.fast(99, addresses: Self.many)
        if peer == .agent {
            try lab.agent("b", file)
            try lab.wait("b follows") { lab.state("b") == "backup" }
        } else {
            let program = try lab.keepalived("b", file)
            try lab.wait("b follows") { program.output.contains("Entering BACKUP STATE") }
        }
        Thread.sleep(forTimeInterval: 0.5)
        #expect(shared(lab, "b") == 0)
    }

    @Test(
        "An MTU that falls on one host: the other one takes over, and the first is back when it can send",
        arguments: Peer.allCases)
    func shrinks(peer: Peer) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try start(lab, peer)
        // A link carries a little more inwards: this host hears the other one.
        try setMTU(lab, "a", 1024)
        try lab.wait("b takes over") { shared(lab, "a") == 0 && shared(lab, "b") == 250 }
        try lab.expectCritical(
            "a",
            "takes no part but as the last resort: advertisements can't be sent: Message too long: with 250 addresses an "
                + "advertisement has 1028 bytes, the interface's MTU is 1024, and 249 addresses would fit",
            advice: "ip link set dev eth0 mtu 1028 or more; or divide the addresses among instances of at most 249")
        #expect(lab.state("a") == "fault")
        #expect(lab.events("a", "sendFailed").count == 1)
        let screen = try lab.control("a", "status").output
        #expect(screen.split(separator: "\n").count < 30, "not a line for each of 250 addresses: \(screen)")
        Thread.sleep(forTimeInterval: 1)
        #expect(shared(lab, "a") == 0 && shared(lab, "b") == 250, "it preempts nobody")
        try setMTU(lab, "a", 1500)
        try lab.wait("a is back") { shared(lab, "a") == 250 && shared(lab, "b") == 0 }
        try lab.wait("nothing is found any more") { lab.findings("a").isEmpty && lab.findings("b").isEmpty }
    }

    @Test("An MTU that falls on both: the addresses stay on one host")
    func shrinksOnBoth() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try start(lab)
        for host in ["a", "b"] { try setMTU(lab, host, 1000) }
        // Longer than the last resort waits, several times.
        let end = Date().addingTimeInterval(6)
        while Date() < end, shared(lab, "b") == 0 { Thread.sleep(forTimeInterval: 0.1) }
        #expect(shared(lab, "a") == 250 && shared(lab, "b") == 0)
        try lab.expectCritical(
            "a", "with 250 addresses an advertisement has 1028 bytes, the interface's MTU is 1000", advice: "mtu 1028")
        try lab.expectCritical("b", "the interface's MTU is 1000, and 243 addresses would fit", advice: "at most 243")
        for host in ["a", "b"] { try setMTU(lab, host, 1500) }
        try lab.wait("all is well") { lab.findings("a").isEmpty && lab.findings("b").isEmpty }
        #expect(shared(lab, "a") == 250 && shared(lab, "b") == 0)
    }

    enum Obstacle: String, CaseIterable {
        /// EPERM.
        case firewall
        /// ENOBUFS, again and again.
        case fullQueue
    }

    private func change(_ obstacle: Obstacle, isThere: Bool, _ lab: Lab) throws {
        switch obstacle {
        case .firewall where isThere:
            try lab.filter(
                "a", "table inet filter { chain output { type filter hook output priority 0; ip protocol 112 drop; }; }"
            )
        case .firewall: try lab.unfilter("a")
        case .fullQueue:
            // Room for a byte: for no packet at all.
            let discipline =
                isThere ? ["replace", "dev", "eth0", "root", "bfifo", "limit", "1"] : ["del", "dev", "eth0", "root"]
            try Lab.run(["ip", "netns", "exec", lab.namespace("a"), "tc", "qdisc"] + discipline)
        }
    }

    @Test(
        "What the master sends is dropped here: the other one takes over until it can send",
        arguments: Obstacle.allCases)
    func dropped(obstacle: Obstacle) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.fast(100))
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.fast(99))
        try lab.wait("b follows") { lab.state("b") == "backup" }
        try change(obstacle, isThere: true, lab)
        try lab.waitForHolder("b")
        let (words, advice) =
            obstacle == .firewall
            ? ("Operation not permitted", "nft insert rule inet filter output meta l4proto vrrp accept")
            : ("No buffer space available", "tc -s qdisc show dev eth0")
        try lab.expectCritical("a", "advertisements can't be sent: \(words)", advice: advice)
        #expect(lab.state("a") == "fault")
        #expect(lab.events("a", "sendFailed").count == 1)
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holders() == "b")
        try change(obstacle, isThere: false, lab)
        try lab.waitForHolder("a")
        try lab.wait("nothing is found any more") { lab.findings("a").isEmpty && lab.findings("b").isEmpty }
    }

    @Test("A firewall that lets nothing in and nothing out: the answer of the host that took over is enough")
    func deafAndMute() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.agent("a", Guide.fast(100))
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.fast(99))
        try lab.wait("b follows") { lab.state("b") == "backup" }
        // What the agent listens to beside the firewall at its start is over.
        Thread.sleep(forTimeInterval: 6)
        try lab.filter(
            "a",
            """
            table inet filter {
                chain input { type filter hook input priority 0; ip protocol 112 drop; }
                chain output { type filter hook output priority 0; ip protocol 112 drop; }
            }
            """)
        try lab.wait("b takes over") { lab.holders().contains("b") }
        try lab.waitForHolder("b", within: 15)
        #expect(lab.state("a") == "fault")
        #expect(lab.findings("a").contains { $0.text.contains("can't be sent: Operation not permitted") })
    }

    @Test("A list that is too long: --check and the start tell how many fit, and a reload refuses it")
    func refused() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        try setMTU(lab, "a", 1000)
        let short = Guide.fast(100, addresses: Array(Self.many.prefix(3)))
        let long = Guide.fast(100, addresses: Self.many)
        let words =
            "'Instance1': an advertisement with 250 addresses has 1028 bytes, and the MTU of eth0 is 1000: it can't be sent; "
            + "at most 243 addresses fit"
        let check = try lab.start(
            "a", ["\(Lab.binaries)/failover-agent", "--check", "--config", try lab.write(long, as: "long.conf")])
        #expect(check.waitForExit() == 0)
        #expect(check.output.contains("warning: \(words)"), "\(check.output)")
        let agent = try lab.agent("a", short)
        try lab.wait("it has three") { shared(lab, "a") == 3 }
        _ = try lab.write(long, as: "a.conf")
        for arguments in [["reload", "--plan"], ["reload"]] {
            let answer = try lab.control("a", arguments)
            #expect(answer.code == 1, "\(answer)")
            #expect(answer.output.contains(words), "\(answer.output)")
        }
        agent.signal(SIGHUP)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(shared(lab, "a") == 3)
        #expect(lab.state("a") == "master")
        _ = agent.stop()
        let again = try lab.agent("a", long)
        try lab.wait("it is told at the start") {
            again.output.contains("the interface's MTU is 1000, and 243 addresses would fit")
        }
        // Alone it serves all the same.
        try lab.wait("it has them all") { shared(lab, "a") == 250 }
    }
}
