import Testing
import VRRP

@testable import FailoverCore

/// Numbers that look drawn and are the same in every run.
private struct OrderDraws {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

@Suite("Timers run out in their order, whatever was moved or stopped before")
struct TimerOrderTests {
    private static let kinds = TimerKind.allCases.dropFirst()

    private func time(_ milliseconds: Int) -> Instant { Instant(sinceBoot: .milliseconds(milliseconds)) }

    private func isBefore(_ left: TimerTable.Alarm, _ right: TimerTable.Alarm) -> Bool {
        (left.at, left.router.slot, left.kind.rawValue) < (right.at, right.router.slot, right.kind.rawValue)
    }

    @Test("Compared with a list that is sorted each time", arguments: [1, 2, 3, 4, 5])
    func model(seed: UInt64) {
        var draws = OrderDraws(state: seed)
        var heap = TimerHeap(1...UInt8(TimerKind.allCases.count - 1))
        var model: [TimerTable.Alarm] = []
        var now = 0
        for _ in 0..<4000 {
            // A slot's next router takes the place of the one before.
            let id = RouterID(slot: Int32(draws.next(below: 12)), generation: Int32(draws.next(below: 2)))
            let kind = Self.kinds[Self.kinds.startIndex + draws.next(below: Self.kinds.count)]
            switch draws.next(below: 10) {
            case 0...5:
                // Few moments, so that many timers share one.
                let due = time(now + draws.next(below: 40))
                heap.set(kind, of: id, to: due)
                model.removeAll { $0.router.slot == id.slot && $0.kind == kind }
                model.append(TimerTable.Alarm(at: due, router: id, kind: kind))
            case 6:
                heap.set(kind, of: id, to: nil)
                model.removeAll { $0.router.slot == id.slot && $0.kind == kind }
            default:
                now += draws.next(below: 6)
                while let alarm = heap.popDue(at: time(now)) {
                    let expected = model.min(by: isBefore)
                    #expect(alarm == expected)
                    #expect(alarm.at <= time(now))
                    model.removeAll { $0 == expected }
                }
                #expect(model.allSatisfy { $0.at > time(now) })
            }
            #expect(heap.deadline(kind, of: id) == model.first { $0.router.slot == id.slot && $0.kind == kind }?.at)
        }
        #expect(heap.count == model.count)
        #expect(Set(heap.armed) == Set(model))
        let next = heap.next()
        #expect(next == model.min(by: isBefore))
    }

    @Test("What is due of one router is taken in the order in which the kinds are declared")
    func kinds() {
        var due = TimerKinds([
            TimerKinds(.splitEnd), TimerKinds(.election), TimerKinds(.handoverEnd), TimerKinds(.refit),
        ])
        var order: [TimerKind] = []
        while let kind = due.popFirst() { order.append(kind) }
        #expect(order == [.handoverEnd, .election, .refit, .splitEnd])
    }

    @Test("All timers of a router stop, and nobody else's")
    func stop() {
        var table = TimerTable()
        let (first, second) = (RouterID(slot: 0, generation: 1), RouterID(slot: 1, generation: 1))
        for kind in TimerKind.allCases {
            table.set(kind, of: first, to: time(1))
            table.set(kind, of: second, to: time(2))
        }
        table.stopAll(of: first)
        #expect(table.armed == TimerKind.allCases.map { TimerTable.Alarm(at: time(2), router: second, kind: $0) })
    }
}
