import Glibc
import Kernel

/// Counts starts that follow each other without an orderly end, so that a program that dies at once is started at once,
/// too, but not a hundred times a second. (systemd's own growing pauses came after Debian 12's.)
package struct StartRecord {
    private let path: String

    /// A run of this length is no failed start: three of them in a minute are taken for what may happen.
    private static let lasting = Duration.seconds(20)

    private static let longestPause = Duration.seconds(10)

    package init(path: String) {
        self.path = path
    }

    /// Notes a start.
    /// - Returns: how many starts have failed in a row, and how long to wait before this one; `nil` for not at all.
    func begin() -> (failures: Int, pause: Duration)? {
        let now = Clocks.sinceBoot()
        let failures = Self.failures(record: read(), at: now)
        let pause = Self.pause(after: failures)
        write("\(failures + 1) \((now + pause).components.seconds)\n")
        return pause > .zero ? (failures, pause) : nil
    }

    /// Notes an orderly end.
    func end() {
        _ = unsafe unlink(path)
    }

    /// - Parameter record: the file's text: a count, and the time of the last start in seconds since boot.
    package static func failures(record: String, at now: Duration) -> Int {
        let numbers = record.split(whereSeparator: \.isWhitespace).compactMap { Int64($0) }
        guard numbers.count == 2, (0...1_000_000).contains(numbers[0]), (0...1 << 40).contains(numbers[1]),
            now - .seconds(numbers[1]) < lasting,
            // Later than now: it was killed during its pause.
            .seconds(numbers[1]) - now <= longestPause
        else { return 0 }
        return Int(numbers[0])
    }

    /// The first three times not at all, then from 0.1 s to 10 s.
    package static func pause(after failures: Int) -> Duration {
        guard failures > 3 else { return .zero }
        return min(.milliseconds(100 << min(failures - 4, 10)), longestPause)
    }

    private func read() -> String {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { return "" }
        let file = FileDescriptor(owning: number)
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(file.number, $0.baseAddress, $0.count) }
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }

    private func write(_ text: String) {
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { return }
        let file = FileDescriptor(owning: number)
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.number, $0.baseAddress, $0.count) }
    }
}
