import Control
import FailoverCore
import Kernel
import Reporting
import VRRP

/// The latest events, numbered, for those who ask later and for those who follow. They are kept as values, some 90 bytes each; sentences
/// are made for who asks.
final class History {
    /// How many are kept. The fall of a switch is several events an instance, and all of them shall be told.
    private var capacity = leastCapacity
    private static let leastCapacity = 1024
    private static let eventsOfInstance = 8

    private var entries: [HistoryEntry] = []
    /// Where the oldest one is, once the ring is full.
    private var start = 0
    /// The newest entry of what goes on or repeats itself, and of what ended it: the low bits of its number. Few of many entries are found
    /// by it, so that the key is no more than a hash; the entry says whether it is the right one.
    private var newest: [Int: UInt32] = [:]
    /// The interfaces that were ever named, by number.
    private var interfaces: [String] = []
    private var interfaceNumbers: [String: UInt16] = [:]
    /// Addresses that come or go within this time are of one change.
    private static let changeTime = Duration.seconds(2)
    /// What comes again within this time is the same once more.
    private static let pause = Duration.seconds(600)
    /// When each instance entered its present state: nanoseconds of the boot clock.
    private var enteredAt: [String: Int64] = [:]
    /// The number of the newest event.
    private(set) var last: Int
    private let begin: Int

    /// How many there were.
    var count: Int { last - begin }

    /// - Parameter epoch: since 1970. The numbers begin with its milliseconds: those of an earlier run are lower, and who asks for
    ///   what came after one of them is told everything.
    init(epoch: Duration) {
        begin = max(epoch, .zero).inMilliseconds
        last = begin
    }

    /// The number of the oldest event that is kept.
    var first: Int { last - entries.count + 1 }

    /// - Parameters:
    ///   - place: the virtual router that it is about.
    ///   - now: the boot clock.
    ///   - epoch: the wall clock at the same moment, as time since 1970.
    func note(_ event: Event, at place: EventPlace?, now: Instant, epoch: Duration) {
        if amend(event, at: place, now: now, epoch: epoch) { return }
        last &+= 1
        var entry = HistoryEntry(event, time: Int64(epoch.inMilliseconds))
        if event.repetition != nil { entry.detail = .seen(at: now.inNanoseconds, until: entry.time, count: 1) }
        if let span = spanOfState(before: event, at: now) { entry.detail = .lasted(milliseconds: span) }
        put(place, into: &entry)
        if entries.count < capacity {
            if entries.isEmpty { entries.reserveCapacity(capacity) }
            entries.append(entry)
        } else {
            forget(entries[start].event, sequence: last - capacity)
            entries[start] = entry
            start = (start + 1) % capacity
        }
        if let key = event.repetition ?? event.ending { newest[key.hashValue] = UInt32(truncatingIfNeeded: last) }
    }

    /// Brings the entry of something that goes on up to date.
    /// - Returns: false where there is none, or it came too long ago.
    @discardableResult
    func amend(_ event: Event, at place: EventPlace?, now: Instant, epoch: Duration) -> Bool {
        guard let repetition = event.repetition, let sequence = sequence(of: repetition) else { return false }
        let index = index(of: sequence)
        guard case .seen(let at, _, let count) = entries[index].detail, entries[index].event.repetition == repetition,
            now.inNanoseconds - at < (repetition.isOfAddresses ? Self.changeTime : Self.pause).inNanoseconds,
            !hasEnded(event, since: sequence)
        else { return false }
        entries[index].event = event
        entries[index].detail = .seen(
            at: now.inNanoseconds, until: Int64(epoch.inMilliseconds),
            count: count.addingReportingOverflow(1).partialValue)
        put(place, into: &entries[index])
        return true
    }

    /// More instances have more to tell.
    func makeRoom(forInstances count: Int) {
        let wanted = max(Self.leastCapacity, count * Self.eventsOfInstance)
        guard wanted > capacity else { return }
        var larger: [HistoryEntry] = []
        larger.reserveCapacity(wanted)
        larger += entries[start...]
        larger += entries[..<start]
        entries = larger
        start = 0
        capacity = wanted
    }

    /// - Returns: `nil` for an event that is not kept any more, or has not happened yet.
    func event(_ sequence: Int) -> EventReport? {
        guard sequence >= first, sequence <= last, !entries.isEmpty else { return nil }
        let entry = entries[index(of: sequence)]
        let place = entry.virtualRouterID.map {
            EventPlace(interface: interfaces[Int(entry.interface)], virtualRouterID: $0)
        }
        return EventReport(entry, at: place, sequence: sequence)
    }

    private func index(of sequence: Int) -> Int { (start + sequence - first) % entries.count }

    private func put(_ place: EventPlace?, into entry: inout HistoryEntry) {
        guard let place, let number = number(ofInterface: place.interface) else { return }
        entry.interface = number
        entry.virtualRouterID = place.virtualRouterID
    }

    /// - Returns: `nil` where there were more interfaces than a number has room for.
    private func number(ofInterface name: String) -> UInt16? {
        if let number = interfaceNumbers[name] { return number }
        guard let number = UInt16(exactly: interfaces.count) else { return nil }
        interfaces.append(name)
        interfaceNumbers[name] = number
        return number
    }

    // MARK: - What repeats itself

    /// The newest entry under a key; what is hashed to the same number is found, too.
    private func sequence(of key: Event.Repetition) -> Int? {
        guard let low = newest[key.hashValue] else { return nil }
        let sequence = last - Int(UInt32(truncatingIfNeeded: last) &- low)
        return sequence >= first ? sequence : nil
    }

    /// What comes after the end of something is another one.
    private func hasEnded(_ event: Event, since sequence: Int) -> Bool {
        guard let ending = event.endedBy, let end = self.sequence(of: ending) else { return false }
        return end > sequence && entries[index(of: end)].event.ending == ending
    }

    /// - Parameter sequence: of an event that is not kept any more.
    private func forget(_ event: Event, sequence: Int) {
        guard let key = event.repetition ?? event.ending,
            newest[key.hashValue] == UInt32(truncatingIfNeeded: sequence)
        else { return }
        newest[key.hashValue] = nil
    }

    // MARK: - How long the state before lasted

    /// - Returns: milliseconds, rounded; `nil` for what is no change of state, or where that is not known.
    private func spanOfState(before event: Event, at now: Instant) -> Int64? {
        guard case .stateChanged(let instance, _, let state, _) = event else { return nil }
        let entered = enteredAt[instance]
        enteredAt[instance] = state == .stopped ? nil : now.inNanoseconds
        return entered.map { (now.inNanoseconds - $0 + 500_000) / 1_000_000 }
    }
}

extension Instant {
    fileprivate var inNanoseconds: Int64 { sinceBoot.inNanoseconds }
}

extension Duration {
    /// Of a clock, for some 290 years.
    fileprivate var inNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
