package import Addressing
import CLinux
import CNetlink
import Glibc

/// Follows what happens to the routes and rules of this program, and reads them whole.
///
/// A host may have routes by the hundred thousand, and a routing daemon that changes them all the time. A filter in the kernel lets
/// through only what may concern those that this program has set.
package final class RoutingWatch {
    private let events: NetlinkSocket
    private let ownPort: UInt32

    package enum Outcome: Hashable, Sendable {
        /// What others have removed of ours, or may have put in the place of one.
        case disturbed([RoutingObject])
        /// Events were lost.
        case overrun
    }

    /// - Parameter ownPort: of the socket by which this program asks for changes: what it does itself is no news.
    package init(ownPort: UInt32) throws(SystemError) {
        self.ownPort = ownPort
        events = try NetlinkSocket(
            groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE].map(\.rawValue))
        try RoutingFilter().filter.attach(to: events.number)
        // What came before the filter did.
        _ = try readEvents()
    }

    /// Readable when events have come.
    package var number: Int32 { events.number }

    /// The events that have come since the last call.
    package func readEvents() throws(SystemError) -> Outcome {
        var objects: [RoutingObject] = []
        var isOverrun = false
        for _ in 0..<Self.mostReads {
            switch try events.receive() {
            case .empty: return isOverrun ? .overrun : .disturbed(objects)
            case .overrun: isOverrun = true
            case .bytes(let count):
                events.forEachMessage(in: count) { message in
                    if let object = disturbed(by: message) { objects.append(object) }
                }
            }
        }
        // Whoever changes so much has changed anything.
        return .overrun
    }

    private static let mostReads = 64

    private func disturbed(by message: NetlinkMessage) -> RoutingObject? {
        guard message.sender != ownPort else { return nil }
        switch message.type {
        case Int32(RTM_DELROUTE), Int32(RTM_DELRULE): return message.isOurRouting ? message.routingObject : nil
        case Int32(RTM_NEWROUTE): return message.replaces ? message.routingObject : nil
        default: return nil
        }
    }

    // MARK: - Dumps

    /// How often a dump that the kernel marked as interrupted is tried again at once.
    private static let dumpAttempts = 5

    /// Every route and rule of this program in the namespace.
    /// - Returns: `nil` when the tables kept changing under the dump; try again later.
    package static func table() throws(SystemError) -> [RoutingObject]? {
        let socket = try NetlinkSocket()
        // The kernel leaves out the routes of others. Where it can't (before 4.20), they are passed over here.
        _ = CLinux_set_option(socket.number, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
        for attempt in 0..<dumpAttempts {
            var objects: [RoutingObject] = []
            var isWhole = true
            // One that refuses the question so asked is asked in the old way.
            if attempt > 0 { _ = CLinux_set_option(socket.number, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 0) }
            for isIPv4 in [true, false] {
                let (routes, rules) = (
                    try dump(.routeDump(isIPv4: isIPv4), socket, into: &objects),
                    try dump(.ruleDump(isIPv4: isIPv4), socket, into: &objects)
                )
                isWhole = isWhole && routes && rules
            }
            if isWhole { return objects }
        }
        return nil
    }

    /// - Returns: whether the dump is a picture of one moment.
    private static func dump(
        _ request: RouteRequestMessage, _ socket: NetlinkSocket, into objects: inout [RoutingObject]
    ) throws(SystemError) -> Bool {
        let sequence = socket.nextSequence()
        try socket.send(request.bytes(sequence: sequence))
        var (isWhole, isDone) = (true, false)
        var found: [RoutingObject] = []
        while !isDone {
            switch try socket.receive() {
            // The kernel answers a dump read by read; nothing there means that the answer was lost.
            case .empty: return false
            case .overrun: isWhole = false
            case .bytes(let count):
                socket.forEachMessage(in: count) { message in
                    guard message.sequence == sequence else { return }
                    if message.isInterrupted { isWhole = false }
                    switch message.type {
                    case Int32(NLMSG_DONE): isDone = true
                    case Int32(NLMSG_ERROR):
                        isDone = true
                        // A kernel without IPv6, or without rules, has none of them, and says so.
                        if ![EOPNOTSUPP, EAFNOSUPPORT].contains(message.acknowledgement?.code ?? 0) { isWhole = false }
                    default: if message.isOurRouting, let object = message.routingObject { found.append(object) }
                    }
                }
            }
        }
        objects += found
        return isWhole
    }
}

/// Lets through what may concern the routes and rules of this program.
struct RoutingFilter {
    private(set) var filter = PacketFilter()

    /// RTPROT_KERNEL, BOOT, STATIC, RA and DHCP: administrators and network managers. What a routing daemon puts in the place of a route
    /// is one of its own, a thousand times a second perhaps.
    private static let replacers: [UInt32] = [2, 3, 4, 9, 16]

    init() {
        // struct nlmsghdr: the type is octets 4 and 5, the flags are 6 and 7; struct rtmsg follows at 16, its protocol at 21. The filter
        // reads numbers as the network writes them, and netlink writes them as this machine does.
        func order(_ value: some FixedWidthInteger) -> UInt32 {
            UInt32(UInt16(truncatingIfNeeded: value).bigEndian)
        }
        filter.emit(BPF_LD | BPF_H | BPF_ABS, 4)
        filter.emit(BPF_JMP | BPF_JEQ | BPF_K, order(RTM_DELRULE), ifFalse: 1)
        filter.emit(BPF_RET | BPF_K, Self.everything)
        filter.emit(BPF_JMP | BPF_JEQ | BPF_K, order(RTM_DELROUTE), ifFalse: 4)
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 21)
        filter.demand(UInt32(Route.ourOrigin))
        // `demand` is two instructions; what passes it goes on here.
        filter.emit(BPF_RET | BPF_K, Self.everything)
        filter.demand(order(RTM_NEWROUTE))
        filter.emit(BPF_LD | BPF_H | BPF_ABS, 6)
        filter.emit(BPF_JMP | BPF_JSET | BPF_K, order(NLM_F_REPLACE), ifTrue: 1)
        filter.emit(BPF_RET | BPF_K, 0)
        filter.emit(BPF_LD | BPF_B | BPF_ABS, 21)
        for protocolNumber in Self.replacers {
            filter.emit(BPF_JMP | BPF_JEQ | BPF_K, protocolNumber, ifFalse: 1)
            filter.emit(BPF_RET | BPF_K, Self.everything)
        }
        filter.emit(BPF_RET | BPF_K, 0)
    }

    private static let everything = UInt32.max
}
