import Testing
import VRRP

@testable import FailoverCore

@Suite("Where a shared address stands")
struct PlacedAddressTests {
    private let now = moment(.zero)

    private func placed(_ label: String? = nil) -> PlacedAddress {
        var address = PlacedAddress([Sample.shared(1, label: label)], at: 0)
        address.move(to: Sample.key(1))
        return address
    }

    @Test("One that is taken away is put back at once four times, then with pauses that double up to a second")
    func pauses() {
        var address = placed()
        var pauses: [Duration] = []
        var at = now
        for _ in 0..<14 {
            address.noteHeld(at: at)
            at = at + .milliseconds(10)
            address.noteTakenAway(at: at)
            let due = address.retryAt ?? at
            pauses.append(due - at)
            #expect(address.isWaiting(at: due - .nanoseconds(1)) == (due > at))
            #expect(!address.isWaiting(at: due))
            at = due
            #expect(address.takeRetry(at: at) == (pauses.last != .zero))
            address.noteRestored(at: at)
        }
        #expect(
            pauses == [0, 0, 0, 0, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000, 1000].map { .milliseconds($0) })
    }

    @Test("Once it has stayed for ten seconds it is put back at once again")
    func stayed() {
        var address = placed()
        for _ in 0..<8 {
            address.noteTakenAway(at: now)
            address.noteRestored(at: now)
        }
        #expect(address.isContested(at: now + .milliseconds(9999)))
        #expect(!address.isContested(at: now + .seconds(10)))
        #expect(address.isContested(at: nil), "as of the last change")
        address.stopWaiting()
        address.noteTakenAway(at: now + .seconds(10))
        #expect(address.retryAt == nil)
    }

    @Test("It is missing mostly when it was away for more than half of the last ten seconds")
    func absences() {
        var address = placed()
        address.noteHeld(at: now)
        address.noteTakenAway(at: now)
        #expect(!address.isMissingMostly(at: now + .seconds(5)), "not for more than half")
        #expect(address.isMissingMostly(at: now + .milliseconds(5001)))
        address.noteHeld(at: now + .milliseconds(5001))
        #expect(address.isMissingMostly(at: now + .seconds(10)), "it counts as long as it lies within the ten seconds")
        #expect(!address.isMissingMostly(at: now + .milliseconds(10_001)))
        // Several that add up.
        address = placed()
        for second in 0..<10 {
            address.noteTakenAway(at: now + .seconds(second))
            address.noteHeld(at: now + .seconds(second) + .milliseconds(510))
        }
        #expect(address.isMissingMostly(at: now + .seconds(10)))
        address = placed()
        for second in 0..<10 {
            address.noteTakenAway(at: now + .seconds(second))
            address.noteHeld(at: now + .seconds(second) + .milliseconds(490))
        }
        #expect(!address.isMissingMostly(at: now + .seconds(10)))
    }

    @Test("Where it does not belong it is missed by nobody, and what was before counts no more")
    func unwanted() {
        var address = placed()
        address.noteHeld(at: now)
        address.noteTakenAway(at: now)
        address.noteUnwanted()
        #expect(!address.wasHeld)
        #expect(!address.isMissingMostly(at: now + .seconds(9)))
    }

    @Test("The kernel's doubt about one that it has not: a new table may clear it up, once")
    func doubt() {
        var address = placed()
        #expect(address.noteDoubt(retryAt: now + .seconds(1)) == true)
        #expect(address.retryAt == now + .seconds(1))
        #expect(address.noteDoubt(retryAt: now + .seconds(2)) == false, "in vain")
        address.noteAdded()
        #expect(address.noteDoubt(retryAt: now + .seconds(3)) == true, "it was there in between")
        address.noteHeld(at: now)
        #expect(address.noteDoubt(retryAt: now + .seconds(4)) == true)
        address.noteAdded()
        address.noteRefusal()
        #expect(address.noteDoubt(retryAt: now + .seconds(5)) == false, "no doubt after a refusal")
    }

    @Test("Somebody keeps changing it: it is put on anew at once four times, then with growing pauses")
    func refits() {
        var address = placed()
        for _ in 0..<4 { #expect(address.beginRefit(at: now) == true) }
        #expect(address.beginRefit(at: now) == false)
        #expect(address.refitAt == now + .milliseconds(20))
        #expect(address.beginRefit(at: now + .milliseconds(19)) == false)
        address.dropRefit()
        #expect(address.beginRefit(at: now + .milliseconds(20)) == true)
        #expect(address.beginRefit(at: now + .milliseconds(59)) == false)
        #expect(address.beginRefit(at: now + .milliseconds(60)) == true)
        #expect(address.beginRefit(at: now + .milliseconds(10_060)) == true, "after ten quiet seconds at once again")
        #expect(address.beginRefit(at: now + .milliseconds(10_060)) == true)
    }

    @Test("A form that the kernel refuses is not tried again until the configuration wants another one")
    func refusedFit() {
        var address = placed("eth0:1")
        #expect(!address.isFitRefused)
        address.refuseFit()
        #expect(address.isFitRefused)
        var same = placed("eth0:1")
        same.adopt(address)
        #expect(same.isFitRefused)
        var another = placed("eth0:2")
        another.adopt(address)
        #expect(!another.isFitRefused)
        var back = placed("eth0:1")
        back.adopt(another)
        #expect(back.isFitRefused, "the kernel would refuse it again")
    }

    @Test("Over a reload it stays what it is: its place, the open request, whether it was held, and the pauses")
    func adoption() {
        var old = placed()
        old.noteHeld(at: now)
        old.noteHostsOwn()
        old.ask(.add(RequestID(rawValue: 7)))
        for _ in 0..<8 {
            old.noteTakenAway(at: now)
            old.noteRestored(at: now)
        }
        old.noteTakenOver(at: now)
        var new = PlacedAddress([Sample.shared(1)], at: 0)
        new.adopt(old)
        #expect(new.key == Sample.key(1))
        #expect(new.pending == .add(RequestID(rawValue: 7)))
        #expect(new.wasHeld && new.wasHosts)
        #expect(new.retryAt == old.retryAt && new.retryAt != nil)
        #expect(new.takenOverAt == now)
        #expect(new.isContested(at: now + .seconds(1)))
        new.noteRestored(at: now)
        new.noteTakenAway(at: now)
        #expect((new.retryAt ?? now) - now == .milliseconds(320), "the pauses go on growing")
    }

    @Test("Who wants another form by a reload does not wait for it; who wants the same goes on waiting")
    func refitOverReload() {
        var old = placed("eth0:1")
        for _ in 0..<5 { _ = old.beginRefit(at: now) }
        #expect(old.refitAt != nil)
        var same = PlacedAddress([Sample.shared(1, label: "eth0:1")], at: 0)
        same.adopt(old)
        #expect(same.refitAt == nil, "it is looked at after a reload anyway")
        #expect(same.beginRefit(at: now) == false)
        var another = PlacedAddress([Sample.shared(1, label: "eth0:2")], at: 0)
        another.adopt(old)
        #expect(another.beginRefit(at: now) == true)
    }

    @Test("An interface that was made anew is another place: nothing is awaited or missed there")
    func moved() {
        var address = placed()
        address.noteHeld(at: now)
        address.ask(.remove(RequestID(rawValue: 1)))
        address.move(to: Sample.key(1, on: Sample.eth1))
        #expect(address.pending == nil)
        #expect(!address.wasHeld)
        address.move(to: nil)
        #expect(address.key == nil)
    }

    @Test("What was announced by a successor is forgotten when this host begins to leave again")
    func takenOver() {
        var address = placed()
        address.noteTakenOver(at: now)
        #expect(address.takenOverAt == now)
        address.beginLeaving()
        #expect(address.takenOverAt == nil)
    }
}

