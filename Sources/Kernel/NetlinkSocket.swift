import CLinux
import CNetlink
import Glibc

/// A socket to rtnetlink. libnl opens it and builds the messages; reading and writing whole batches, and matching each
/// answer to its request by sequence number, is done here: libnl's helpers would block the loop.
@safe final class NetlinkSocket {
    private let socket: OpaquePointer
    let number: Int32
    private var buffer: [UInt8]
    private var lastSequence: UInt32 = 0

    /// What reading gave.
    enum ReadResult {
        /// Bytes of whole messages are in the buffer.
        case bytes(Int)
        case empty
        /// ENOBUFS: the kernel had more to tell than there was room for.
        case overrun
    }

    /// - Parameters:
    ///   - family: the netlink protocol (NETLINK_…).
    ///   - groups: the multicast groups (RTNLGRP_…, NFNLGRP_…) whose events are wanted.
    init(family: Int32 = NETLINK_ROUTE, groups: [UInt32] = []) throws(SystemError) {
        guard let socket = unsafe nl_socket_alloc() else {
            throw SystemError("can't make a netlink socket", code: ENOMEM)
        }
        unsafe self.socket = unsafe socket
        // The kernel chooses the port: another program of this process id's past may hold the one libnl would take.
        unsafe nl_socket_set_local_port(socket, 0)
        let result = unsafe nl_connect(socket, family)
        guard result == 0 else {
            unsafe nl_socket_free(socket)
            throw SystemError("can't connect to rtnetlink", code: errno)
        }
        number = unsafe nl_socket_get_fd(socket)
        buffer = Array(repeating: 0, count: 64 << 10)
        for group in groups where unsafe nl_socket_add_membership(socket, Int32(clamping: group)) != 0 {
            let code = errno
            unsafe nl_socket_free(socket)
            throw SystemError("can't follow rtnetlink's events", code: code)
        }
        _ = unsafe nl_socket_set_nonblocking(socket)
        let size: Int32 = 8 << 20
        if CLinux_set_option(number, SOL_SOCKET, SO_RCVBUFFORCE, size) != 0 {
            _ = CLinux_set_option(number, SOL_SOCKET, SO_RCVBUF, size)
        }
        // Refusals come with the kernel's own sentence, and without a copy of the request.
        _ = CLinux_set_option(number, SOL_NETLINK, NETLINK_EXT_ACK, 1)
        _ = CLinux_set_option(number, SOL_NETLINK, NETLINK_CAP_ACK, 1)
    }

    deinit {
        unsafe nl_socket_free(socket)
    }

    /// The number that the kernel has given it.
    var port: UInt32 { unsafe nl_socket_get_local_port(socket) }

    /// A sequence number that no answer under way carries.
    func nextSequence() -> UInt32 {
        lastSequence &+= 1
        // 0 marks events.
        if lastSequence == 0 { lastSequence = 1 }
        return lastSequence
    }

    /// One write of whole messages.
    func send(_ bytes: [UInt8]) throws(SystemError) {
        _ = try check("can't write to rtnetlink") {
            unsafe bytes.withUnsafeBytes { Int32(clamping: unsafe Glibc.send(number, $0.baseAddress, $0.count, 0)) }
        }
    }

    /// One read, as long as the buffer.
    func receive() throws(SystemError) -> ReadResult {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .empty }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .empty
            case ENOBUFS: return .overrun
            default: throw SystemError("can't read from rtnetlink")
            }
        }
    }

    /// Asks the kernel something that it answers at once.
    /// - Parameter read: finds the answer in a message.
    /// - Returns: `nil` where it did not answer.
    func ask(_ request: RouteRequestMessage, _ read: (NetlinkMessage) -> Int32?) -> Int32? {
        let sequence = nextSequence()
        guard (try? send(request.bytes(sequence: sequence))) != nil else { return nil }
        var result: Int32?
        while case .bytes(let count) = try? receive() {
            forEachMessage(in: count) { message in
                if message.sequence == sequence, let value = read(message) { result = value }
            }
        }
        return result
    }

    /// The messages of the last read.
    func forEachMessage(in count: Int, _ body: (NetlinkMessage) -> Void) {
        unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var header = unsafe base.assumingMemoryBound(to: nlmsghdr.self)
            var left = Int32(clamping: min(count, bytes.count))
            while unsafe nlmsg_ok(header, left) != 0 {
                unsafe body(NetlinkMessage(header: header))
                guard let next = unsafe nlmsg_next(header, &left) else { return }
                unsafe header = next
            }
        }
    }
}
