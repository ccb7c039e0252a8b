import Control
import FailoverCore
import Kernel
import Reporting

/// An event as the history keeps it. Small members come right after the event, whose size is no multiple of eight.
struct HistoryEntry {
    /// Of what repeats itself: the latest one.
    var event: Event
    /// The number of the virtual router that it is about; `nil` where it is about none, or that had gone.
    var virtualRouterID: UInt8?
    /// Of that virtual router, by the history's number for it.
    var interface: UInt16 = 0
    /// Milliseconds since 1970.
    let time: Int64
    var detail = Detail.none

    enum Detail: Hashable {
        case none
        /// A change of state: how long the state before lasted.
        case lasted(milliseconds: Int64)
        /// What may repeat itself: when it came last (nanoseconds of the boot clock, and milliseconds since 1970), and how often it came.
        case seen(at: Int64, until: Int64, count: UInt32)
    }

    init(_ event: Event, time: Int64) {
        self.event = event
        self.time = time
    }
}

extension EventReport {
    init(_ entry: HistoryEntry, at place: EventPlace?, sequence: Int) {
        let event = entry.event
        let told = JournalEntry(event, at: place)
        self.init(
            sequence: sequence, time: Clocks.timestamp(.milliseconds(entry.time)), kind: "\(event.kind)",
            severity: "\(told.severity)", instance: event.instance, text: told.message,
            fields: Dictionary(told.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            seconds: event.lasted.map { ($0 / .milliseconds(1)).rounded() / 1000 })
        switch entry.detail {
        case .none: break
        case .lasted(let milliseconds): seconds = Double(milliseconds) / 1000
        case .seen(_, _, 1): break
        case .seen(_, let until, let count):
            self.until = Clocks.timestamp(.milliseconds(until))
            if event.repetition?.isOfAddresses == true {
                text += ", and \(count - 1) more address\(count == 2 ? "" : "es") before"
            }
        }
    }
}
