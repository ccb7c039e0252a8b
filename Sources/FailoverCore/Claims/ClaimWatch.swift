import Addressing
import VRRP

/// Who else claims the addresses of one virtual router by ARP, and when to ask and to answer (RFC 5227).
struct ClaimWatch: Hashable, Sendable {
    /// When to ask who else has the addresses.
    private(set) var probeAt: Instant?
    /// When that was done last.
    private(set) var probedAt: Instant?
    /// When another master was last heard while this host is one.
    @Seldom private(set) var otherMasterAt: Instant?
    /// Another host that answers for an address.
    private(set) var conflicts: [AddressKey: AddressConflict] = [:]

    /// A master that old is settled: what its predecessor said is over.
    static let settled = Duration.seconds(2)
    /// How often to ask.
    private static let probePeriod = Duration.seconds(30)
    /// While somebody else answers.
    private static let conflictProbePeriod = Duration.seconds(5)
    /// RFC 5227, section 2.4: DEFEND_INTERVAL.
    private static let defendPause = Duration.seconds(10)
    /// How long after a claim it is answered: it may be the first of a burst, and the last one who speaks is believed.
    private static let defendDelay = Duration.milliseconds(100)
    /// A conflict that was not seen for so long is over.
    private static let memory = Duration.seconds(35)
    /// So is one that does not answer a question within this time.
    private static let answerTime = Duration.seconds(1)

    var defendAt: Instant? { conflicts.values.lazy.compactMap(\.defendAt).min() }

    /// A conflict that was seen lately, and answered when it was asked last.
    /// - Parameter now: `nil` for the moment of the last change.
    func conflict(over key: AddressKey, at now: Instant?) -> AddressConflict? {
        guard let conflict = conflicts[key], let now else { return conflicts[key] }
        if now - conflict.lastSeen >= Self.memory { return nil }
        if let probedAt, probedAt > conflict.lastSeen, now - probedAt >= Self.answerTime { return nil }
        return conflict
    }

    // MARK: - Asking

    /// Plans the next question, soon after a takeover or a heal.
    /// - Parameter spread: a thousand virtual routers do not ask in the same moment.
    mutating func probeSoon(spread: Duration, at now: Instant) { probeAt = now + Self.settled + spread }

    /// - Returns: whether to ask now. What was not answered last time is over; what is answered this time is seen again.
    mutating func takeProbe(at now: Instant) -> Bool {
        guard let due = probeAt, now >= due else { return false }
        probeAt = now + Self.probePeriod
        for key in conflicts.keys where conflict(over: key, at: now) == nil && conflicts[key]?.defendAt == nil {
            conflicts[key] = nil
        }
        probedAt = now
        return true
    }

    /// Another master of the virtual router was heard: the election deals with it.
    /// - Returns: whether the next question is far off.
    mutating func hearOtherMaster(at now: Instant) -> Bool {
        otherMasterAt = now
        return probeAt.map { $0 > now + .seconds(5) } ?? false
    }

    // MARK: - Claims

    /// Another host has spoken as the owner of an address of a settled master.
    /// - Parameter mayDefend: whether to answer it.
    /// - Returns: whether the host is news: one that answers for several addresses is told of once.
    mutating func note(
        _ hardwareAddress: MACAddress, over key: AddressKey, mayDefend: Bool, at now: Instant
    ) -> Bool {
        let old = conflicts[key]
        var conflict = AddressConflict(hardwareAddress: hardwareAddress, since: now, lastSeen: now)
        var isNews = false
        if let old, old.hardwareAddress == hardwareAddress, now - old.lastSeen < Self.memory {
            conflict.since = old.since
        } else {
            isNews = !conflicts.values.contains {
                $0.hardwareAddress == hardwareAddress && now - $0.lastSeen < Self.memory
            }
        }
        conflict.defendedAt = old?.defendedAt
        // So a claim that comes too soon after an answer is answered later, not never.
        conflict.defendAt = old?.defendAt
        if conflict.defendAt == nil, mayDefend {
            let earliest = now + Self.defendDelay
            conflict.defendAt = conflict.defendedAt.map { max($0 + Self.defendPause, earliest) } ?? earliest
        }
        conflicts[key] = conflict
        probeAt = min(probeAt ?? now + Self.conflictProbePeriod, now + Self.conflictProbePeriod)
        return isNews
    }

    /// RFC 5227, section 2.4 (b): the addresses whose claims are answered now.
    /// - Parameter interval: at which masters advertise. While the election deals with another master, nobody is answered; once that is
    ///   over, nobody else corrects what was learnt from the claim.
    mutating func takeDefences(interval: Duration, at now: Instant) -> [AddressKey] {
        var due: [AddressKey] = []
        let electionEnd = otherMasterAt.map { $0 + max(interval * 4, .seconds(5)) }
        for (key, conflict) in conflicts {
            guard let defendAt = conflict.defendAt, now >= defendAt else { continue }
            conflicts[key]?.defendAt = nil
            if let electionEnd, now < electionEnd {
                conflicts[key]?.defendAt = electionEnd
                continue
            }
            conflicts[key]?.defendedAt = now
            due.append(key)
        }
        return due.sorted()
    }

    /// Nobody is answered any more; what was asked for is over.
    mutating func dropDefences(at now: Instant) {
        for (key, conflict) in conflicts where conflict.defendAt.map({ now >= $0 }) ?? false {
            conflicts[key]?.defendAt = nil
        }
    }

    /// Who else answers for an address matters to a master.
    mutating func endMastership() { conflicts = [:] }

    /// Other addresses from now on.
    mutating func keep(only keys: Set<AddressKey>) {
        for key in conflicts.keys where !keys.contains(key) { conflicts[key] = nil }
    }
}
