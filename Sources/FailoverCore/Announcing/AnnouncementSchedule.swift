import Configuration
import VRRP

/// When the next gratuitous ARPs of one virtual router go out, and how many rounds of them.
struct AnnouncementSchedule: Hashable, Sendable {
    /// The second burst.
    private var secondBurstAt: Instant?
    /// It follows a losing master's advertisement, not the takeover.
    private var followsContest = false
    /// The announcements right after a takeover, once more: while the old master still answered, a neighbour may have believed it.
    private var echoAt: Instant?
    /// How often then; as at a takeover unless given.
    @Seldom private var echoRounds: Int?
    /// When a new master answers those who have spoken as owners since it became one.
    @Seldom private var settledEchoAt: Instant?
    /// The periodic announcement.
    @Seldom private var refreshAt: Instant?
    /// Before this, a losing master does not cause another burst.
    @Seldom private var nextBurstAt: Instant?

    /// The least time between two bursts that losing masters cause.
    private static let burstPause = Duration.seconds(1)
    /// How long after a takeover the announcements are repeated: the old master has let go by then.
    private static let echoPause = Duration.milliseconds(100)

    func deadline(_ kind: TimerKind) -> Instant? {
        switch kind {
        case .secondBurst: secondBurstAt
        case .echo: echoAt
        case .settledEcho: settledEchoAt
        case .refresh: refreshAt
        default: nil
        }
    }

    // MARK: - What calls for announcements

    /// A takeover: a burst now, another one after `garp_master_delay`, and the periodic ones.
    /// - Parameter isPaced: the interface lets them out one at a time; that takes longer than the echo would wait.
    /// - Returns: the rounds of the burst that goes out now.
    mutating func takeOver(_ settings: GratuitousARPSettings, isPaced: Bool, at now: Instant) -> Int {
        planSecondBurst(after: settings.delay, at: now)
        echoRounds = nil
        echoAt = isPaced ? nil : now + Self.echoPause
        refreshAt = settings.refresh > .zero ? now + settings.refresh : nil
        return settings.rounds
    }

    /// Going on as master where an earlier run left off: the neighbours know this host already, and not before it is sure that nobody
    /// better is there.
    mutating func goOn(_ settings: GratuitousARPSettings, at now: Instant) {
        echoRounds = nil
        echoAt = now + Self.echoPause
        refreshAt = settings.refresh > .zero ? now + settings.refresh : nil
    }

    /// - Parameter delay: 0 for none.
    mutating func planSecondBurst(after delay: Duration, isContest: Bool = false, at now: Instant) {
        secondBurstAt = delay > .zero ? now + delay : nil
        followsContest = isContest
    }

    /// Whether a losing master has caused a burst less than a second ago.
    func isResting(at now: Instant) -> Bool { nextBurstAt.map { now < $0 } ?? false }

    /// A losing master was heard: the clients may have learnt its hardware address. A burst at once, an echo, and a burst after
    /// `garp_lower_prio_delay`; at most once a second. What comes too soon for a burst is answered, too, when the second is over: it
    /// may be the loser's last word.
    /// - Returns: the rounds of the burst that goes out now; `nil` for none.
    mutating func answerContest(_ settings: GratuitousARPSettings, isPaced: Bool, at now: Instant) -> Int? {
        if let next = nextBurstAt, now < next {
            planEcho(settings, isPaced: isPaced, at: next)
            return nil
        }
        nextBurstAt = now + Self.burstPause
        guard settings.contestRounds > 0 else { return nil }
        // The loser may have announced in the same moment, and its announcement may have reached the clients last.
        planEcho(settings, isPaced: isPaced, at: now + Self.echoPause)
        // The second burst of a takeover is not put off by a contest.
        if secondBurstAt == nil || followsContest {
            planSecondBurst(after: settings.contestDelay, isContest: true, at: now)
        }
        return settings.contestRounds
    }

    /// Plans one announcement more, unless one is planned.
    private mutating func planEcho(_ settings: GratuitousARPSettings, isPaced: Bool, at due: Instant) {
        guard echoAt == nil, settings.contestRounds > 0, !isPaced else { return }
        echoRounds = 1
        echoAt = due
    }

    /// Somebody has spoken as owner to a new master: one announcement more, once it is settled.
    mutating func planSettledEcho(at due: Instant) { settledEchoAt = due }

    // MARK: - What is due

    /// Takes out what a timer was for.
    /// - Returns: how many rounds go out now; `nil` where its time has not come.
    mutating func takeDue(_ kind: TimerKind, _ settings: GratuitousARPSettings, at now: Instant) -> Int? {
        guard let due = deadline(kind), now >= due else { return nil }
        switch kind {
        case .secondBurst:
            secondBurstAt = nil
            return followsContest ? settings.contestRounds : settings.rounds
        case .echo:
            echoAt = nil
            return echoRounds ?? settings.rounds
        case .settledEcho:
            settledEchoAt = nil
            return 1
        case .refresh:
            refreshAt = now + settings.refresh
            return settings.refreshRounds
        default: return nil
        }
    }

    // MARK: - The end, and other settings

    /// No master any more: nothing is announced. When it last answered a losing master is not forgotten.
    mutating func stop() {
        secondBurstAt = nil
        echoAt = nil
        settledEchoAt = nil
        refreshAt = nil
    }

    /// Other settings for the same virtual router: what is planned stays planned.
    mutating func change(to settings: GratuitousARPSettings, isMaster: Bool, at now: Instant) {
        refreshAt = settings.refresh > .zero && isMaster ? refreshAt ?? now + settings.refresh : nil
    }
}
