import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Gratuitous ARPs one at a time")
struct AnnouncementPacerTests {
    private let one = Sample.router(0)
    private let two = Sample.router(1)

    private func pacing(_ interval: Duration, groups: [(Set<String>, Duration)] = []) -> AnnouncementPacing {
        var pacing = AnnouncementPacing()
        pacing.interval = interval
        pacing.groups = groups.map { interfaces, interval in
            var group = AnnouncementPacing.Group()
            group.interfaces = interfaces
            group.interval = interval
            return group
        }
        return pacing
    }

    private func addresses(_ numbers: ClosedRange<UInt8>) -> [IPAddress] { numbers.map { Sample.address($0) } }

    /// All that leave until nothing waits, each at its time.
    private func drain(
        _ pacer: inout AnnouncementPacer, wanted: (AnnouncementPacer.Entry) -> Bool = { _ in true }
    ) -> [(at: Duration, address: IPAddress)] {
        var sent: [(at: Duration, address: IPAddress)] = []
        while let now = pacer.nextAt {
            var isEmpty = true
            while let due = pacer.popDue(at: now) {
                isEmpty = false
                guard wanted(due.entry) else { continue }
                sent.append((now - moment(.zero), due.entry.address))
                pacer.noteSent(due, at: now)
            }
            guard !isEmpty else {
                Issue.record("something waits, and nothing leaves")
                break
            }
        }
        return sent
    }

