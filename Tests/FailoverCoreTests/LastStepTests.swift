import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// What an owner still has in hand when a mastership, or all taking part, ends.
@Suite("Nothing is left of what has ended")
struct LastStepTests {
    private let now = TestHost.start
    private let kinds: [TimerKind] = [.secondBurst, .echo, .settledEcho, .refresh]

    @Test("Who is no master any more has nothing to announce, of any kind")
    func announcements() {
        var settings = GratuitousARPSettings()
        settings.delay = .seconds(5)
        settings.refresh = .seconds(7)
        var schedule = AnnouncementSchedule()
        let rounds = schedule.takeOver(settings, isPaced: false, at: now)
        #expect(rounds == settings.rounds)
        schedule.planSettledEcho(at: now + .seconds(2))
        for kind in kinds { #expect(schedule.deadline(kind) != nil, "\(kind)") }
        schedule.stop()
        for kind in kinds { #expect(schedule.deadline(kind) == nil, "\(kind)") }
    }

    @Test("A fault ends the last word, a handover that is under way, and the way out")
    func fault() {
        var wayOut = WayOut()
        wayOut.oweFarewell(Priority.lowest)
        wayOut.beginHandover()
        wayOut.leaveForFault()
        wayOut.noteFault()
        #expect(wayOut.farewell == nil)
        #expect(wayOut.outcome == .done)
        #expect(!wayOut.isForFault)
        #expect(!wayOut.isOver)
        wayOut.leaveForGood()
        wayOut.noteFault()
        #expect(wayOut.isOver)
    }

    @Test("A master that has nothing to take off says its last word at once when it yields")
    func lastWord() throws {
        // The host has the shared address of its own.
        let host = TestHost(try TestFile.guide(), own: ["192.0.2.12/24", "192.0.2.1/24"])
        host.hear(90)
        host.pass(.seconds(20))
        #expect(host.state == .master)
        host.forgetLog()
        host.hear(200)
        #expect(host.state == .backup)
        #expect(host.advertisements().map(\.priority) == [100])
        #expect(host.requests.isEmpty)
    }
}
