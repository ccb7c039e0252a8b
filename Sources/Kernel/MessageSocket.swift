import CLinux
import Glibc

/// One end of a Unix socket that keeps messages apart (SOCK_SEQPACKET): what is sent in one call is received in one. Nothing waits.
package final class MessageSocket {
    /// What became of a message.
    package enum Outcome: Hashable, Sendable {
        case done
        /// There is no room now, or nothing to read.
        case wouldBlock
        /// The other side is gone.
        case closed
    }

    private let descriptor: FileDescriptor

    package var number: Int32 { descriptor.number }

    /// Connects to whoever listens.
    /// - Throws: where nobody does, or the one who does lets nobody in at the moment.
    package init(path: String) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SystemError("can't connect to \(path)", code: ENAMETOOLONG)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let descriptor = try FileDescriptor.socket(
            AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, for: "the socket to \(path)")
        let number = descriptor.number
        _ = try check("can't connect to \(path)") {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        self.descriptor = descriptor
    }

    /// Who is at the other end; `nil` when the kernel does not say.
    package var peer: PeerCredentials? { PeerCredentials(of: descriptor) }

    /// Sends one message.
    package func send(_ message: [UInt8]) -> Outcome {
        switch descriptor.write(message[...]) {
        case .bytes: .done
        case .wouldBlock: .wouldBlock
        case .closed: .closed
        }
    }

    /// Receives one message.
    /// - Parameter buffer: what does not fit in it is lost.
    /// - Returns: how long it is.
    package func receive(into buffer: inout [UInt8]) -> (outcome: Outcome, count: Int) {
        switch descriptor.read(into: &buffer) {
        case .bytes(let count): (.done, count)
        case .wouldBlock: (.wouldBlock, 0)
        case .closed: (.closed, 0)
        }
    }
}
