package import Addressing
import CNetlink
import Glibc

/// Keeps this host from ending connections of another one that may be alive: for a moment after a fast takeover what says that nobody is
/// there (TCP's reset, ICMP's destination unreachable) does not leave from the shared addresses.
///
/// A table of this program's own in nftables, made through nfnetlink. It is empty but for that moment, whose end the kernel itself sees to,
/// also where this program has died meanwhile.
package final class ResetGuard {
    private let socket: NetlinkSocket
    /// Tells when somebody takes the table away.
    private let events: NetlinkSocket

    package init() throws(SystemError) {
        socket = try NetlinkSocket(family: NETLINK_NETFILTER)
        events = try NetlinkSocket(family: NETLINK_NETFILTER, groups: [UInt32(NFNLGRP_NFTABLES.rawValue)])
    }

    /// To wait for: `isLost` has something to read.
    package var number: Int32 { events.number }

    /// Makes the table, empty, also where an earlier run has left one.
    package func load() throws(SystemError) {
        _ = readEvents()
        try carryOut(ResetGuardMessage.load())
        // What this has caused itself.
        _ = readEvents()
    }

    package func remove() throws(SystemError) { try carryOut(ResetGuardMessage.remove()) }

    /// From now on, and for so long.
    /// - Parameter span: at least a millisecond.
    package func guardAddresses(_ addresses: [IPAddress], for span: Duration) throws(SystemError) {
        guard !addresses.isEmpty else { return }
        try carryOut(ResetGuardMessage.add(addresses, for: max(span, .milliseconds(1))))
    }

    /// Whether somebody has taken the table away since it was last asked: `nft flush ruleset`, the start of nftables.service, firewalld.
    package func isLost() -> Bool { readEvents() }

    private func readEvents() -> Bool {
        var isLost = false
        while true {
            switch try? events.receive() {
            case .bytes(let count)?:
                events.forEachMessage(in: count) { message in
                    if message.removedTable == ResetGuardMessage.table { isLost = true }
                }
            // Perhaps that, too: it is made anew.
            case .overrun?: isLost = true
            case .empty?, nil: return isLost
            }
        }
    }

    /// One batch. The kernel works during the write, so that the answers are there when it returns.
    private func carryOut(_ batch: ResetGuardMessage) throws(SystemError) {
        var bytes: [UInt8] = []
        var open: Set<UInt32> = []
        for (place, request) in batch.requests.enumerated() {
            let sequence = socket.nextSequence()
            let isBound = place == 0 || place == batch.requests.count - 1
            if !isBound { open.insert(sequence) }
            bytes += request.bytes(sequence: sequence, isAnswered: !isBound)
        }
        try socket.send(bytes)
        var refusal: SystemError?
        while case .bytes(let count) = try socket.receive() {
            socket.forEachMessage(in: count) { message in
                guard message.type == NLMSG_ERROR, let answer = message.acknowledgement else { return }
                open.remove(message.sequence)
                if answer.code != 0 {
                    refusal = refusal ?? SystemError(answer.text ?? "nftables refuses a change", code: answer.code)
                }
            }
        }
        if let refusal { throw refusal }
        guard open.isEmpty else { throw SystemError("nftables has not answered", code: EIO) }
    }
}

extension NetlinkMessage {
    /// The name of the table that was deleted, of the family inet.
    fileprivate var removedTable: String? {
        guard type == Int32(NFNL_SUBSYS_NFTABLES) << 8 | Int32(NFT_MSG_DELTABLE.rawValue),
            let header: nfgenmsg = payload(), header.nfgen_family == UInt8(CNetlink_NFPROTO_INET),
            let attribute = unsafe attribute(after: nfgenmsg.self, Int(NFTA_TABLE_NAME.rawValue)),
            let name = unsafe nla_get_string(attribute)
        else { return nil }
        return unsafe String(cString: name)
    }
}
