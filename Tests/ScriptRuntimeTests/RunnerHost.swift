import Foundation
import Scripts

/// The program, as it runs, with a folder that is root's alone, and a client in the agent's place.
final class RunnerHost {
    let folder: String
    private let process = Process()
    private let log: String
    private var client: Int32 = -1
    private var passedOver: [RunnerReport] = []

    /// Where nobody but root can write.
    private static let room = "/run/fotest-scripts"

    /// - Parameter configuration: with `FOLDER` for the folder.
    init(_ configuration: String, arguments: [String] = []) throws {
        folder = "\(Self.room)/\(UUID().uuidString)"
        log = folder + "/log"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try write("conf", configuration)
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "failover-scripts")
        process.arguments =
            [
                "--listen", folder + "/socket", "--config", folder + "/conf", "--environment", folder + "/environment",
                "--state", folder + "/state",
            ] + arguments
    }

    deinit {
        if client >= 0 { close(client) }
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Another process writes it: one that another test starts meanwhile would have it open for writing, too.
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let writer = Process()
        writer.executableURL = URL(filePath: "/bin/sh")
        writer.arguments = [
            "-c", "printf %s \"$1\" >\"$2.new\" && chmod \"$3\" \"$2.new\" && mv \"$2.new\" \"$2\"", "sh",
            text.replacing("FOLDER", with: folder), "\(folder)/\(name)", String(mode, radix: 8),
        ]
        try writer.run()
        writer.waitUntilExit()
        guard writer.terminationStatus == 0 else { throw NoAnswer() }
    }

    func text(_ name: String) -> String { (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? "" }

    /// Starts it, and waits until it listens.
    func start() throws {
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try connect()
    }

    var journal: String { text("log") }

    var identifier: Int32 { process.processIdentifier }

    /// - Returns: its exit code.
    func stop(_ signal: Int32 = SIGTERM) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    // MARK: - The agent's place

    struct NoAnswer: Error {}

    /// A new connection; the one before stays open.
    func connect() throws {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            let number = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) {
                unsafe $0.copyBytes(from: Array((folder + "/socket").utf8))
            }
            let result = unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 {
                client = number
                return
            }
            close(number)
            usleep(20_000)
        }
        throw NoAnswer()
    }

    func disconnect() {
        close(client)
        client = -1
        passedOver = []
    }

    func send(_ order: RunnerOrder) { send(order.encoded) }

    func send(_ bytes: [UInt8]) { _ = unsafe Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// The next report; `nil` where the connection is closed.
    func next() throws -> RunnerReport? {
        var entry = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, 30_000) == 1 else { throw NoAnswer() }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = unsafe recv(client, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        guard let report = RunnerReport(bytes.prefix(count)) else { throw NoAnswer() }
        return report
    }

    /// Waits for a report that fits; what has been passed over before counts, once.
    func wait<Found>(_ fits: (RunnerReport) -> Found?) throws -> Found {
        for (index, report) in passedOver.enumerated() {
            guard let found = fits(report) else { continue }
            passedOver.remove(at: index)
            return found
        }
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            guard let report = try next() else { throw NoAnswer() }
            if let found = fits(report) { return found }
            passedOver.append(report)
        }
        throw NoAnswer()
    }

    /// The answer to an order for a plan; without the words of what is wrong.
    func activate(_ digest: SHA256.Digest) throws -> RunnerReport {
        send(.activate(digest))
        let answer = try answer()
        if case .noPlan(let why, _) = answer { return .noPlan(why) }
        return answer
    }

    /// The answer to a reload.
    func reload(_ digest: SHA256.Digest) throws -> RunnerReport {
        send(.activate(digest, isReload: true))
        return try answer()
    }

    private func answer() throws -> RunnerReport {
        try wait { report in
            switch report {
            case .active, .differs, .noPlan: report
            default: nil
            }
        }
    }

    /// No file has it.
    static let nothing: SHA256.Digest = SHA256().digest()

    /// Takes the files' plan into use.
    func activate(isStart: Bool = false) throws -> SHA256.Digest {
        guard case .differs(let digest) = try activate(Self.nothing) else { throw NoAnswer() }
        send(.activate(digest, isStart: isStart))
        guard try answer() == .active(digest) else { throw NoAnswer() }
        return digest
    }

    /// Waits for a check's report that fits.
    func check(_ place: UInt32, where fits: (RunnerReport.CheckReport) -> Bool) throws -> RunnerReport.CheckReport {
        try wait { report in
            if case .check(_, place, let check) = report, fits(check) { check } else { nil }
        }
    }

    /// Waits until something holds.
    func wait(until holds: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if holds() { return true }
            usleep(20_000)
        }
        return false
    }
}
