import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("Who else claims the addresses (RFC 5227)")
struct ClaimWatchTests {
    private let now = moment(.zero)
    private let host = MACAddress(rawValue: 0x02_0000_0000_0D)
    private let other = MACAddress(rawValue: 0x02_0000_0000_0E)
    private let one = Sample.key(1)
    private let two = Sample.key(2)
    private let interval = Duration.seconds(1)

    @Test("A claim is answered a tenth of a second later, once for a whole burst")
    func burst() {
        var watch = ClaimWatch()
        #expect(watch.note(host, over: one, mayDefend: true, at: now) == true)
        #expect(watch.note(host, over: one, mayDefend: true, at: now + .milliseconds(50)) == false)
        #expect(watch.defendAt == now + .milliseconds(100))
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(99)).isEmpty)
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(100)) == [one])
        #expect(watch.defendAt == nil)
        #expect(watch.takeDefences(interval: interval, at: now + .seconds(100)).isEmpty)
    }

    @Test(
        "An address is defended at most once in DEFEND_INTERVAL, ten seconds; a claim meanwhile is answered at its end")
    func defendInterval() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: true, at: now)
        var answers: [Duration] = []
        for tenth in 1...600 {
            let at = now + .milliseconds(100 * tenth)
            if !watch.takeDefences(interval: interval, at: at).isEmpty { answers.append(at - now) }
            _ = watch.note(host, over: one, mayDefend: true, at: at)
        }
        #expect(answers == (0..<6).map { .milliseconds(100 + 10_000 * $0) })
    }

    @Test("Each address has an answer of its own")
    func several() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: two, mayDefend: true, at: now)
        _ = watch.note(host, over: one, mayDefend: true, at: now + .milliseconds(10))
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(100)) == [two])
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(110)) == [one])
    }

    @Test("One that must not be answered is not; one that may be is, whoever speaks in between")
    func mayNotDefend() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: false, at: now)
        #expect(watch.defendAt == nil)
        _ = watch.note(host, over: one, mayDefend: true, at: now)
        _ = watch.note(other, over: one, mayDefend: false, at: now + .milliseconds(50))
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(100)) == [one])
    }

    @Test("While the election deals with another master nobody is answered; what came meanwhile is, once that is over")
    func electionFirst() {
        var watch = ClaimWatch()
        _ = watch.hearOtherMaster(at: now)
        _ = watch.note(host, over: one, mayDefend: true, at: now + .seconds(1))
        #expect(watch.takeDefences(interval: interval, at: now + .milliseconds(1100)).isEmpty)
        #expect(watch.defendAt == now + .seconds(5))
        // It goes on.
        _ = watch.hearOtherMaster(at: now + .seconds(4))
        #expect(watch.takeDefences(interval: interval, at: now + .seconds(5)).isEmpty)
        #expect(watch.takeDefences(interval: interval, at: now + .seconds(9)) == [one])
        // Four intervals, where those are longer than five seconds.
        _ = watch.hearOtherMaster(at: now + .seconds(20))
        _ = watch.note(host, over: one, mayDefend: true, at: now + .seconds(20))
        #expect(watch.takeDefences(interval: .seconds(3), at: now + .milliseconds(31_900)).isEmpty)
        #expect(watch.takeDefences(interval: .seconds(3), at: now + .seconds(32)) == [one])
    }

    @Test("A host is news once, for however many addresses, until it was silent for 35 seconds")
    func news() {
        var watch = ClaimWatch()
        #expect(watch.note(host, over: one, mayDefend: false, at: now) == true)
        #expect(watch.note(host, over: two, mayDefend: false, at: now + .seconds(1)) == false)
        #expect(watch.note(other, over: one, mayDefend: false, at: now + .seconds(2)) == true, "another host is")
        #expect(watch.note(host, over: two, mayDefend: false, at: now + .seconds(35)) == false)
        #expect(watch.conflicts[two]?.since == now + .seconds(1))
        #expect(watch.note(host, over: two, mayDefend: false, at: now + .seconds(70)) == true)
        #expect(watch.conflicts[two]?.since == now + .seconds(70), "another conflict")
    }

    @Test(
        "The first question comes two seconds after a takeover, then one each half minute, each five seconds while somebody answers"
    )
    func questions() {
        var watch = ClaimWatch()
        watch.probeSoon(spread: .milliseconds(20), at: now)
        #expect(watch.probeAt == now + .milliseconds(2020))
        #expect(watch.takeProbe(at: now + .milliseconds(2019)) == false)
        #expect(watch.takeProbe(at: now + .milliseconds(2020)) == true)
        #expect(watch.probeAt == now + .milliseconds(32_020))
        _ = watch.note(host, over: one, mayDefend: false, at: now + .milliseconds(2030))
        #expect(watch.probeAt == now + .milliseconds(7030))
        _ = watch.note(host, over: one, mayDefend: false, at: now + .seconds(6))
        #expect(watch.probeAt == now + .milliseconds(7030), "a claim does not put the question off")
    }

    @Test("A conflict that does not answer a question within a second is over, and so is one not seen for 35 seconds")
    func over() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: false, at: now)
        #expect(watch.conflict(over: one, at: now + .seconds(34)) != nil)
        #expect(watch.conflict(over: one, at: now + .seconds(35)) == nil)
        #expect(watch.conflict(over: one, at: nil) != nil, "as of its last change it was there")
        #expect(watch.takeProbe(at: now + .seconds(5)) == true)
        #expect(watch.conflict(over: one, at: now + .milliseconds(5999)) != nil)
        #expect(watch.conflict(over: one, at: now + .seconds(6)) == nil)
        _ = watch.note(host, over: one, mayDefend: false, at: now + .milliseconds(5500))
        #expect(watch.conflict(over: one, at: now + .seconds(6)) != nil, "it has answered")
        #expect(watch.conflicts.count == 1)
    }

    @Test("The question after one that went unanswered forgets the conflict, unless its claim has still to be answered")
    func forgotten() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: false, at: now)
        _ = watch.note(host, over: two, mayDefend: true, at: now)
        _ = watch.takeProbe(at: now + .seconds(5))
        #expect(Set(watch.conflicts.keys) == [one, two])
        _ = watch.takeProbe(at: now + .seconds(35))
        #expect(Set(watch.conflicts.keys) == [two])
        #expect(watch.takeDefences(interval: interval, at: now + .seconds(35)) == [two])
    }

    @Test("Another master while the next question is far off calls for one soon")
    func otherMaster() {
        var watch = ClaimWatch()
        #expect(watch.hearOtherMaster(at: now) == false, "none is planned")
        watch.probeSoon(spread: .zero, at: now)
        #expect(watch.hearOtherMaster(at: now) == false)
        _ = watch.takeProbe(at: now + .seconds(2))
        #expect(watch.hearOtherMaster(at: now + .seconds(3)) == true)
        #expect(watch.otherMasterAt == now + .seconds(3))
    }

    @Test("Nobody is answered any more where that is not wanted; a master no more forgets who answered")
    func end() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: true, at: now)
        watch.dropDefences(at: now)
        #expect(watch.defendAt != nil, "its time has not come")
        watch.dropDefences(at: now + .milliseconds(100))
        #expect(watch.defendAt == nil)
        #expect(watch.conflicts.count == 1)
        watch.endMastership()
        #expect(watch.conflicts.isEmpty)
    }

    @Test("Of other addresses from now on the conflicts stay that are about those")
    func otherAddresses() {
        var watch = ClaimWatch()
        _ = watch.note(host, over: one, mayDefend: true, at: now)
        _ = watch.note(host, over: two, mayDefend: true, at: now)
        watch.keep(only: [two, Sample.key(3)])
        #expect(watch.takeDefences(interval: interval, at: now + .seconds(1)) == [two])
    }
}
