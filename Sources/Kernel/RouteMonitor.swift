package import Addressing
import CNetlink

/// A change that rtnetlink told of.
package enum RouteEvent: Hashable, Sendable {
    case link(Link)
    case linkRemoved(InterfaceIndex)
    case address(InterfaceAddress)
    case addressRemoved(AddressKey)
}

/// Follows links and addresses of both families through rtnetlink, and reads them whole.
package final class RouteMonitor {
    private let events: NetlinkSocket
    private let dumps: NetlinkSocket

    /// What `readEvents` found.
    package enum Outcome: Hashable, Sendable {
        /// In the kernel's order. `mayHaveMore` when the reading stopped before the end.
        case events([RouteEvent], mayHaveMore: Bool)
        /// Events were lost: only a dump can tell what is there now. Those that came with it are void.
        case overrun
    }

    /// How often a dump that the kernel marked as interrupted is tried again at once.
    private static let dumpAttempts = 5
    /// Reads in one call, so that a flood of events elsewhere does not hold the loop.
    private static let mostReads = 64

    package init() throws(SystemError) {
        events = try NetlinkSocket(groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR].map(\.rawValue))
        dumps = try NetlinkSocket()
    }

    /// Readable when events have come.
    package var number: Int32 { events.number }

    /// The events that have come since the last call.
    package func readEvents() throws(SystemError) -> Outcome {
        var result: [RouteEvent] = []
        for _ in 0..<Self.mostReads {
            switch try events.receive() {
            case .empty:
                return .events(result, mayHaveMore: false)
            case .overrun:
                try discardEvents()
                return .overrun
            case .bytes(let count):
                events.forEachMessage(in: count) { message in
                    if let event = Self.event(in: message) { result.append(event) }
                }
            }
        }
        return .events(result, mayHaveMore: true)
    }

    /// What is waiting is older than the dump that follows.
    package func discardEvents() throws(SystemError) {
        while true {
            if case .empty = try events.receive() { return }
        }
    }

    private static func event(in message: NetlinkMessage) -> RouteEvent? {
        switch message.type {
        case Int32(RTM_NEWLINK): message.link.map { .link($0) }
        case Int32(RTM_DELLINK): message.link.map { .linkRemoved($0.index) }
        case Int32(RTM_NEWADDR): message.address.map { .address($0) }
        case Int32(RTM_DELADDR): message.address.map { .addressRemoved($0.key) }
        default: nil
        }
    }

    // MARK: - Dumps

    /// Every link and every address of the namespace.
    /// - Returns: `nil` when the table kept changing under the dump; try again later.
    package func snapshot() throws(SystemError) -> (links: [Link], addresses: [InterfaceAddress])? {
        for _ in 0..<Self.dumpAttempts {
            var links: [Link] = []
            var addresses: [InterfaceAddress] = []
            let linksAreWhole = try dump(RouteRequestMessage.linkDump()) { message in
                if message.type == Int32(RTM_NEWLINK), let link = message.link { links.append(link) }
            }
            var addressesAreWhole = true
            for family in IPFamily.allCases {
                let isWhole = try dump(RouteRequestMessage.addressDump(family)) { message in
                    if message.type == Int32(RTM_NEWADDR), let address = message.address { addresses.append(address) }
                }
                addressesAreWhole = addressesAreWhole && isWhole
            }
            if linksAreWhole, addressesAreWhole { return (links, addresses) }
        }
        return nil
    }

    /// - Returns: whether the dump is a picture of one moment.
    private func dump(_ request: RouteRequestMessage, _ body: (NetlinkMessage) -> Void) throws(SystemError) -> Bool {
        let sequence = dumps.nextSequence()
        try dumps.send(request.bytes(sequence: sequence))
        var isWhole = true
        var failure: Int32?
        var isDone = false
        while !isDone {
            switch try dumps.receive() {
            case .empty:
                // The kernel answers a dump read by read; nothing there means that the answer was lost.
                return false
            case .overrun:
                isWhole = false
            case .bytes(let count):
                dumps.forEachMessage(in: count) { message in
                    guard message.sequence == sequence else { return }
                    if message.isInterrupted { isWhole = false }
                    switch message.type {
                    case Int32(NLMSG_DONE): isDone = true
                    case Int32(NLMSG_ERROR):
                        isDone = true
                        failure = message.acknowledgement?.code
                    default: body(message)
                    }
                }
            }
        }
        if let failure, failure != 0 { throw SystemError("can't read the kernel's table", code: failure) }
        return isWhole
    }
}
