import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("Where to listen, and for what")
struct ReceiversTests {
    private let now = moment(.zero)
    private let setup = Receivers.Setup(groups: [IPAddress(224, 0, 0, 18)], shared: [Sample.address(1)])

    @Test("A receiver is opened once for the same, and anew for other groups or addresses")
    func listen() {
        var receivers = Receivers()
        #expect(receivers.listen(on: Sample.eth0, setup) == true)
        #expect(receivers.listen(on: Sample.eth0, setup) == false)
        var other = setup
        other.shared.append(Sample.address(2))
        #expect(receivers.listen(on: Sample.eth0, other) == true)
        #expect(receivers.listen(on: Sample.eth1, setup) == true)
        #expect(receivers.interfaces == [Sample.eth0, Sample.eth1])
        #expect(receivers.close(Sample.eth0) == true)
        #expect(receivers.close(Sample.eth0) == false)
        #expect(!receivers.contains(Sample.eth0))
        receivers.fail(Sample.eth1)
        #expect(!receivers.contains(Sample.eth1))
        #expect(receivers.listen(on: Sample.eth1, setup) == true, "after a failure it is tried again")
    }

    @Test("The packet socket lets through the shared addresses and the sources in use, each once")
    func tap() {
        var receivers = Receivers()
        #expect(receivers.tap(Sample.address(12), on: Sample.eth0) == false, "nobody listens there yet")
        _ = receivers.listen(on: Sample.eth0, setup)
        #expect(receivers.sources(on: Sample.eth0) == [Sample.address(1), Sample.address(12)])
        #expect(receivers.tap(Sample.address(11), on: Sample.eth0) == true)
        #expect(receivers.tap(Sample.address(11), on: Sample.eth0) == false)
        #expect(receivers.sources(on: Sample.eth0) == [1, 11, 12].map { Sample.address($0) })
        _ = receivers.close(Sample.eth0)
        #expect(receivers.sources(on: Sample.eth0).isEmpty)
    }

    @Test("A host that keeps changing its address fills neither the memory nor the socket's filter")
    func manySources() {
        var receivers = Receivers()
        _ = receivers.listen(on: Sample.eth0, setup)
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
