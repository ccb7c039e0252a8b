import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("When to announce, and how often")
struct AnnouncementScheduleTests {
    private let now = moment(.zero)

    private func settings(refresh: Duration = .zero) -> GratuitousARPSettings {
        var settings = GratuitousARPSettings()
        settings.rounds = 5
        settings.contestRounds = 3
        settings.refresh = refresh
        settings.refreshRounds = 2
        settings.contestDelay = .seconds(4)
        return settings
    }

    @Test("A takeover: a burst now, an echo a tenth of a second later, and a second burst after garp_master_delay")
    func takeover() {
        let settings = settings(refresh: .seconds(7))
        var schedule = AnnouncementSchedule()
        #expect(schedule.takeOver(settings, isPaced: false, at: now) == 5)
        #expect(schedule.takeDue(.echo, settings, at: now + .milliseconds(99)) == nil)
        #expect(schedule.takeDue(.echo, settings, at: now + .milliseconds(100)) == 5)
        #expect(schedule.takeDue(.secondBurst, settings, at: now + .seconds(5)) == 5)
        #expect(schedule.takeDue(.refresh, settings, at: now + .seconds(7)) == 2)
        #expect(schedule.deadline(.refresh) == now + .seconds(14), "and again and again")
        for kind in [TimerKind.echo, .secondBurst, .settledEcho] { #expect(schedule.deadline(kind) == nil) }
    }

    @Test("No second burst with a delay of 0, no echo where the interface is paced, no refresh unless it is wanted")
    func without() {
        var settings = settings()
        settings.delay = .zero
        var schedule = AnnouncementSchedule()
        #expect(schedule.takeOver(settings, isPaced: true, at: now) == 5)
        for kind in TimerKind.allCases { #expect(schedule.deadline(kind) == nil) }
    }

    @Test(
        "A losing master is answered at once, with an echo and a second burst; the next one within a second by an echo alone"
    )
    func contest() {
        let settings = settings()
        var schedule = AnnouncementSchedule()
        #expect(schedule.answerContest(settings, isPaced: false, at: now) == 3)
        #expect(schedule.takeDue(.echo, settings, at: now + .milliseconds(100)) == 1)
        let again = now + .milliseconds(500)
        #expect(schedule.isResting(at: again))
        #expect(schedule.answerContest(settings, isPaced: false, at: again) == nil)
        #expect(schedule.deadline(.echo) == now + .seconds(1), "when the second is over")
        #expect(schedule.takeDue(.echo, settings, at: now + .seconds(1)) == 1)
        #expect(!schedule.isResting(at: now + .seconds(1)))
        #expect(schedule.takeDue(.secondBurst, settings, at: now + .seconds(4)) == 3)
    }

    @Test("A contest does not put off the second burst of the takeover, but that of an earlier contest")
    func contestAfterTakeover() {
        let settings = settings()
        var schedule = AnnouncementSchedule()
        _ = schedule.takeOver(settings, isPaced: false, at: now)
        _ = schedule.answerContest(settings, isPaced: false, at: now + .seconds(2))
        #expect(schedule.takeDue(.secondBurst, settings, at: now + .seconds(5)) == 5)
        _ = schedule.answerContest(settings, isPaced: false, at: now + .seconds(6))
        _ = schedule.answerContest(settings, isPaced: false, at: now + .seconds(8))
        #expect(schedule.deadline(.secondBurst) == now + .seconds(12))
    }

    @Test("A master no more: nothing is announced, and when it last answered a losing master is not forgotten")
    func stopped() {
        let settings = settings(refresh: .seconds(7))
        var schedule = AnnouncementSchedule()
        _ = schedule.takeOver(settings, isPaced: false, at: now)
        _ = schedule.answerContest(settings, isPaced: false, at: now)
        schedule.planSettledEcho(at: now + .seconds(2))
        schedule.stop()
        for kind in TimerKind.allCases { #expect(schedule.deadline(kind) == nil) }
        #expect(schedule.isResting(at: now + .milliseconds(999)))
    }

    @Test("Other settings: what is planned stays planned; the periodic announcement begins, ends, or goes on")
    func change() {
        var schedule = AnnouncementSchedule()
        _ = schedule.takeOver(settings(), isPaced: false, at: now)
        schedule.change(to: settings(refresh: .seconds(9)), isMaster: true, at: now + .seconds(1))
        #expect(schedule.deadline(.refresh) == now + .seconds(10))
        schedule.change(to: settings(refresh: .seconds(3)), isMaster: true, at: now + .seconds(2))
        #expect(schedule.deadline(.refresh) == now + .seconds(10), "the one that is planned stays")
        #expect(schedule.deadline(.secondBurst) == now + .seconds(5))
        schedule.change(to: settings(), isMaster: true, at: now + .seconds(3))
        #expect(schedule.deadline(.refresh) == nil)
        schedule.change(to: settings(refresh: .seconds(3)), isMaster: false, at: now + .seconds(4))
        #expect(schedule.deadline(.refresh) == nil)
    }
}
