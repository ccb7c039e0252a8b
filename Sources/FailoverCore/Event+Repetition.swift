import Addressing
import VRRP

/// What is one thing, however often it is told: a minute's packets are no reason to forget last week.
extension Event {
    package struct Repetition: Hashable, Sendable {
        private enum Detail: Hashable {
            case none
            case peer(IPAddress)
            case drop(DropReason, IPAddress)
            case failure(SendFailure, to: IPAddress?)
            case refusal(Int32, IPPrefix, interface: String)
            case interface(String)
        }

        private let kind: Kind
        private let instance: String?
        private let detail: Detail

        private init(_ kind: Kind, of instance: String?, _ detail: Detail) {
            self.kind = kind
            self.instance = instance
            self.detail = detail
        }

        /// One change adds or removes many.
        package var isOfAddresses: Bool { kind == .addressAdded || kind == .addressRemoved }

        fileprivate init?(_ event: Event) {
            let detail: Detail
            switch event {
            case .packetsDropped(_, let reason, let source, _): detail = .drop(reason, source)
            case .sendFailed(_, let failure, let peer): detail = .failure(failure, to: peer)
            case .refused(_, let address, let interface, let refusal):
                detail = .refusal(refusal.code, address, interface: interface)
            case .anotherCluster(_, let peer, _, _, _), .contested(_, let peer, _): detail = .peer(peer)
            case .addressOnTwoHosts: detail = .none
            case .packetsLost(let interface, _), .addressAdded(_, _, let interface),
                .addressRemoved(_, _, let interface):
                detail = .interface(interface)
            default: return nil
            }
            self.init(event.kind, of: event.instance, detail)
        }

        fileprivate init(endOf instance: String, _ kind: Kind) { self.init(kind, of: instance, .none) }
    }

    /// `nil` for what is another event each time.
    package var repetition: Repetition? { Repetition(self) }

    /// The end of something that goes on or repeats itself, as which `endedBy` names it.
    package var ending: Repetition? {
        switch self {
        case .splitEnded(let instance, _, _): Repetition(endOf: instance, .splitEnded)
        case .sendsAgain(let instance, _): Repetition(endOf: instance, .sendsAgain)
        default: nil
        }
    }

    /// After what this is not the same any more.
    package var endedBy: Repetition? {
        switch self {
        case .addressOnTwoHosts(let instance, _), .contested(let instance, _, _):
            Repetition(endOf: instance, .splitEnded)
        case .sendFailed(let instance, _, _): Repetition(endOf: instance, .sendsAgain)
        default: nil
        }
    }

    /// How long that lasted which it tells of: two masters, a stall, silence.
    package var lasted: Duration? {
        switch self {
        case .splitBrain(_, _, let span, _), .lapsed(_, let span), .takeoverPostponed(_, let span),
            .splitEnded(_, _, let span), .sendsAgain(_, let span):
            span
        case .addressOnTwoHosts(_, let split): split.lasted
        default: nil
        }
    }
}
