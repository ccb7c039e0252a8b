import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("Where to listen, and for what")
struct ReceiversTests {
    private let now = moment(.zero)
    private let eth0 = InterfaceFamily(Sample.eth0, .ipv4)
    private let eth1 = InterfaceFamily(Sample.eth1, .ipv4)
    private let setup = Receivers.Setup(groups: [IPAddress(224, 0, 0, 18)], shared: [Sample.address(1)])

    @Test("A receiver is opened once for the same, and anew for other groups or addresses")
    func listen() {
        var receivers = Receivers()
        #expect(receivers.listen(on: eth0, setup) == true)
        #expect(receivers.listen(on: eth0, setup) == false)
        var other = setup
        other.shared.append(Sample.address(2))
        #expect(receivers.listen(on: eth0, other) == true)
        #expect(receivers.listen(on: eth1, setup) == true)
        #expect(receivers.places == [eth0, eth1])
        #expect(receivers.close(eth0) == true)
        #expect(receivers.close(eth0) == false)
        #expect(!receivers.contains(eth0))
        receivers.fail(eth1)
        #expect(!receivers.contains(eth1))
        #expect(receivers.listen(on: eth1, setup) == true, "after a failure it is tried again")
    }

    @Test("The packet socket lets through the shared addresses and the sources in use, each once")
    func tap() {
        var receivers = Receivers()
        #expect(receivers.tap(Sample.address(12), on: Sample.eth0) == false, "nobody listens there yet")
        _ = receivers.listen(on: eth0, setup)
        #expect(receivers.sources(on: Sample.eth0) == [Sample.address(1), Sample.address(12)])
        #expect(receivers.tap(Sample.address(11), on: Sample.eth0) == true)
        #expect(receivers.tap(Sample.address(11), on: Sample.eth0) == false)
        #expect(receivers.sources(on: Sample.eth0) == [1, 11, 12].map { Sample.address($0) })
        _ = receivers.close(eth0)
        #expect(receivers.sources(on: Sample.eth0).isEmpty)
    }

    @Test("Each family has receivers of its own; what IPv6 hears needs no packet socket")
    func families() {
        var receivers = Receivers()
        let six = InterfaceFamily(Sample.eth0, .ipv6)
        #expect(receivers.listen(on: eth0, setup) == true)
        #expect(receivers.listen(on: six, setup) == true)
        #expect(receivers.places == [eth0, six])
        #expect(receivers.tap(Sample.address(12), on: Sample.eth0) == true)
        #expect(receivers.close(six) == true)
        #expect(receivers.contains(eth0))
        #expect(receivers.sources(on: Sample.eth0) == [Sample.address(1), Sample.address(12)])
    }

    @Test("A host that keeps changing its address fills neither the memory nor the socket's filter")
    func manySources() {
        var receivers = Receivers()
        _ = receivers.listen(on: eth0, setup)
        for number in 0..<200 {
            #expect(receivers.tap(Sample.address(UInt8(number)), on: Sample.eth0) == true)
            #expect(receivers.sources(on: Sample.eth0).contains(Sample.address(UInt8(number))))
            #expect(receivers.sources(on: Sample.eth0).count <= 33)
        }
    }

    @Test("Lost packets are told at once, and then once a minute with all that were lost since")
    func lost() {
        var receivers = Receivers()
        #expect(receivers.lose(3, on: Sample.eth0, at: now) == 3)
        #expect(receivers.lose(4, on: Sample.eth0, at: now + .seconds(30)) == nil)
        #expect(receivers.lose(1, on: Sample.eth1, at: now + .seconds(30)) == 1, "each interface for itself")
        #expect(receivers.lose(5, on: Sample.eth0, at: now + .milliseconds(59_999)) == nil)
        #expect(receivers.lose(6, on: Sample.eth0, at: now + .seconds(60)) == 15)
        #expect(receivers.lose(.max, on: Sample.eth0, at: now + .seconds(61)) == nil)
        #expect(receivers.lose(.max, on: Sample.eth0, at: now + .seconds(120)) == 2 * UInt64(UInt32.max))
    }
}
