import Testing
import VRRP

@testable import FailoverCore

@Suite("Timers, in the order in which they run out")
struct TimerTests {
    private static let routers = (0..<40).map { Sample.router($0) }
    /// Those that the heap of a table's other timers keeps.
    private static let kinds = TimerKind.allCases.filter { $0 != .advertisement }

    private func heap() -> TimerHeap { TimerHeap(1...UInt8(TimerKind.allCases.count - 1)) }

    /// What a heap should be: a list that is sorted for each question.
    private struct Model {
        var due: [TimerTable.Alarm] = []

        mutating func set(_ kind: TimerKind, of id: RouterID, to at: Instant?) {
            due.removeAll { $0.kind == kind && $0.router == id }
            if let at { due.append(TimerTable.Alarm(at: at, router: id, kind: kind)) }
        }

        var sorted: [TimerTable.Alarm] {
            due.sorted { ($0.at, $0.router, $0.kind.rawValue) < ($1.at, $1.router, $1.kind.rawValue) }
        }

        mutating func popDue(at now: Instant) -> TimerTable.Alarm? {
            guard let first = sorted.first, first.at <= now else { return nil }
            due.removeAll { $0 == first }
            return first
        }
    }

    @Test("Whatever is armed, moved and stopped: it answers as a sorted list would", arguments: [1, 2, 3, 4])
    func asSortedList(seed: UInt64) {
        var draws = Draws(seed: seed)
        var heap = heap()
        var model = Model()
        var now = moment(.zero)
        for step in 0..<2000 {
            let id = draws.pick(Self.routers)
            let kind = draws.pick(Self.kinds)
            // Few moments, so that many are due together.
            let at = now + .milliseconds(10 * draws.below(50))
            switch draws.below(10) {
            case 0: now = now + .milliseconds(draws.below(40))
            case 1:
                heap.set(kind, of: id, to: nil)
                model.set(kind, of: id, to: nil)
            case 2, 3:
                // Some are armed for a time that is over.
                let now = now - .milliseconds(5)
                #expect(heap.popDue(at: now) == model.popDue(at: now), "step \(step)")
            case 4:
                while let alarm = model.popDue(at: now) { #expect(heap.popDue(at: now) == alarm, "step \(step)") }
                #expect(heap.popDue(at: now) == nil)
            case 5:
                // One that runs is put off, as an advertisement puts off a backup's.
                guard !model.due.isEmpty else { continue }
                let alarm = draws.pick(model.due)
                heap.set(alarm.kind, of: alarm.router, to: alarm.at + .milliseconds(100))
                model.set(alarm.kind, of: alarm.router, to: alarm.at + .milliseconds(100))
            case 6:
                guard !model.due.isEmpty else { continue }
                let alarm = draws.pick(model.due)
                heap.set(alarm.kind, of: alarm.router, to: alarm.at - .milliseconds(100))
                model.set(alarm.kind, of: alarm.router, to: alarm.at - .milliseconds(100))
            default:
                heap.set(kind, of: id, to: at)
                model.set(kind, of: id, to: at)
            }
            #expect(heap.count == model.due.count)
            #expect(heap.deadline(kind, of: id) == model.due.first { $0.router == id && $0.kind == kind }?.at)
            if step % 50 == 0 {
                #expect(Set(heap.armed) == Set(model.due), "step \(step)")
                #expect(heap.next() == model.sorted.first, "step \(step)")
            }
        }
        let end = now + .seconds(10)
        while let alarm = model.popDue(at: end) { #expect(heap.popDue(at: end) == alarm) }
        #expect(heap.count == 0)
        #expect(heap.next() == nil)
    }

    @Test("One that moves to a later time again and again is not lost, and never early")
    func putOff() {
        var heap = heap()
        for number in 0..<8 { heap.set(.election, of: Sample.router(Int32(number)), to: moment(.seconds(number + 20))) }
        let id = Sample.router(3)
        for second in 0..<50 {
            heap.set(.election, of: id, to: moment(.seconds(second + 4)))
            while let alarm = heap.popDue(at: moment(.seconds(second))) { #expect(alarm.router != id) }
            #expect(heap.deadline(.election, of: id) == moment(.seconds(second + 4)))
        }
        #expect(heap.armed == [TimerTable.Alarm(at: moment(.seconds(53)), router: id, kind: .election)])
        #expect(heap.popDue(at: moment(.seconds(53)) - .nanoseconds(1)) == nil)
        #expect(heap.popDue(at: moment(.seconds(53)))?.router == id)
    }

    @Test("Of those that are due together routers go in the order of their places, and a router's in that of the kinds")
    func together() {
        var table = TimerTable()
        let at = moment(.seconds(1))
        for number in [5, 1, 3, 0, 4, 2] as [Int32] {
            for kind in [TimerKind.splitEnd, .retry, .election] { table.set(kind, of: Sample.router(number), to: at) }
        }
        var order: [TimerTable.Alarm] = []
        while let alarm = table.popDue(at: at) { order.append(alarm) }
        let wanted = (0..<6).flatMap { number in
            [TimerKind.retry, .election, .splitEnd].map { kind in
                TimerTable.Alarm(at: at, router: Sample.router(number), kind: kind)
            }
        }
        #expect(order == wanted)
    }

    @Test("A masters' advertisement is kept apart, so that nothing else goes before it")
    func advertisements() {
        var table = TimerTable()
        let one = Sample.router(0)
        let two = Sample.router(1)
        table.set(.advertisement, of: two, to: moment(.seconds(3)))
        table.set(.advertisement, of: one, to: moment(.seconds(2)))
        table.set(.probe, of: one, to: moment(.seconds(1)))
        #expect(table.nextAdvertisement()?.router == one)
        #expect(table.next()?.kind == .probe)
        #expect(table.armed.map(\.at) == [1, 2, 3].map { moment(.seconds($0)) })
        #expect(table.popDueAdvertisement(at: moment(.seconds(1))) == nil)
        #expect(table.popDueAdvertisement(at: moment(.seconds(2))) == one)
        #expect(table.popDue(at: moment(.seconds(9)))?.kind == .probe)
        #expect(table.popDue(at: moment(.seconds(9))) == nil)
        #expect(table.deadline(.advertisement, of: two) == moment(.seconds(3)))
    }

    @Test("A timer that is armed again for the router that has the place now is that one's")
    func successor() {
        var heap = heap()
        let (old, new) = (RouterID(slot: 3, generation: 1), RouterID(slot: 3, generation: 2))
        heap.set(.retry, of: old, to: moment(.seconds(1)))
        heap.set(.retry, of: new, to: moment(.seconds(2)))
        let alarm = TimerTable.Alarm(at: moment(.seconds(2)), router: new, kind: .retry)
        #expect(heap.armed == [alarm])
        let due = heap.popDue(at: moment(.seconds(2)))
        #expect(due == alarm)
    }

    @Test("All of a router's are stopped at once, and no other's")
    func stopped() {
        var table = TimerTable()
        for kind in TimerKind.allCases {
            table.set(kind, of: Sample.router(0), to: moment(.seconds(1)))
            table.set(kind, of: Sample.router(1), to: moment(.seconds(1)))
        }
        table.stopAll(of: Sample.router(0))
        #expect(table.armed.count == TimerKind.allCases.count)
        #expect(table.armed.allSatisfy { $0.router == Sample.router(1) })
        // One that does not run can be stopped, too.
        table.stopAll(of: Sample.router(7))
        #expect(table.armed.count == TimerKind.allCases.count)
    }

    @Test("A set of kinds gives them out in the order in which they are declared, each once")
    func kinds() {
        var kinds = TimerKinds.all
        var taken: [TimerKind] = []
        while let kind = kinds.popFirst() { taken.append(kind) }
        #expect(taken == TimerKind.allCases)
        #expect(!kinds.contains(.election))
        // Each kind has one owner, but for five: a handover's end, a retry and the end of a split are single values, and
        // routes and macvlans are seldom there.
        let owned: [TimerKinds] = [.ofElection, .ofAnnouncing, .ofClaims, .ofSending, .ofPlacement]
        for kind in TimerKind.allCases {
            #expect(
                owned.count { $0.contains(kind) }
                    == ([.handoverEnd, .retry, .splitEnd, .routing, .macvlan].contains(kind) ? 0 : 1))
        }
    }
}
