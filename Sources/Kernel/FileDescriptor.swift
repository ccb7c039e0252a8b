import CLinux
import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct FileDescriptor: ~Copyable {
    package let number: Int32
    private let closesSlowly: Bool

    /// - Parameter closesSlowly: the kernel takes its time to close it: see `SlowCalls`.
    package init(owning number: Int32, closesSlowly: Bool = false) {
        self.number = number
        self.closesSlowly = closesSlowly
    }

    deinit {
        if closesSlowly {
            SlowCalls.close(number)
        } else {
            _ = close(number)
        }
    }

    /// socket(2), non-blocking and not inherited by other programs.
    static func socket(
        _ family: Int32, _ type: Int32, _ protocolNumber: Int32, for purpose: String
    ) throws(SystemError) -> FileDescriptor {
        let number = try check("can't open \(purpose)") {
            Glibc.socket(family, type | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), protocolNumber)
        }
        // Raw sockets leave their groups under rtnetlink's lock.
        return FileDescriptor(
            owning: number, closesSlowly: family == AF_PACKET || type == Int32(SOCK_RAW.rawValue))
    }

    func set(_ level: Int32, _ option: Int32, to value: Int32, for purpose: String) throws(SystemError) {
        _ = try check("can't set \(purpose)") { CLinux_set_option(number, level, option, value) }
    }

    /// bind(2).
    /// - Parameters:
    ///   - address: one of the system's `sockaddr_…` structures.
    ///   - length: how much of it counts; all of it unless given.
    func bind<Address>(to address: Address, length: Int? = nil, for purpose: String) throws(SystemError) {
        let size = socklen_t(length ?? MemoryLayout<Address>.size)
        _ = try check("can't bind \(purpose)") {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.bind(number, $0, size)
                }
            }
        }
    }

    /// Room for what arrives while the program is stopped or busy: 8 MiB, beyond the system's limit where allowed.
    func enlargeReceiveBuffer() {
        let size: Int32 = 8 << 20
        if CLinux_set_option(number, SOL_SOCKET, SO_RCVBUFFORCE, size) != 0 {
            _ = CLinux_set_option(number, SOL_SOCKET, SO_RCVBUF, size)
        }
    }

    /// Room for what is sent in one moment until the interface has taken it: 8 MiB, beyond the system's limit where allowed.
    func enlargeSendBuffer() {
        let size: Int32 = 8 << 20
        if CLinux_set_option(number, SOL_SOCKET, SO_SNDBUFFORCE, size) != 0 {
            _ = CLinux_set_option(number, SOL_SOCKET, SO_SNDBUF, size)
        }
    }
}
