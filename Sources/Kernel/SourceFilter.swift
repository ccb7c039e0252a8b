import Addressing
import CLinux
import Glibc

/// A classic BPF program that lets through IPv4 packets of one protocol from certain sources, and nothing else: the
/// kernel does not wake the program for the rest.
struct SourceFilter {
    private var program: [sock_filter] = []

    /// The kernel takes at most 4096 instructions. Beyond, every source passes, and the receiver looks for itself.
    private static let mostSources = 2000

    init(protocolNumber: UInt8, sources: [IPv4Address]) {
        // The protocol is octet 9 of the IP header, the source begins at octet 12.
        emit(BPF_LD | BPF_B | BPF_ABS, 9)
        emit(BPF_JMP | BPF_JEQ | BPF_K, UInt32(protocolNumber), ifTrue: 1)
        emit(BPF_RET | BPF_K, 0)
        let unique = Set(sources)
        if unique.count <= Self.mostSources {
            emit(BPF_LD | BPF_W | BPF_ABS, 12)
            for source in unique.sorted() {
                emit(BPF_JMP | BPF_JEQ | BPF_K, source.rawValue, ifFalse: 1)
                emit(BPF_RET | BPF_K, UInt32(UInt16.max))
            }
            emit(BPF_RET | BPF_K, 0)
        } else {
            emit(BPF_RET | BPF_K, UInt32(UInt16.max))
        }
    }

    private mutating func emit(_ code: Int32, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        program.append(sock_filter(code: UInt16(code), jt: ifTrue, jf: ifFalse, k: value))
    }

    func attach(to socket: Int32) throws(SystemError) {
        var program = program
        let result = unsafe program.withUnsafeMutableBufferPointer { buffer in
            var filter = unsafe sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            return unsafe setsockopt(
                socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
        guard result == 0 else { throw SystemError("can't attach a packet filter") }
    }
}
