import Foundation
import Testing

/// `use_vmac`: the addresses have a hardware address of their own, on a macvlan that is on only while its host is master.
@Suite("Virtual MAC addresses between real hosts")
struct VirtualMACTests {
    /// What a takeover by IPv6 may cost: on a busy machine it was 0.14 s twice. Perhaps a frame of the old master came after the successor's first
    /// one, and the switch sent the client to the old port until the second announcements, 0.1 s later.
    static let takeoverIPv6 = 0.25
    static let pairs = [("agent", "agent"), ("agent", "keepalived"), ("keepalived", "agent")]

    @discardableResult
    func start(_ kind: String, _ lab: Lab, _ host: String, _ file: String) throws -> Program {
        kind == "agent" ? try lab.agent(host, file) : try lab.keepalived(host, file)
    }

    /// Two hosts, the first one master, and its second announcements are over.
    func pair(
        _ lab: Lab, _ first: String = "agent", _ second: String = "agent", extra: String = "use_vmac"
    ) throws -> (first: Program, second: Program) {
        let master = try start(first, lab, "a", VirtualMACLab.both(100, extra))
        try lab.waitForMaster("a")
        let backup = try start(second, lab, "b", VirtualMACLab.both(99, extra))
        if second == "agent" {
            try lab.wait("b follows") { lab.states("b") == ["backup", "backup"] }
        } else {
            try lab.wait("b follows") { backup.output.split(separator: "Entering BACKUP STATE").count > 2 }
        }
        Thread.sleep(forTimeInterval: 1)
        return (master, backup)
    }

    @Test("Start, stop, return, cable: in either role beside keepalived, and between two agents", arguments: pairs)
    func roles(first: String, second: String) throws {
        let lab = try VirtualMACLab.hosts("ab")
        defer { lab.tearDown() }
        let untouched = try ["a", "b"].map { try lab.everything($0) }
        let (master, backup) = try pair(lab, first, second)
        for host in first == "agent" ? ["a"] : ["b"] {
            let isMaster = host == "a"
            let four = try #require(lab.macvlan(host, "vrrp.51"))
            let six = try #require(lab.macvlan(host, "vrrp.52"))
            #expect(
                four.hardwareAddress == VirtualMACLab.hardwareIPv4 && six.hardwareAddress == VirtualMACLab.hardwareIPv6)
            #expect(four.mode == "private" && six.mode == "private")
            #expect(four.isOn == isMaster && six.isOn == isMaster)
            #expect(try lab.settings(host) == ["1", "2"])
            #expect(lab.holders() == "" && lab.holdersIPv6() == "", "the parent has none of them")
        }
        let begin = Date()
        _ = master.stop()
        try lab.waitForMaster("b", within: 5)
        // The skew time of priority 99 is 0.307 s; without the resignation it would be 1.8 s.
        #expect(Date().timeIntervalSince(begin) < 1.7)
        if first == "agent" { #expect(try lab.everything("a") == untouched[0]) }
        let again = try start(first, lab, "a", VirtualMACLab.both(100))
        try lab.waitForMaster("a")
        Thread.sleep(forTimeInterval: 1.5)
        try lab.cut("a")
        try lab.wait("b has both", within: 10) { lab.isMaster("b") }
        try lab.wait("a has none") { !lab.isMaster("a") }
        try lab.mend("a")
        try lab.waitForMaster("a", within: 15)
        if first == "agent" {
            #expect(again.stop() == 0)
            #expect(try lab.everything("a") == untouched[0])
        }
        if second == "agent" {
            #expect(backup.stop() == 0)
            #expect(try lab.everything("b") == untouched[1])
        }
    }

    // MARK: - What a client sees

    /// What both addresses' clients lost while something was done, and the hardware addresses that they saw.
    struct Seen {
        var outageIPv4 = 0.0
        var outageIPv6 = 0.0
        var hardwareIPv4: Set<String> = []
        var hardwareIPv6: Set<String> = []

        var isSteady: Bool {
            hardwareIPv4 == [VirtualMACLab.hardwareIPv4] && hardwareIPv6 == [VirtualMACLab.hardwareIPv6]
        }
    }

