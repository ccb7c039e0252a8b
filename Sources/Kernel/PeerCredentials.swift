import CLinux
import Glibc

/// Who is at the other end of a Unix socket: SO_PEERCRED and SO_PEERGROUPS, taken when it connected.
package struct PeerCredentials: Hashable, Sendable {
    package var user: UInt32
    package var groups: Set<UInt32>

    /// - Returns: `nil` when the kernel does not say.
    package init?(of socket: borrowing FileDescriptor) {
        var user: UInt32 = 0
        var group: UInt32 = 0
        guard unsafe CLinux_peer(socket.number, &user, &group) == 0 else { return nil }
        self.user = user
        groups = [group]
        var buffer = [UInt32](repeating: 0, count: 1024)
        var length = socklen_t(buffer.count * MemoryLayout<UInt32>.size)
        if unsafe getsockopt(socket.number, SOL_SOCKET, Int32(CLinux_SO_PEERGROUPS), &buffer, &length) == 0 {
            groups.formUnion(buffer.prefix(Int(length) / MemoryLayout<UInt32>.size))
        }
    }

    /// Root, this process's own user, or a member of the group.
    package func mayChange(adminGroup: UInt32?) -> Bool {
        user == 0 || user == geteuid() || adminGroup.map(groups.contains) ?? false
    }

    /// The number of a group; `nil` when there is none of that name.
    package static func group(named name: String) -> UInt32? {
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }

    /// The number of a user; `nil` when there is none of that name.
    package static func user(named name: String) -> UInt32? {
        guard let entry = unsafe getpwnam(name) else { return nil }
        return unsafe entry.pointee.pw_uid
    }
}
