/// What a timer of a virtual router is for: a wake-up says for whom and why. Of those of one router that are due together the one
/// that is declared first is looked at first.
enum TimerKind: UInt8, CaseIterable, Hashable, Sendable {
    /// A master's next advertisement (Adver_Timer).
    case advertisement
    /// A handover ends by itself.
    case handoverEnd
    /// After a refusal, or when a delay ends: take part again.
    case retry
    /// Whoever is no master: Master_Down_Timer, and what takes its place while it lapses or leaves.
    case election
    /// An address that was refused, or that somebody takes away, is tried again.
    case addressRetry
    /// Ask by ARP who else has the addresses.
    case probe
    /// The addresses' lifetimes begin anew.
    case renewal
    /// An address that is not on its interface as wanted is put on anew.
    case refit
    /// An answer to whoever claims an address.
    case defence
    /// The second burst of gratuitous ARPs.
    case secondBurst
    /// The announcements right after a takeover, once more.
    case echo
    /// Those that a settled master owes who has spoken as owner before.
    case settledEcho
    /// The periodic announcement.
    case refresh
    /// The same advertisement once more, after a full queue.
    case resend
    /// A backup looks whether it can send.
    case trial
    /// No sign of the other holder for a while: the split is over.
    case splitEnd
    /// A route or rule that was refused, or that somebody takes away, is tried again; all of them are looked at.
    case routing
    /// A macvlan is to be switched off, or what the kernel refused of one is tried again.
    case macvlan
}

/// Some of the kinds.
struct TimerKinds: OptionSet, Hashable, Sendable {
    var rawValue: UInt32

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(_ kind: TimerKind) {
        rawValue = 1 << UInt32(kind.rawValue)
    }

    static let all = TimerKinds(TimerKind.allCases)
    /// Those that depend on the state: some run for a master alone, others for anybody else.
    static var ofStates: TimerKinds {
        [
            TimerKinds(.advertisement), TimerKinds(.election), TimerKinds(.probe), TimerKinds(.renewal),
            TimerKinds(.defence), TimerKinds(.refit), TimerKinds(.handoverEnd), TimerKinds(.routing),
        ]
    }

    // By owner.
    static var ofElection: TimerKinds { [TimerKinds(.advertisement), TimerKinds(.election)] }
    static var ofAnnouncing: TimerKinds {
        [TimerKinds(.secondBurst), TimerKinds(.echo), TimerKinds(.settledEcho), TimerKinds(.refresh)]
    }
    static var ofClaims: TimerKinds { [TimerKinds(.probe), TimerKinds(.defence)] }
    static var ofSending: TimerKinds { [TimerKinds(.resend), TimerKinds(.trial)] }
    static var ofPlacement: TimerKinds { [TimerKinds(.addressRetry), TimerKinds(.renewal), TimerKinds(.refit)] }

    private init(_ kinds: [TimerKind]) {
        self = kinds.reduce(into: []) { $0.insert(TimerKinds($1)) }
    }

    func contains(_ kind: TimerKind) -> Bool { contains(TimerKinds(kind)) }

    /// Takes out one of them, in the order in which they are declared.
    mutating func popFirst() -> TimerKind? {
        guard rawValue != 0, let kind = TimerKind(rawValue: UInt8(rawValue.trailingZeroBitCount)) else { return nil }
        rawValue &= rawValue - 1
        return kind
    }
}
