import EventLoop
import FailoverCore
import Kernel
import VRRP

/// When the loop wakes next, and what it does with the time until then.
extension Agent {
    /// How long before a takeover the program is awake.
    private static let runUp = Duration.microseconds(600)

    /// The more of them wait, the shorter.
    private var slowCallPause: Duration { max(.milliseconds(100) * 16 / (16 + SlowCalls.count), .milliseconds(5)) }

    /// Those for which the kernel takes its time are made when nothing else is due within it; where that never happens, ten a second,
    /// or more where many wait.
    func makeSlowCall() {
        guard SlowCalls.areWaiting else {
            nextSlowCall = nil
            return
        }
        let now = Self.now()
        let latest = nextSlowCall ?? now + slowCallPause
        nextSlowCall = latest
        guard now >= latest || hasRoomForSlowCall(at: now) else { return }
        SlowCalls.makeOne()
        nextSlowCall = SlowCalls.areWaiting ? Self.now() + slowCallPause : nil
    }

    private func hasRoomForSlowCall(at now: Instant) -> Bool {
        core.nextDeadline().map { $0 - now >= SlowCalls.longest } ?? true
    }

    /// Wakes for the next deadline; for a takeover a little before it. To be woken takes an idle machine longer than all
    /// the work of a takeover: the last moments are waited out awake.
    func armTimer(at now: Instant) {
        guard !duties.readsTable else {
            timer?.fire(at: (now + .milliseconds(10)).sinceBoot)
            return
        }
        let runUp = core.nextTakeover().map { $0 - Self.runUp }
        let slowCall = nextSlowCall.map { hasRoomForSlowCall(at: now) ? now + .milliseconds(1) : $0 }
        timer?.fire(at: [core.nextDeadline(), runUp, slowCall].compactMap { $0 }.min()?.sinceBoot)
    }

    /// At the end of a run-up: waits for the moment, unless something comes in between.
    func waitOutRunUp() {
        let now = Self.now()
        guard let takeover = core.nextTakeover(), takeover - now < Self.runUp + .microseconds(50) else { return }
        // An advertisement that is due meanwhile goes first.
        let end = core.nextDeadline() ?? takeover
        guard end > now else { return }
        Rehearsal.play(core.routers.first.map { core.configuration(of: $0) }, with: requests, announcer)
        while Self.now() < end {
            if poll.isReady { return }
        }
    }
}