    @Test("A burst leaves address by address and round by round, the first at once and each other an interval later")
    func pace() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(300)))
        #expect(pacer.isPaced("eth0", .ipv4))
        #expect(pacer.nextAt == nil)
        pacer.add(addresses(1...3), of: one, on: Sample.eth0, named: "eth0", rounds: 2, at: moment(.zero))
        let sent = drain(&pacer)
        #expect(sent.map(\.address) == addresses(1...3) + addresses(1...3))
        #expect(sent.map(\.at) == (0..<6).map { .milliseconds(300 * $0) })
        // The next burst has to wait for the last one, too.
        pacer.add(addresses(1...1), of: one, on: Sample.eth0, named: "eth0", rounds: 1, at: moment(.milliseconds(1600)))
        #expect(pacer.popDue(at: moment(.milliseconds(1799))) == nil)
        #expect(pacer.popDue(at: moment(.milliseconds(1800))) != nil)
    }

    @Test("Without an interval nothing is paced, and nothing waits")
    func unpaced() {
        var pacer = AnnouncementPacer(pacing(.zero, groups: [(["eth1"], .seconds(1)), (["eth2"], .zero)]))
        #expect(!pacer.isPaced("eth0", .ipv4))
        #expect(pacer.isPaced("eth1", .ipv4))
        #expect(!pacer.isPaced("eth2", .ipv4))
        pacer.add(addresses(1...3), of: one, on: Sample.eth0, named: "eth0", rounds: 2, at: moment(.zero))
        #expect(pacer.nextAt == nil)
    }

    @Test("Each family has a pace of its own, also in a group")
    func families() {
        var settings = AnnouncementPacing()
        settings.neighbourInterval = .milliseconds(20)
        var group = AnnouncementPacing.Group()
        group.interfaces = ["eth1"]
        group.interval = .milliseconds(10)
        settings.groups = [group]
        var pacer = AnnouncementPacer(settings)
        #expect(!pacer.isPaced("eth0", .ipv4) && pacer.isPaced("eth0", .ipv6))
        #expect(pacer.isPaced("eth1", .ipv4) && !pacer.isPaced("eth1", .ipv6))
        let now = moment(.zero)
        pacer.add(
            [Sample.address(1, .ipv6), Sample.address(2, .ipv6)], of: Sample.router(0), on: Sample.eth0, named: "eth0",
            rounds: 1, at: now)
        let first = pacer.popDue(at: now)
        #expect(first?.entry.address == Sample.address(1, .ipv6))
        if let first { pacer.noteSent(first, at: now) }
        #expect(pacer.nextAt == now + .milliseconds(20))
    }

    @Test("A newer burst of an address takes the place of what is left of the older one")
    func newerBurst() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(100)))
        pacer.add(addresses(1...2), of: one, on: Sample.eth0, named: "eth0", rounds: 5, at: moment(.zero))
        let first = pacer.popDue(at: moment(.zero))
        #expect(first?.entry.address == Sample.address(1))
        if let first { pacer.noteSent(first, at: moment(.zero)) }
        pacer.add(addresses(1...1), of: one, on: Sample.eth0, named: "eth0", rounds: 3, at: moment(.zero))
        let sent = drain(&pacer).map(\.address)
        #expect(sent.count { $0 == Sample.address(1) } == 3, "the newer one's, and none of the four that were left")
        #expect(sent.count { $0 == Sample.address(2) } == 5, "the other address is not concerned")
        #expect(sent.first == Sample.address(2), "the newer one stands behind what waits")
    }

    @Test("The same address of another virtual router, or on another interface, is another burst")
    func otherBurst() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(100)))
        pacer.add(addresses(1...1), of: one, on: Sample.eth0, named: "eth0", rounds: 2, at: moment(.zero))
        pacer.add(addresses(1...1), of: two, on: Sample.eth0, named: "eth0", rounds: 2, at: moment(.zero))
        #expect(drain(&pacer).count == 4)
    }

    @Test("Interfaces of a group share one pace; those of none have each its own")
    func groups() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(100), groups: [(["eth0", "eth1"], .milliseconds(500))]))
        pacer.add(addresses(1...2), of: one, on: Sample.eth0, named: "eth0", rounds: 1, at: moment(.zero))
        pacer.add(addresses(3...4), of: one, on: Sample.eth1, named: "eth1", rounds: 1, at: moment(.zero))
        #expect(drain(&pacer).map(\.at) == (0..<4).map { .milliseconds(500 * $0) })
        pacer = AnnouncementPacer(pacing(.milliseconds(100)))
        pacer.add(addresses(1...2), of: one, on: Sample.eth0, named: "eth0", rounds: 1, at: moment(.zero))
        pacer.add(addresses(3...4), of: one, on: Sample.eth1, named: "eth1", rounds: 1, at: moment(.zero))
        #expect(drain(&pacer).map(\.at) == [.zero, .zero, .milliseconds(100), .milliseconds(100)])
    }

    @Test("What is not wanted any more costs no time: the next one's turn comes at once")
    func unwanted() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(100)))
        pacer.add(addresses(1...50), of: one, on: Sample.eth0, named: "eth0", rounds: 3, at: moment(.zero))
        pacer.add(addresses(60...61), of: two, on: Sample.eth0, named: "eth0", rounds: 1, at: moment(.zero))
        let sent = drain(&pacer) { $0.instance == two }
        #expect(sent.map(\.address) == addresses(60...61))
        #expect(sent.map(\.at) == [.zero, .milliseconds(100)])
        #expect(pacer.nextAt == nil)
    }

    @Test("With other settings what waits keeps the pace that it had")
    func otherSettings() {
        var pacer = AnnouncementPacer(pacing(.milliseconds(300)))
        pacer.add(addresses(1...3), of: one, on: Sample.eth0, named: "eth0", rounds: 1, at: moment(.zero))
        pacer.change(to: pacing(.zero))
        #expect(!pacer.isPaced("eth0", .ipv4))
        #expect(drain(&pacer).map(\.at) == [.zero, .milliseconds(300), .milliseconds(600)])
    }

    @Test("Burst upon burst, as of a host that flaps: the memory stays within twice what is still to be said")
    func bounded() {
        var pacer = AnnouncementPacer(pacing(.seconds(1)))
        var most = 0
        for _ in 0..<500 {
            pacer.add(addresses(1...20), of: one, on: Sample.eth0, named: "eth0", rounds: 5, at: moment(.zero))
            most = max(most, waitingCount(pacer))
        }
        #expect((100...64 + 2 * 100).contains(most))
        #expect(drain(&pacer).count == 100)
    }

    /// How many entries are kept, those that are passed over among them.
    private func waitingCount(_ value: Any) -> Int {
        Mirror(reflecting: value).children.reduce(0) { sum, child in
            if child.label == "waiting" { return sum + Mirror(reflecting: child.value).children.count }
            guard child.label == "queues" || child.label == nil else { return sum }
            return sum + waitingCount(child.value)
        }
    }

    @Test(
        "Drawn at random: each burst is said whole unless a newer one of the same address replaces it",
        arguments: [1, 2])
    func random(seed: UInt64) {
        var draws = Draws(seed: seed)
        var pacer = AnnouncementPacer(pacing(.milliseconds(10)))
        var left: [AnnouncementPacer.Entry: Int] = [:]
        var now = moment(.zero)
        for _ in 0..<1500 {
            if draws.below(4) == 0 {
                let id = draws.pick([one, two])
                let first = UInt8(draws.below(8))
                let rounds = 1 + draws.below(5)
                let burst = addresses(first...first + UInt8(draws.below(4)))
                pacer.add(burst, of: id, on: Sample.eth0, named: "eth0", rounds: rounds, at: now)
                for address in burst {
                    left[AnnouncementPacer.Entry(instance: id, interface: Sample.eth0, address: address)] = rounds
                }
            } else {
                now = now + .milliseconds(10)
                guard let due = pacer.popDue(at: now) else { continue }
                pacer.noteSent(due, at: now)
                left[due.entry, default: 0] -= 1
                #expect(left[due.entry] ?? -1 >= 0)
                #expect(pacer.popDue(at: now) == nil, "one at a time")
            }
            #expect((pacer.nextAt != nil) == left.values.contains { $0 > 0 })
        }
        #expect(drain(&pacer).count == left.values.reduce(0, +))
    }
}
