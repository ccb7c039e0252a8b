import Control
import FailoverCore
import Kernel
import VRRP

/// The latest events, numbered, for those who ask later and for those who follow.
final class History {
    /// How many are kept; some 400 bytes each. The fall of a switch is several events an instance, and all of them shall be told.
    private var capacity = leastCapacity
    private static let leastCapacity = 1024
    private static let eventsOfInstance = 8

    private var entries: [EventReport] = []
    /// Where the oldest one is, once the ring is full.
    private var start = 0
    /// The newest entry of what goes on or repeats itself.
    private var goingOn: [Repetition: (sequence: Int, at: Instant, count: Int)] = [:]
    /// Addresses that come or go within this time are of one change.
    private static let changeTime = Duration.seconds(2)
    /// What comes again within this time is the same once more.
    private static let pause = Duration.seconds(600)
    /// When each instance entered its present state.
    private var enteredAt: [String: Instant] = [:]
    /// The number of the newest event.
    private(set) var last: Int
    private let begin: Int

    /// How many there were.
    var count: Int { last - begin }

    /// - Parameter epoch: since 1970. The numbers begin with its milliseconds: those of an earlier run are lower, and who asks for
    ///   what came after one of them is told everything.
    init(epoch: Duration) {
        begin =
            Int(clamping: max(epoch, .zero).components.seconds) * 1000
            + Int(max(epoch, .zero).components.attoseconds / 1_000_000_000_000_000)
        last = begin
    }

    /// The number of the oldest event that is kept.
    var first: Int { last - entries.count + 1 }

    /// What is one thing, however often it is told: a minute's packets are no reason to forget last week.
    private struct Repetition: Hashable {
        var kind: Event.Kind
        var instance: String?
        var what: String

        var isOfAddresses: Bool { kind == .addressAdded || kind == .addressRemoved }

        init?(_ event: Event, _ entry: JournalEntry) {
            func value(_ name: String) -> String { entry.fields.first { $0.name == name }?.value ?? "" }
            switch event {
            case .packetsDropped, .sendFailed, .refused:
                what = "\(value("PEER")) \(value("REASON")) \(value("ADDRESS")) \(value("INTERFACE"))"
            case .anotherCluster, .contested: what = value("PEER")
            case .addressOnTwoHosts: what = ""
            case .packetsLost: what = value("INTERFACE")
            case .addressAdded, .addressRemoved: what = value("INTERFACE")
            default: return nil
            }
            kind = event.kind
            instance = event.instance
        }
    }

    /// - Parameter entry: the same event as the journal keeps it.
    func note(_ event: Event, _ entry: JournalEntry, at now: Instant, epoch: Duration) {
        if amend(event, entry, at: now, epoch: epoch) { return }
        forgetWhatEnded(with: event)
        last &+= 1
        if let repetition = Repetition(event, entry) {
            // Those that are over for long make room.
            if goingOn.count > Self.leastCapacity { goingOn = goingOn.filter { now - $0.value.at < Self.pause } }
            goingOn[repetition] = (last, now, 1)
        }
        let report = EventReport(
            sequence: last, time: Clocks.timestamp(epoch), kind: "\(event.kind)", severity: "\(entry.severity)",
            instance: event.instance, text: entry.message,
            fields: Dictionary(entry.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            seconds: seconds(event, at: now))
        if entries.count < capacity {
            entries.append(report)
        } else {
            entries[start] = report
            start = (start + 1) % capacity
        }
    }

    /// Brings the entry of something that goes on up to date.
    /// - Returns: false where there is none, or it came too long ago.
    @discardableResult
    func amend(_ event: Event, _ entry: JournalEntry, at now: Instant, epoch: Duration) -> Bool {
        guard let repetition = Repetition(event, entry), let known = goingOn[repetition],
            now - known.at < (repetition.isOfAddresses ? Self.changeTime : Self.pause), known.sequence >= first,
            !entries.isEmpty
        else { return false }
        goingOn[repetition] = (known.sequence, now, known.count + 1)
        let place = (start + known.sequence - first) % entries.count
        entries[place].until = Clocks.timestamp(epoch)
        entries[place].text = entry.message
        if repetition.isOfAddresses {
            entries[place].text += ", and \(known.count) more address\(known.count == 1 ? "" : "es") before"
        }
        entries[place].fields = Dictionary(
            entry.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        entries[place].seconds = seconds(event, at: now)
        return true
    }

    /// What comes after the end of something is another one.
    private func forgetWhatEnded(with event: Event) {
        let over: [Event.Kind]
        switch event {
        case .splitEnded: over = [.addressOnTwoHosts, .contested]
        case .sendsAgain: over = [.sendFailed]
        default: return
        }
        goingOn = goingOn.filter { !($0.key.instance == event.instance && over.contains($0.key.kind)) }
    }

    /// More instances have more to tell.
    func makeRoom(forInstances count: Int) {
        let wanted = max(Self.leastCapacity, count * Self.eventsOfInstance)
        guard wanted > capacity else { return }
        entries = Array(entries[start...] + entries[..<start])
        start = 0
        capacity = wanted
    }

    /// - Returns: `nil` for an event that is not kept any more, or has not happened yet.
    func event(_ sequence: Int) -> EventReport? {
        guard (first...last).contains(sequence), !entries.isEmpty else { return nil }
        return entries[(start + sequence - first) % entries.count]
    }

    /// What the event ended, in seconds.
    private func seconds(_ event: Event, at now: Instant) -> Double? {
        func rounded(_ span: Duration) -> Double { (span / .milliseconds(1)).rounded() / 1000 }
        switch event {
        case .stateChanged(let instance, _, let state, _):
            defer { enteredAt[instance] = state == .stopped ? nil : now }
            return enteredAt[instance].map { rounded(now - $0) }
        case .splitBrain(_, _, let span, _), .lapsed(_, let span), .takeoverPostponed(_, let span),
            .addressOnTwoHosts(_, _, let span, _), .splitEnded(_, _, let span), .sendsAgain(_, let span):
            return rounded(span)
        default: return nil
        }
    }
}
