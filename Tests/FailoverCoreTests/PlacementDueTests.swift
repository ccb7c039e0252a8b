import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("What is planned for an address, or was asked about it, is not lost")
struct PlacementDueTests {
    private let now = TestHost.start
    private let key = TestHost.key("192.0.2.1/32")

    private func placement() throws -> Placement {
        let configuration = try TestFile.guide(addresses: ["192.0.2.1", "192.0.2.2"])
        return Placement(try #require(configuration.instances.first).addresses)
    }

    @Test("The earliest of the addresses that are to be looked at, or put on, again is due, then the next one")
    func due() throws {
        var placement = try placement()
        #expect(placement.retryAt == nil)
        placement[0].wait(until: now + .seconds(3))
        placement[1].wait(until: now + .seconds(1))
        placement[1].planRefit(at: now + .seconds(2))
        #expect(placement.retryAt == now + .seconds(1))
        #expect(placement.refitAt == now + .seconds(2))
        let early = (placement.takeRetries(at: now), placement.takeRefits(at: now))
        #expect(early.0.isEmpty && early.1.isEmpty)
        let second = placement.takeRetries(at: now + .seconds(1))
        #expect(second == [1])
        #expect(placement.retryAt == now + .seconds(3))
        let refits = placement.takeRefits(at: now + .seconds(2))
        #expect(refits == [1])
        #expect(placement.refitAt == nil)
        let first = placement.takeRetries(at: now + .seconds(3))
        #expect(first == [0])
        #expect(placement.retryAt == nil)
    }

    @Test("A reload keeps what the kernel was asked for, that it was held, and that it is waited for")
    func reload() throws {
        var old = try placement()
        old[0].move(to: key)
        old[0].noteHeld(at: now)
        old[0].noteHostsOwn()
        old[0].ask(.add(RequestID(rawValue: 7)))
        old[0].wait(until: now + .seconds(1))
        var new = try placement()
        new.adopt(old)
        #expect(new[0].key == key)
        #expect(new[0].pending == .add(RequestID(rawValue: 7)))
        #expect(new[0].wasHeld)
        #expect(new[0].wasHosts)
        #expect(new.retryAt == now + .seconds(1))
        #expect(new[1].pending == nil)
    }

    @Test("An answer ends the question, and so does another interface")
    func answers() throws {
        var placement = try placement()
        placement[0].move(to: key)
        placement[0].ask(.remove(RequestID(rawValue: 1)))
        placement[0].noteAnswer()
        #expect(placement[0].pending == nil)
        placement[0].noteHeld(at: now)
        placement[0].ask(.remove(RequestID(rawValue: 2)))
        placement[0].move(to: TestHost.key("192.0.2.1/32", on: InterfaceIndex(rawValue: 7)))
        #expect(placement[0].pending == nil)
        #expect(!placement[0].wasHeld)
    }

    @Test("A bridge that has served waits to be taken away; another address does not")
    func bridges() {
        var outgoing = OutgoingAddresses()
        outgoing.addBridge(key)
        outgoing.releaseBridge(TestHost.key("192.0.2.2/32"))
        #expect(outgoing.isEmpty)
        outgoing.releaseBridge(key)
        #expect(outgoing.addresses == [key.address])
        let taken = outgoing.take(key.address)
        #expect(taken == [key])
        #expect(outgoing.isEmpty)
    }

    @Test("The old form of an address goes when the kernel has answered about the new one, not before")
    func replaced() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/32"]))
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.forgetLog()
        host.isSlow = true
        host.reconfigure(try TestFile.guide(addresses: ["192.0.2.1/24"]))
        func isOldAskedFor() -> Bool {
            host.requests.contains { request in
                if case .removeAddress(_, let asked) = request { asked == key } else { false }
            }
        }
        #expect(host.requests.count == 1)
        #expect(!isOldAskedFor())
        host.answerAll()
        #expect(isOldAskedFor())
    }
}
