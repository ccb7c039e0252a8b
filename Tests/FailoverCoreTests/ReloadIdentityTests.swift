import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Who is who over a reload")
struct ReloadIdentityTests {
    private func file(_ instances: String...) throws -> Configuration {
        try TestFile.read(instances.joined(separator: "\n"))
    }

    private func instance(_ name: String, id: Int, _ addresses: String..., extra: String = "") -> String {
        """
        vrrp_instance \(name) {
            interface eth0
            virtual_router_id \(id)
            priority 100
            \(extra)
            virtual_ipaddress {
                \(addresses.joined(separator: "\n"))
            }
        }
        """
    }

    private func master(_ configuration: Configuration) -> TestHost {
        let host = TestHost(configuration)
        host.pass(.milliseconds(4300))
        host.forgetLog()
        return host
    }

    private func three() throws -> TestHost {
        let host = master(
            try file(
                instance("a", id: 10, "192.0.2.1"), instance("b", id: 20, "192.0.2.2"),
                instance("c", id: 30, "192.0.2.3")))
        try #require(host.core.routers.allSatisfy { host.core.isMaster($0) })
        return host
    }

    /// Whom each advertisement is about, by its effect and by its number.
    private func advertised(_ host: TestHost) -> [(id: RouterID, number: UInt8, priority: UInt8)] {
        host.log.compactMap { entry in
            guard case .advertise(let id, _, _, let priority, let packet) = entry.effect else { return nil }
            return (id, packet[21], priority)
        }
    }

    private func ended(_ host: TestHost) -> [RouterID] {
        host.log.compactMap { entry in
            if case .mastershipEnded(let id) = entry.effect { id } else { nil }
        }
    }

    private func status(_ host: TestHost, _ id: RouterID) -> InstanceStatus { host.core.status(of: id) }

    // MARK: - Resignations

