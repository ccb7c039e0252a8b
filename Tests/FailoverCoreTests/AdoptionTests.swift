import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Going on where an earlier run left off")
struct CoreAdoptionTests {
    /// A host with the address that an earlier run has added, and when that last advertised.
    private func host(advertised age: Duration, held: Bool = true) throws -> TestHost {
        let left = InterfaceAddress(
            key: TestHost.key("192.0.2.1/32"), origin: InterfaceAddress.ourOrigin, createdAt: 5)
        return TestHost(
            try TestFile.guide(), extra: held ? [left] : [], adoptable: [0: TestHost.start - age])
    }

    @Test("Within three intervals: master at once, the address is never touched, an advertisement after 2 ms")
    func inTime() throws {
        let host = try host(advertised: .milliseconds(2999))
        #expect(host.state == .master)
        #expect(host.status.reason.description == "it goes on where the last run left off, 2.999 s ago")
        host.pass(.milliseconds(2))
        #expect(host.advertisements().map(\.at) == [.milliseconds(2)])
        host.pass(.seconds(10))
        #expect(host.requests.isEmpty)
        #expect(host.has("192.0.2.1/32"))
        #expect(host.advertisements().count == 11)
        #expect(host.log.contains { $0.effect == .adopted(instance: host.core.routers[0]) })
    }

    @Test("An address that the last run's end has made to lapse is made lasting again, once")
    func lapsing() throws {
        let left = InterfaceAddress(
            key: TestHost.key("192.0.2.1/32"), hasFiniteLifetime: true, origin: InterfaceAddress.ourOrigin, createdAt: 5
        )
        let host = TestHost(try TestFile.guide(), extra: [left], adoptable: [0: TestHost.start - .milliseconds(100)])
        #expect(host.state == .master)
        host.pass(.milliseconds(5))
        let renewals = host.log.compactMap { entry -> AddressAssignment? in
            if case .renewAddress(let assignment) = entry.effect { assignment } else { nil }
        }
        #expect(renewals == [AddressAssignment(key: TestHost.key("192.0.2.1/32"))])
        #expect(renewals.first?.lifetime == nil)
    }

    @Test("Later: a backup, and the address goes before anything else")
    func late() throws {
        let host = try host(advertised: .seconds(3))
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.advertisements().isEmpty)
    }

    @Test("Somebody better waits in the socket: it yields without a word")
    func better() throws {
        let host = try host(advertised: .seconds(1))
        host.hear(200)
        #expect(host.state == .backup)
        host.pass(.seconds(1))
        #expect(host.advertisements().isEmpty)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("Without any of its addresses it starts as a backup")
    func nothingHeld() throws {
        #expect(try host(advertised: .seconds(1), held: false).state == .backup)
    }

    @Test("Only at the start: after a fault the way is the usual one")
    func once() throws {
        let host = try host(advertised: .seconds(1))
        host.give(.link(TestHost.link(running: false)))
        host.give(.link(TestHost.link()))
        #expect(host.state == .backup)
    }
}

@Suite("A configuration's fingerprint")
struct FingerprintTests {
    @Test("It is the same in every process, and another one for every change that matters")
    func fingerprint() throws {
        let guide = try TestFile.guide().instances[0].fingerprint
        #expect(guide == 14_550_849_303_967_670_276)
        #expect(try TestFile.guide().instances[0].fingerprint == guide)
        #expect(try TestFile.guide(priority: 101).instances[0].fingerprint != guide)
        #expect(try TestFile.guide(addresses: ["192.0.2.2"]).instances[0].fingerprint != guide)
        #expect(try TestFile.guide(extra: "advert_int 2").instances[0].fingerprint != guide)
    }
}
