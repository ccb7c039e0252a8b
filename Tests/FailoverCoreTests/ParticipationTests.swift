import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Whether a virtual router can take part")
struct ParticipationTests {
    private let now = moment(.zero)

    @Test("A source that has gone stays in use for two seconds, counted from when it was missed first")
    func grace() {
        var participation = Participation()
        participation.use(Sample.address(11))
        #expect(participation.missSource(at: now) == true)
        #expect(participation.missSource(at: now + .milliseconds(1999)) == true)
        #expect(participation.isBridging(at: now + .milliseconds(1999)))
        #expect(!participation.isBridging(at: now + .seconds(2)))
        #expect(participation.missSource(at: now + .seconds(2)) == false)
        #expect(participation.source == Sample.address(11), "until a fault is told")
    }

    @Test("It is looked for again when the two seconds are over")
    func graceEnds() {
        var participation = Participation()
        participation.use(Sample.address(11))
        _ = participation.missSource(at: now)
        participation.recover()
        #expect(participation.retryAt == now + .seconds(2))
        #expect(participation.takeRetry(at: now + .milliseconds(1999)) == false)
        #expect(participation.takeRetry(at: now + .seconds(2)) == true)
        #expect(participation.takeRetry(at: now + .seconds(3)) == false, "once")
    }

    @Test("One that is back is missed no more: the next time has two seconds of its own")
    func found() {
        var participation = Participation()
        participation.use(Sample.address(11))
        _ = participation.missSource(at: now)
        participation.findSource()
        participation.recover()
        #expect(participation.retryAt == nil)
        #expect(participation.missSource(at: now + .seconds(5)) == true)
        #expect(participation.isBridging(at: now + .milliseconds(6999)))
    }

    @Test("A fault takes the source away, is news once, and ends with the recovery")
    func fault() {
        var participation = Participation()
        participation.move(to: Sample.eth0)
        participation.use(Sample.address(11))
        _ = participation.missSource(at: now)
        #expect(participation.fail(faults(.noCarrier("eth0"))) == true)
        #expect(participation.source == nil && participation.sourceLostAt == nil)
        #expect(participation.interface == Sample.eth0)
        #expect(participation.fail(faults(.noCarrier("eth0"))) == false)
        #expect(participation.fail(faults(.interfaceDown("eth0"))) == true, "another one is news")
        #expect(participation.fault == .interfaceDown("eth0"))
        participation.recover()
        #expect(participation.fault == nil)
        #expect(participation.faults.isEmpty)
        #expect(participation.fail(faults(.interfaceDown("eth0"))) == true, "after a recovery the same is news, too")
    }

    @Test("Of two faults the network's is told; when it has gone the other one is, and that is news")
    func twoFaults() {
        var participation = Participation()
        let reason = TrackedStatus(
            tracker: TrackerName(.interface, "eth1"), state: .down(.link(.noCarrier)), effect: .fault)
        var both = faults(.noCarrier("eth0"))
        both[.tracking] = .tracked([reason])
        #expect(participation.fail(both) == true)
        #expect(participation.fault == .noCarrier("eth0"))
        both[.network] = nil
        participation.use(Sample.address(11))
        #expect(participation.fail(both) == true)
        #expect(participation.fault == .tracked([reason]))
        #expect(participation.source == Sample.address(11), "the network is well")
    }

    private func faults(_ fault: Fault) -> FaultSet {
        var faults = FaultSet()
        faults[.network] = fault
        return faults
    }

    @Test("A rival is waited for until it has been silent for long enough, or says that it leaves")
    func rival() {
        var participation = Participation()
        participation.hearRival(until: now + .seconds(4))
        participation.judgeRival(at: now)
        #expect(participation.hasRival && participation.hasRival(at: now))
        #expect(participation.retryAt == now + .seconds(4))
        participation.hearRival(until: now + .seconds(5))
        participation.judgeRival(at: now + .seconds(1))
        #expect(participation.retryAt == now + .seconds(5))
        #expect(!participation.hasRival(at: now + .seconds(5)), "its time is over")
        #expect(participation.hasRival, "but nobody has judged it yet")
        participation.judgeRival(at: now + .seconds(5))
        #expect(!participation.hasRival)
        participation.hearRival(until: now + .seconds(9))
        participation.loseRival()
        #expect(!participation.hasRival)
    }

    @Test("Who waits for longer anyway is not called earlier by a rival")
    func rivalWhileWaiting() {
        var participation = Participation()
        participation.wait(until: now + .seconds(30))
        participation.hearRival(until: now + .seconds(4))
        participation.judgeRival(at: now)
        #expect(participation.retryAt == now + .seconds(30))
        participation.stopWaiting()
        #expect(participation.retryAt == nil)
        #expect(participation.takeRetry(at: now + .seconds(60)) == false)
    }

    @Test("One fault of each source is kept; what a source takes back another may still hold")
    func faults() {
        var faults = FaultSet()
        #expect(faults.isEmpty && faults.first == nil)
        for source in FaultSource.allCases {
            faults[source] = .noPeer
            #expect(faults[source] == .noPeer)
        }
        #expect(faults.first == .noPeer)
        for source in FaultSource.allCases {
            #expect(!faults.isEmpty)
            faults[source] = nil
        }
        #expect(faults.isEmpty)
    }
}
