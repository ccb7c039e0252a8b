import Foundation
import Testing

@Suite("Two hosts that send from one address")
struct SameSourceTests {
    enum Kind: String, CaseIterable { case agent, keepalived }

    private func start(_ lab: Lab, _ host: String, _ kind: Kind, _ file: String) throws -> Program {
        kind == .agent ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    private func file(_ priority: Int, _ source: String) -> String {
        Guide.fast(priority, extra: "mcast_src_ip \(source)")
    }

    @Test(
        "Priorities decide, whoever has the address: there is one master",
        arguments: ["192.0.2.11", "192.0.2.77"], [(100, 99), (99, 100)])
    func priorities(source: String, priorities: (Int, Int)) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let (better, worse) = priorities.0 > priorities.1 ? ("a", "b") : ("b", "a")
        try lab.agent(worse, file(99, source))
        try lab.waitForHolder(worse)
        let agent = try lab.agent(better, file(100, source))
        try lab.waitForHolder(better)
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holders() == better)
        #expect(lab.state(worse) == "backup")
        #expect(lab.findings(better).isEmpty, "\(lab.findings(better))")
        let told = lab.findings(worse)
        #expect(told.map(\.text) == ["\(source), from which this host sends, is another host's source, too"])
        #expect(told.first?.advice.contains("mcast_src_ip") == true)
        // Its resignation counts, too.
        _ = agent.stop()
        try lab.waitForHolder(worse)
    }

    @Test(
        "A keepalived with the higher priority is followed, whoever has the address", arguments: ["a", "b"],
        ["192.0.2.11", "192.0.2.77"])
    func followsKeepalived(keepalived: String, source: String) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.keepalived(keepalived, file(100, source))
        try lab.waitForHolder(keepalived)
        let host = keepalived == "a" ? "b" : "a"
        try lab.agent(host, file(99, source))
        try lab.wait("it follows") { lab.state(host) == "backup" }
        Thread.sleep(forTimeInterval: 2)
        #expect(lab.state(host) == "backup")
        #expect(lab.holders() == keepalived)
    }

    @Test("A keepalived with the lower priority hears nobody with its own address: that is the finding")
    func beforeKeepalived() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        // Its kernel drops what comes from an address of its own.
        try lab.keepalived("a", file(99, "192.0.2.11"))
        try lab.waitForHolder("a")
        try lab.agent("b", file(100, "192.0.2.11"))
        try lab.waitForHolder("ab")
        try lab.expectCritical(
            "b", "cause: both send from 192.0.2.11", advice: "give each host a source of its own")
    }

    @Test("From an address that no host has a keepalived with the lower priority hears this agent, and yields")
    func nobodysAddress() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.keepalived("a", file(99, "192.0.2.77"))
        try lab.waitForHolder("a")
        try lab.agent("b", file(100, "192.0.2.77"))
        try lab.waitForHolder("b")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holders() == "b")
        #expect(lab.findings("b").isEmpty)
    }

    @Test("With the same priority, too, neither can tell the other from itself: both are master, and say why")
    func equal() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        // One that starts beside the other has sent nothing, and follows; a network that was cut makes two masters.
        try lab.lose("ip protocol 112 drop")
        for host in ["a", "b"] { try lab.agent(host, file(100, "192.0.2.11")) }
        try lab.waitForHolder("ab")
        try lab.unfilter("sw")
        for host in ["a", "b"] {
            try lab.expectCritical(
                host, "cause: both send from 192.0.2.11 with priority 100", advice: "give each host a source of its own"
            )
            #expect(lab.explained(host).contains("what this host sends comes back to it"))
            #expect(lab.state(host) == "master")
        }
    }

    @Test(
        "Own advertisements that a hairpin reflects disturb nothing, and are no finding: explain tells",
        arguments: [0, 1])
    func hairpin(acceptLocal: Int) throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        for host in ["a", "b"] {
            try lab.reflect(host)
            try lab.sysctl(
                host, "net.ipv4.conf.all.accept_local=\(acceptLocal)", "net.ipv4.conf.eth0.accept_local=\(acceptLocal)")
        }
        let agent = try lab.agent("a", Guide.fast(100))
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.fast(99))
        try lab.wait("b follows") { lab.state("b") == "backup" }
        try lab.wait("its own come back") { lab.dropped("a", "echo") > 20 }
        // A question by ARP and its answer come back, too.
        Thread.sleep(forTimeInterval: 2)
        for host in ["a", "b"] { #expect(lab.findings(host).isEmpty, "\(lab.findings(host))") }
        #expect(try lab.control("a", "health").code == 0)
        #expect(lab.explained("a").contains("what this host sends comes back to it"))
        #expect(VersionMatrixTests.counter(lab, "a", "becameMaster") == 1)
        #expect(VersionMatrixTests.counter(lab, "b", "becameMaster") == 0)
        #expect(lab.holders() == "a")
        _ = agent.stop()
        try lab.waitForHolder("b")
        Thread.sleep(forTimeInterval: 1)
        #expect(lab.holders() == "b")
        #expect(VersionMatrixTests.counter(lab, "b", "becameMaster") == 1)
    }
}

extension Lab {
    /// The switch sends back to a host what comes from it.
    fileprivate func reflect(_ host: String) throws {
        try Self.run("ip", "-n", namespace("sw"), "link", "set", port(host), "type", "bridge_slave", "hairpin", "on")
    }
}
