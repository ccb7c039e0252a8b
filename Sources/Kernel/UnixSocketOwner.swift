import CLinux
import CNetlink
import Glibc

/// Asks the kernel whose a Unix socket is (sock_diag(7)).
enum UnixSocketOwner {
    /// The abstract sockets of this network namespace whose names begin so, and the users who made them.
    /// - Returns: names without their leading zero byte; nothing where the kernel does not say (before 5.3, or without its module
    ///   unix_diag).
    static func abstractSockets(withPrefix prefix: String) -> [(name: String, user: UInt32)] {
        guard let socket = try? NetlinkSocket(family: NETLINK_SOCK_DIAG),
            (try? socket.send(dumpRequest)) != nil
        else { return [] }
        let wanted = [0] + Array(prefix.utf8)
        var found: [(name: String, user: UInt32)] = []
        while case .bytes(let count) = try? socket.receive() {
            socket.forEachMessage(in: count) { message in
                if message.type == Int32(SOCK_DIAG_BY_FAMILY), let other = message.unixSocket,
                    other.name.starts(with: wanted)
                {
                    found.append((String(decoding: other.name.dropFirst(), as: UTF8.self), other.user))
                }
            }
        }
        return found
    }

    private static var dumpRequest: [UInt8] {
        var header = nlmsghdr()
        header.nlmsg_len = UInt32(MemoryLayout<nlmsghdr>.size + MemoryLayout<unix_diag_req>.size)
        header.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
        header.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_DUMP)
        header.nlmsg_seq = 1
        var request = unix_diag_req()
        request.sdiag_family = UInt8(AF_UNIX)
        request.udiag_states = .max
        request.udiag_show = UInt32(UDIAG_SHOW_NAME | UDIAG_SHOW_UID)
        return unsafe withUnsafeBytes(of: header) { unsafe Array($0) }
            + withUnsafeBytes(of: request) { unsafe Array($0) }
    }
}
