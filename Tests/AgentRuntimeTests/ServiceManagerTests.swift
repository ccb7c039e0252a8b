import EventLoop
import Glibc
import Testing

@Suite("What the service manager is told")
struct ServiceManagerTests {
    @Test("What there is no room for waits, in order; of several status lines the last one counts")
    func unsent() {
        var unsent = UnsentNotices()
        var told: [String] = []
        var room = 1
        func tell() {
            unsent.send { message in
                guard room > 0 else { return .noRoom }
                room -= 1
                told.append(message.text)
                return .sent
            }
        }
        for text in ["STATUS=backup of 1", "READY=1", "STATUS=master of 1", "STATUS=leaving 1", "STOPPING=1"] {
            unsent.append(text)
        }
        tell()
        #expect(told == ["READY=1"])
        tell()
        #expect(told == ["READY=1"])
        room = 5
        tell()
        #expect(told == ["READY=1", "STATUS=leaving 1", "STOPPING=1"])
    }

    @Test("However long nobody listens, no more wait than are of use, the newest")
    func bounded() {
        var unsent = UnsentNotices()
        for number in 0..<UnsentNotices.limit + 1000 { unsent.append("X=\(number)") }
        var told: [String] = []
        unsent.send {
            told.append($0.text)
            return .sent
        }
        #expect(told.count == UnsentNotices.limit)
        #expect(told.last == "X=\(UnsentNotices.limit + 999)")
    }

    @Test("What is refused for good does not hold up the rest; descriptors are closed when their message has gone")
    func refused() {
        var unsent = UnsentNotices()
        // A pipe's reader sees when its writer is closed.
        let pipes = (0..<3).map { _ in
            var ends: [Int32] = [-1, -1]
            unsafe pipe(&ends)
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            return ends
        }
        defer { for ends in pipes { _ = close(ends[0]) } }
        let descriptors = pipes.map { $0[1] }
        for descriptor in descriptors { unsent.append("FDSTORE=1", descriptor: descriptor) }
        unsent.append("READY=1")
        func areOpen() -> [Bool] {
            pipes.map { ends in
                var byte: UInt8 = 0
                return unsafe read(ends[0], &byte, 1) < 0
            }
        }
        unsent.send { $0.descriptor == descriptors[0] ? .refused : $0.descriptor == descriptors[1] ? .sent : .noRoom }
        #expect(areOpen() == [false, false, true])
        var told: [String] = []
        unsent.send {
            told.append($0.text)
            return .sent
        }
        #expect(told == ["FDSTORE=1", "READY=1"])
        #expect(areOpen() == [false, false, false])
    }

    @Test("A socket that is not to be kept any more before anybody was told of it is not told of; its copy is closed")
    func withdrawn() {
        var unsent = UnsentNotices()
        var ends: [Int32] = [-1, -1]
        unsafe pipe(&ends)
        defer { _ = close(ends[0]) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        unsent.append("FDSTORE=1\nFDNAME=a", descriptor: ends[1])
        unsent.append("READY=1")
        unsent.append("FDSTOREREMOVE=1\nFDNAME=a", insteadOf: "FDSTORE=1\nFDNAME=a")
        var byte: UInt8 = 0
        #expect(unsafe read(ends[0], &byte, 1) == 0, "nobody has the other end")
        var told: [String] = []
        unsent.send {
            told.append($0.text)
            return .sent
        }
        #expect(told == ["READY=1", "FDSTOREREMOVE=1\nFDNAME=a"])
    }

    @Test("A name in the abstract name space, as systemd gives it to containers; anything else is none")
    func names() throws {
        let name = "failover-agent-test-\(getpid())"
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { _ = close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = [0] + Array(name.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let code = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(receiver, $0, length) }
        }
        #expect(code == 0)
        let notify = try #require(NotifySocket(path: "@" + name))
        #expect(notify.send("READY=1") == .sent)
        var text = [UInt8](repeating: 0, count: 100)
        let count = unsafe text.withUnsafeMutableBytes { unsafe recv(receiver, $0.baseAddress, $0.count, 0) }
        #expect(String(decoding: text.prefix(max(count, 0)), as: UTF8.self) == "READY=1")
        // Nobody reads any more: no room, and no waiting.
        #expect((0..<10_000).contains { _ in notify.send("WATCHDOG=1") == .noRoom })
        #expect(notify.send(String(repeating: "x", count: 1 << 20)) == .refused)
        #expect(NotifySocket(path: "relative") == nil)
        #expect(NotifySocket(path: "") == nil)
        #expect(NotifySocket(path: "/" + String(repeating: "x", count: 200)) == nil)
    }
}