    func watch(_ lab: Lab, _ what: String, _ body: () throws -> Void) throws -> Seen {
        let programs = try [VirtualMACLab.addressIPv4, VirtualMACLab.addressIPv6].map { address in
            try lab.start("c", ["ping", "-n", "-D", "-i", "0.005", "-W", "1", address])
        }
        try lab.wait("a client is answered before: \(what)") { programs.allSatisfy { $0.output.contains("ttl=") } }
        let neighbours = try lab.watchNeighbours("c")
        try body()
        Thread.sleep(forTimeInterval: 1)
        // What is never answered again is no gap between answers.
        let before = programs.map { $0.output.count }
        Thread.sleep(forTimeInterval: 0.2)
        #expect(zip(programs, before).allSatisfy { $0.output.count > $1 }, "a client is answered after: \(what)")
        var seen = Seen()
        seen.outageIPv4 = Prober(programs[0]).finish().outage
        seen.outageIPv6 = Prober(programs[1]).finish().outage
        seen.hardwareIPv4 = lab.hardwareAddresses(neighbours, "c", of: VirtualMACLab.addressIPv4)
        seen.hardwareIPv6 = lab.hardwareAddresses(neighbours, "c", of: VirtualMACLab.addressIPv6)
        neighbours.end(SIGTERM)
        if ProcessInfo.processInfo.environment["FAILOVER_FIGURES"] != nil {
            print("figure: \(what): IPv4 \(seen.outageIPv4) s, IPv6 \(seen.outageIPv6) s")
        }
        return seen
    }

    @Test("A client loses nothing at a planned stop, a return and a handover, and never sees another hardware address")
    func planned() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        let (first, _) = try pair(lab)
        func lossless(_ what: String, _ body: () throws -> Void) throws {
            let seen = try watch(lab, what, body)
            #expect(seen.outageIPv4 < Prober.unnoticed && seen.outageIPv6 < Self.takeoverIPv6, "\(what): \(seen)")
            #expect(seen.isSteady, "\(what): \(seen)")
        }
        try lossless("stop") { #expect(first.stop() == 0) }
        try lossless("return") {
            try lab.agent("a", VirtualMACLab.both(100))
            try lab.waitForMaster("a")
        }
        try lossless("handover") {
            for name in ["Four", "Six"] { #expect(try lab.control("a", "handover", name).code == 0) }
            try lab.waitForMaster("b")
        }
    }

    @Test(
        "Planned stops beside keepalived cost what its patience does",
        arguments: [
            ("agent", "keepalived"), ("keepalived", "agent"),
        ])
    func plannedBesideKeepalived(first: String, second: String) throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        let (master, _) = try pair(lab, first, second)
        let seen = try watch(lab, "stop, \(first) → \(second)") {
            _ = master.stop()
            try lab.waitForMaster("b", within: 5)
        }
        // The skew time of priority 99 is 0.307 s. By IPv6 keepalived with a virtual MAC address looks as FRR does, which would fail to detect
        // duplicates as long as the old master has the addresses.
        #expect(seen.outageIPv4 < (first == "agent" ? 0.15 : 0.7))
        #expect(seen.outageIPv6 < 0.7)
        #expect(seen.hardwareIPv6 == [VirtualMACLab.hardwareIPv6])
        // keepalived's host answers a client from the interface, and so asks for the client's hardware address with the shared one.
        #expect(seen.hardwareIPv4.contains(VirtualMACLab.hardwareIPv4))
        if second == "agent" { #expect(seen.isSteady, "\(seen)") }
    }

    @Test(
        "Somebody deletes the macvlan, switches it off, or deletes an address: it is back at once, and nobody fails over"
    )
    func deleted() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        _ = try pair(lab)
        for (what, commands) in [
            ("macvlans deleted", [["link", "del", "vrrp.51"], ["link", "del", "vrrp.52"]]),
            ("macvlans off", [["link", "set", "vrrp.51", "down"], ["link", "set", "vrrp.52", "down"]]),
            (
                "addresses deleted",
                [
                    ["addr", "del", "192.0.2.1/24", "dev", "vrrp.51"],
                    ["addr", "del", "2001:db8::1/64", "dev", "vrrp.52"],
                ]
            ),
        ] {
            let seen = try watch(lab, what) {
                for command in commands { try Lab.run(["ip", "-n", lab.namespace("a")] + command) }
                try lab.waitForMaster("a", within: 5)
            }
            #expect(seen.outageIPv4 < 0.3 && seen.outageIPv6 < 0.3, "\(what): \(seen)")
            #expect(seen.isSteady, "\(what): \(seen)")
            #expect(lab.states("a") == ["master", "master"] && lab.states("b") == ["backup", "backup"])
        }
        #expect(!(try lab.control("b", "events").output.contains("backup → master")))
    }