@Suite("The shared addresses of a virtual router")
struct PlacementTests {
    private let now = moment(.zero)

    @Test("None of its addresses is due before the whole is; each is taken when its time comes", arguments: [1, 2, 3])
    func never(seed: UInt64) {
        var draws = Draws(seed: seed)
        var placement = Placement((1...8).map { Sample.shared($0) })
        var at = now
        for step in 0..<1000 {
            let position = draws.below(8)
            let due = at + .milliseconds(draws.below(200))
            switch draws.below(8) {
            case 0: placement[position].wait(until: due)
            case 1: placement[position].stopWaiting()
            case 2: placement[position].planRefit(at: due)
            case 3: placement[position].dropRefit()
            case 4: if draws.below(10) == 0 { placement.endPauses() }
            default:
                at = at + .milliseconds(draws.below(50))
                let waiting = placement.positions.filter { placement[$0].retryAt.map { at >= $0 } ?? false }
                let changing = placement.positions.filter { placement[$0].refitAt.map { at >= $0 } ?? false }
                #expect(placement.takeRetries(at: at) == waiting, "step \(step)")
                #expect(placement.takeRefits(at: at) == changing, "step \(step)")
                #expect(placement.addresses.allSatisfy { $0.retryAt.map { $0 > at } ?? true })
                #expect(placement.addresses.allSatisfy { $0.refitAt.map { $0 > at } ?? true })
            }
            for address in placement.addresses {
                if let due = address.retryAt { #expect(placement.retryAt.map { $0 <= due } ?? false, "step \(step)") }
                if let due = address.refitAt { #expect(placement.refitAt.map { $0 <= due } ?? false, "step \(step)") }
            }
        }
    }

    @Test("Over a reload each address is found in whatever position it has now, and what it waits for is waited for")
    func adoption() {
        var old = Placement([1, 2, 3].map { Sample.shared($0) })
        for position in old.positions { old[position].move(to: Sample.key(UInt8(position + 1))) }
        old[0].ask(.add(RequestID(rawValue: 1)))
        old[1].ask(.add(RequestID(rawValue: 2)))
        old[2].wait(until: now + .seconds(3))
        old[0].wait(until: now + .seconds(1))
        old.planRenewal(at: now + .seconds(9))
        var new = Placement([3, 4, 2].map { Sample.shared($0) })
        new.adopt(old)
        #expect(new.addresses.map(\.key) == [Sample.key(3), nil, Sample.key(2)])
        #expect(new.addresses.map(\.pending) == [nil, nil, .add(RequestID(rawValue: 2))])
        #expect(new.retryAt == now + .seconds(3), "the one that was due earlier is not among them")
        #expect(new.renewAt == now + .seconds(9))
    }

    @Test("The lifetimes begin anew when it is time, and then again after each period, or never")
    func renewal() {
        var placement = Placement([Sample.shared(1)])
        #expect(placement.takeRenewal(every: .seconds(2), at: now) == false)
        placement.planRenewal(at: now + .seconds(2))
        #expect(placement.takeRenewal(every: .seconds(2), at: now + .milliseconds(1999)) == false)
        #expect(placement.takeRenewal(every: .seconds(2), at: now + .seconds(2)) == true)
        #expect(placement.renewAt == now + .seconds(4))
        #expect(placement.takeRenewal(every: nil, at: now + .seconds(4)) == true)
        #expect(placement.renewAt == nil)
    }

    @Test("What an addition waited for does not keep an address once all have to go")
    func endPauses() {
        var placement = Placement([1, 2].map { Sample.shared($0) })
        placement[0].wait(until: now + .seconds(1))
        placement[1].wait(until: now + .seconds(2))
        placement.endPauses()
        #expect(placement.retryAt == nil)
        #expect(placement.addresses.allSatisfy { $0.retryAt == nil })
        #expect(placement.takeRetries(at: now + .seconds(9)).isEmpty)
    }
}