    @Test("A resignation that a reload causes is the removed one's, whatever the others' ranks are now")
    func resignation() throws {
        let host = try three()
        let (a, b, c) = (host.core.routers[0], host.core.routers[1], host.core.routers[2])
        let before = [b, c].map { status(host, $0).counters }
        // Its address goes to another one, so it can't wait for a successor; and nothing that it says leaves.
        host.sendFailure = SendFailure(code: 1, text: "Operation not permitted")
        host.reconfigure(
            try file(instance("c", id: 30, "192.0.2.3"), instance("b", id: 20, "192.0.2.2", "192.0.2.1")))
        #expect(host.core.routers == [c, b])
        #expect(host.core.position(of: a) == nil && !host.core.contains(a))
        #expect(host.core.position(of: c) == 0 && host.core.position(of: b) == 1)
        let said = advertised(host)
        #expect(said.map(\.id) == [a] && said.map(\.number) == [10] && said.map(\.priority) == [0])
        #expect(ended(host) == [a])
        #expect(!host.core.isMaster(a) && host.core.lastAdvertisement(of: a) == nil)
        #expect([b, c].map { status(host, $0).counters } == before, "nobody else's counters have changed")
        #expect(![b, c].contains { host.core.isFailingToSend($0) })
        #expect(host.core.count(of: .master) == 2)
        #expect(host.core.timers.armed.allSatisfy { $0.router != a })
        host.sendFailure = nil
        host.forgetLog()
        host.pass(.seconds(2))
        for said in advertised(host) { #expect(said.number == (said.id == b ? 20 : 30)) }
        #expect(Set(advertised(host).map(\.id)) == [b, c])
    }

    @Test("One that can wait for its successor has no rank while it waits; what it says and how it ends is its own")
    func departure() throws {
        let host = try three()
        let (a, b, c) = (host.core.routers[0], host.core.routers[1], host.core.routers[2])
        host.reconfigure(try file(instance("c", id: 30, "192.0.2.3"), instance("b", id: 20, "192.0.2.2")))
        #expect(host.core.routers == [c, b, a])
        #expect(host.core.stayingCount == 2)
        #expect([c, b, a].map { host.core.position(of: $0) } == [0, 1, nil])
        #expect(advertised(host).map(\.id) == [a] && advertised(host).map(\.priority) == [0])
        #expect(ended(host) == [a])
        host.pass(.milliseconds(613))
        host.hear(99, vrid: 10, password: nil, isAgent: false)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.seconds(2))
        #expect(host.core.routers == [c, b])
        #expect(!host.core.contains(a) && !host.has("192.0.2.1/32"))
        for said in advertised(host) { #expect(said.number == (said.id == a ? 10 : said.id == b ? 20 : 30)) }
        #expect(advertised(host).last { $0.id == a }?.priority == Priority.lowest, "its farewell to a keepalived")
        #expect(Set(ended(host)) == [a])
    }

    @Test("What comes late about a removed one counts for nobody, not for the one that has its place either")
    func late() throws {
        let host = try three()
        let (a, b, c) = (host.core.routers[0], host.core.routers[1], host.core.routers[2])
        host.reconfigure(
            try file(instance("c", id: 30, "192.0.2.3"), instance("b", id: 20, "192.0.2.2", "192.0.2.1")))
        host.reconfigure(
            try file(
                instance("d", id: 40, "192.0.2.4"), instance("c", id: 30, "192.0.2.3"),
                instance("b", id: 20, "192.0.2.2", "192.0.2.1")))
        let d = host.core.routers[0]
        #expect(d.slot == a.slot && d != a)
        let failure = SendFailure(code: 1, text: "Operation not permitted")
        let before = [b, c, d].map { status(host, $0) }
        host.forgetLog()
        host.give(.sendFailed(instance: a, failure))
        host.give(.sendFailedInPart(instance: a, failure, destination: IPAddress(192, 0, 2, 13)))
        host.give(.sent(instance: a))
        host.ask { $0.resume(a, at: $1) }
        host.ask { $0.handOver(a, HandoverOrder(requestedBy: "alice", requestedAt: "now"), at: $1) }
        #expect(host.log.isEmpty)
        #expect([b, c, d].map { status(host, $0) } == before)
        #expect(![a, b, c, d].contains { host.core.isFailingToSend($0) })
        #expect(host.core.position(of: a) == nil && host.core.handover(of: a) == nil && host.core.name(of: a).isEmpty)
        #expect(host.core.handoverOutcome(of: a) == .done)
    }

    // MARK: - What is remembered

    /// A host of two masters about which all kinds of things have been seen.
    private func observed() throws -> TestHost {
        let host = master(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        // Settled: a claim is taken for a conflict.
        host.pass(.seconds(2))
        for vrid in [10, 20] as [UInt8] {
            let address = vrid == 10 ? "192.0.2.1" : "192.0.2.2"
            host.hear(50, vrid: vrid, password: nil, addresses: [address])
            host.hear(50, from: "192.0.2.14", vrid: vrid, password: "wrong", addresses: [address])
            host.hear(50, from: "192.0.2.15", vrid: 77, password: nil, addresses: [address])
            host.see(vrid: vrid, times: 3)
        }
        host.pass(.milliseconds(200))
        host.hearAnnouncement("192.0.2.1")
        host.hearAnnouncement("192.0.2.2")
        for id in host.core.routers {
            host.give(.sendFailed(instance: id, SendFailure(code: 105, text: "No buffer space available")))
        }
        for id in host.core.routers {
            let instance = host.core.instances[id]
            try #require(instance.isMaster)
            try #require(instance.observations.peers.all.count == 2 && instance.observations.hearing.isFiltered)
            try #require(instance.observations.otherNumber != nil && instance.sending.failure != nil)
            try #require(instance.claims.otherMasterAt != nil && !instance.claims.conflicts.isEmpty)
            try #require(instance.split != nil && instance.sending.resendAt != nil)
        }
        host.forgetLog()
        return host
    }

    /// What was seen of both is the same, whatever the configuration says now.
    private func expectSame(_ now: Instance, _ old: Instance) {
        #expect(now.observations.counters == old.observations.counters)
        #expect(now.observations.peers == old.observations.peers)
        #expect(now.observations.hearing == old.observations.hearing)
        #expect(now.observations.senders == old.observations.senders)
        #expect(now.observations.otherNumber == old.observations.otherNumber)
        #expect(now.sending.failure == old.sending.failure)
        #expect(now.sending.failingSince == old.sending.failingSince && now.sending.failedAt == old.sending.failedAt)
        #expect(now.sending.resendAt == old.sending.resendAt)
        #expect(now.claims == old.claims)
        #expect(now.split == old.split)
        #expect(now.sent == old.sent)
        #expect(now.tenure == old.tenure)
        #expect(now.announcing == old.announcing)
        #expect(now.wayOut == old.wayOut)
        #expect(now.participation == old.participation)
        for kind in TimerKind.allCases { #expect(now.deadline(kind) == old.deadline(kind), "\(kind)") }
    }

    @Test("A reload that touches one forgets nothing that was seen of it, and nothing of the other")
    func touched() throws {
        let host = try observed()
        let (one, two) = (host.core.routers[0], host.core.routers[1])
        let before = host.core.instances
        host.reconfigure(
            try file(
                instance("one", id: 10, "192.0.2.1", extra: "garp_master_delay 7"),
                instance("two", id: 20, "192.0.2.2")))
        #expect(host.core.instances[one].configuration.gratuitousARP.delay == .seconds(7))
        expectSame(host.core.instances[one], before[one])
        expectSame(host.core.instances[two], before[two])
    }

    @Test("Another number is another virtual router: its peers are heard anew, and the other one does not notice")
    func renumbered() throws {
        let host = try observed()
        let (one, two) = (host.core.routers[0], host.core.routers[1])
        let before = host.core.instances
        host.reconfigure(try file(instance("one", id: 11, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        #expect(host.core.routers == [one, two])
        let now = host.core.instances[one]
        #expect(now.observations.counters == before[one].observations.counters)
        #expect(now.observations.peers.all.isEmpty && !now.observations.hearing.isFiltered)
        #expect(now.split == nil)
        expectSame(host.core.instances[two], before[two])
    }

    @Test("Others that come, go and change places are not noticed")
    func others() throws {
        let host = try observed()
        let two = host.core.routers[1]
        let before = host.core.instances
        host.reconfigure(
            try file(
                instance("three", id: 30, "192.0.2.3"), instance("two", id: 20, "192.0.2.2"),
                instance("four", id: 40, "192.0.2.4")))
        expectSame(host.core.instances[two], before[two])
        #expect(host.core.position(of: two) == 1)
    }

    // MARK: - Answers of the kernel

    @Test("An answer finds its address in whatever position a reload has put it")
    func reordered() throws {
        let host = TestHost(try file(instance("one", id: 10, "192.0.2.1", "192.0.2.2", "192.0.2.3")))
        host.isSlow = true
        host.pass(.seconds(4))
        let one = host.core.routers[0]
        #expect(host.requests.count == 3)
        host.reconfigure(
            try file(
                instance("new", id: 20, "192.0.2.9"),
                instance("one", id: 10, "192.0.2.4", "192.0.2.3", "192.0.2.1", "192.0.2.2")))
        #expect(host.core.position(of: one) == 1)
        let pending = host.core.instances[one].addresses.map { $0.pending != nil }
        #expect(pending == [true, true, true, true])
        host.forgetLog()
        host.answerOne()
        #expect(host.core.instances[one].addresses.map { $0.pending == nil } == [false, false, true, false])
        host.answerOne()
        #expect(host.core.instances[one].addresses.map { $0.pending == nil } == [false, false, true, true])
        #expect(host.core.isMaster(one) == false, "not before all are there")
        host.isSlow = false
        host.answerAll()
        #expect(host.core.isMaster(one) == true)
        #expect(host.requests.isEmpty, "each was asked for once")
        #expect(host.core.requests.isEmpty == true)
        #expect((1...4).allSatisfy { host.has("192.0.2.\($0)/32") })
    }

    @Test("A refusal finds its address, too: the virtual router that it is about fails, and no other")
    func refused() throws {
        let host = TestHost(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        host.isSlow = true
        host.pass(.seconds(4))
        let (one, two) = (host.core.routers[0], host.core.routers[1])
        host.reconfigure(
            try file(instance("two", id: 20, "192.0.2.2"), instance("one", id: 10, "192.0.2.3", "192.0.2.1")))
        host.refuseAddition = { $0 == TestHost.key("192.0.2.1/32") ? KernelRefusal(code: 1, text: "no") : nil }
        host.isSlow = false
        host.answerAll()
        #expect(host.core.instances[one].state == .fault)
        #expect(host.core.isMaster(two) == true)
        #expect(host.core.requests.isEmpty == true)
    }

    @Test("An answer about a removed one leaves no question open, no addition counted and no address behind")
    func removed() throws {
        for marks in [true, false] {
            let host = TestHost(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
            host.marksAddresses = marks
            host.isSlow = true
            host.pass(.seconds(4))
            let one = host.core.routers[0]
            #expect(host.core.requests.areAdditionsOpen(on: TestHost.eth0) == true)
            host.reconfigure(try file(instance("two", id: 20, "192.0.2.2")))
            #expect(host.core.contains(one) == false, "it had nothing yet that anybody has to take over")
            host.isSlow = false
            host.answerAll()
            #expect(host.core.requests.isEmpty == true)
            #expect(host.core.requests.areAdditionsOpen(on: TestHost.eth0) == false)
            #expect(host.core.outgoing.isEmpty == true)
            #expect(!host.has("192.0.2.1/32"), "a kernel that marks addresses: \(marks)")
            #expect(host.has("192.0.2.2/32"))
            #expect(host.core.ledger.ownCount == 1)
        }
    }

    @Test("A bridge of a removed one goes, at whatever step the kernel was", arguments: 0...3)
    func bridge(answered: Int) throws {
        let host = master(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
        let one = host.core.routers[0]
        host.isSlow = true
        host.reconfigure(
            try file(instance("one", id: 10, "192.0.2.1 label eth0:1"), instance("two", id: 20, "192.0.2.2")))
        for _ in 0..<answered { host.answerOne() }
        host.reconfigure(try file(instance("two", id: 20, "192.0.2.2", "192.0.2.1 label eth0:1")))
        #expect(host.core.contains(one) == false, "another one has its address now")
        host.isSlow = false
        host.answerAll()
        host.pass(.seconds(1))
        #expect(host.core.requests.isEmpty == true)
        #expect(host.core.requests.areAdditionsOpen(on: TestHost.eth0) == false)
        #expect(host.core.outgoing.isEmpty == true)
        #expect((1...32).allSatisfy { !host.core.outgoing.isBridge(TestHost.key("192.0.2.1/\($0)")) })
        let ours = host.addresses.filter { $0.origin == InterfaceAddress.ourOrigin }
        #expect(ours.map(\.key).sorted() == [TestHost.key("192.0.2.1/32"), TestHost.key("192.0.2.2/32")])
        #expect(ours.first { $0.key == TestHost.key("192.0.2.1/32") }?.label == "eth0:1")
        #expect(host.core.ledger.ownCount == 2)
        #expect(host.core.isMaster(host.core.routers[0]) == true)
    }

    @Test("An address that goes from one that is removed to another while the kernel is slow stays this program's")
    func handedOn() throws {
        for marks in [true, false] {
            let host = TestHost(try file(instance("one", id: 10, "192.0.2.1"), instance("two", id: 20, "192.0.2.2")))
            host.marksAddresses = marks
            host.isSlow = true
            host.pass(.seconds(4))
            let one = host.core.routers[0]
            host.reconfigure(try file(instance("two", id: 20, "192.0.2.2", "192.0.2.1")))
            #expect(host.core.contains(one) == false)
            host.isSlow = false
            host.answerAll()
            let two = host.core.routers[0]
            #expect(host.core.isMaster(two) == true)
            #expect(host.core.requests.isEmpty == true)
            #expect(host.core.ledger.ownCount == 2, "a kernel that marks addresses: \(marks)")
            // A backup has none of them.
            host.hear(200, vrid: 20, password: nil, addresses: ["192.0.2.2", "192.0.2.1"])
            #expect(host.core.isMaster(two) == false)
            #expect(!host.has("192.0.2.1/32") && !host.has("192.0.2.2/32"), "a kernel that marks addresses: \(marks)")
        }
    }

    @Test("A lease that a reload begins or ends while the kernel is slow makes no address the host's")
    func otherLease() throws {
        for leases in [false, true] {
            func text(_ leases: Bool) -> String {
                (leases ? "global_defs {\naddress_lease 3\n}\n" : "") + instance("one", id: 10, "192.0.2.1")
            }
            let host = TestHost(try file(text(leases)))
            host.marksAddresses = false
            host.isSlow = true
            host.pass(.seconds(4))
            host.reconfigure(try file(text(!leases)))
            host.isSlow = false
            host.answerAll()
            #expect(host.state == .master)
            #expect(host.core.ledger.ownCount == 1)
            host.hear(200, password: nil)
            #expect(!host.has("192.0.2.1/32"))
        }
    }
}
