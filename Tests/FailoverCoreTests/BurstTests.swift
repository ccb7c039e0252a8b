import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Paced announcements: the newer burst of an address takes the place of the older one")
struct BurstTests {
    private let router = RouterID(slot: 0, generation: 1)

    private func pacer() -> AnnouncementPacer {
        var settings = AnnouncementPacing()
        settings.interval = .milliseconds(10)
        return AnnouncementPacer(settings)
    }

    private func address(_ number: Int) -> IPAddress { IPAddress(192, 0, 2, UInt8(number)) }

    private func add(_ numbers: [Int], rounds: Int, to pacer: inout AnnouncementPacer) {
        pacer.add(
            numbers.map(address), of: router, on: TestHost.eth0, named: "eth0", rounds: rounds, at: TestHost.start)
    }

    /// What leaves, one after the other, each at its time.
    private func drain(_ pacer: inout AnnouncementPacer) -> [IPAddress] {
        var left: [IPAddress] = []
        while let at = pacer.nextAt, left.count < 10_000 {
            guard let due = pacer.popDue(at: at) else { break }
            left.append(due.entry.address)
            pacer.noteSent(due, at: at)
        }
        return left
    }

    @Test("What is left of the older one is passed over; others keep their places")
    func newer() {
        var pacer = pacer()
        add([1, 2], rounds: 2, to: &pacer)
        add([1], rounds: 3, to: &pacer)
        let left = drain(&pacer)
        #expect(left == [2, 2, 1, 1, 1].map(address))
        #expect(pacer.nextAt == nil)
    }

    @Test("However often it is announced anew, the last burst is whole, and nothing waits after it")
    func many() {
        var pacer = pacer()
        for _ in 0..<200 { add([1, 2, 3], rounds: 5, to: &pacer) }
        let left = drain(&pacer)
        #expect(left.count == 15)
        #expect(left.filter { $0 == address(2) }.count == 5)
        #expect(pacer.nextAt == nil)
    }
}