    @Test("A killed agent that is started again goes on as master with the same macvlans, and a client loses nothing")
    func restarted() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        let (first, _) = try pair(lab)
        let before = lab.macvlans("a")
        var again = first
        for isService in [false, true] {
            let seen = try watch(lab, isService ? "killed, as a service" : "killed") {
                again.end(SIGKILL)
                if isService {
                    let post = try lab.start(
                        "a",
                        [
                            "env", "SERVICE_RESULT=signal", "EXIT_CODE=killed", "EXIT_STATUS=KILL",
                            "\(Lab.binaries)/failover-agent", "--stop-post", "--socket", lab.socket("a"), "--state-dir",
                            lab.directory.appending(path: "a.state").path(),
                        ])
                    #expect(post.waitForExit() == 0, "\(post.output)")
                }
                again = try lab.agent("a", VirtualMACLab.both(100))
                try lab.wait("it is master") { lab.states("a") == ["master", "master"] }
                Thread.sleep(forTimeInterval: 2)
            }
            #expect(seen.outageIPv4 < Prober.unnoticed && seen.outageIPv6 < Prober.unnoticed, "\(seen)")
            #expect(seen.isSteady, "\(seen)")
            #expect(lab.macvlans("a") == before, "the same ones, by their numbers")
            #expect(lab.isMaster("a") && !lab.isMaster("b"))
        }
    }

    // MARK: - Reloads

    @Test(
        "A reload that adds use_vmac, changes its name or takes it away: master all the while, the client waits 0.3 s at most"
    )
    func reloads() throws {
        let lab = try VirtualMACLab.hosts("abc")
        defer { lab.tearDown() }
        try lab.agent("a", VirtualMACLab.both(100, ""))
        try lab.waitForHolder("a")
        try lab.waitForHolderIPv6("a")
        Thread.sleep(forTimeInterval: 2)
        let untouched = try lab.settings("a")
        for (what, four, six, links) in [
            ("use_vmac", "use_vmac", "use_vmac", ["vrrp.51", "vrrp.52"]),
            ("another name", "use_vmac one", "use_vmac two", ["one", "two"]),
            ("vmac_xmit_base", "use_vmac one\nvmac_xmit_base", "use_vmac two\nvmac_xmit_base", ["one", "two"]),
            ("without", "", "", []),
        ] {
            _ = try lab.write(VirtualMACLab.four(100, four) + VirtualMACLab.six(100, six), as: "a.conf")
            let seen = try watch(lab, "reload: \(what)") {
                let answer = try lab.control("a", "reload")
                #expect(answer.code == 0, "\(answer.output)")
                try lab.wait("the macvlans are as wanted") { lab.macvlans("a").map(\.name).sorted() == links }
                try lab.waitForHolder("a", VirtualMACLab.addressIPv4, links.first ?? "eth0")
                try lab.wait("IPv6 is there") {
                    lab.holdersIPv6(VirtualMACLab.addressIPv6, links.last ?? "eth0") == "a"
                }
            }
            #expect(seen.outageIPv4 < 0.3 && seen.outageIPv6 < 0.3, "\(what): \(seen)")
            #expect(lab.states("a") == ["master", "master"])
            #expect(try lab.settings("a") == (links.isEmpty ? untouched : ["1", "2"]), "\(what)")
        }
        #expect(!(try lab.control("a", "events").output.contains("master → ")))
    }
}
