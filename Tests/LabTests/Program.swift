import Foundation
import Glibc

/// A running program and what it has printed.
///
/// Started with posix_spawn: Foundation's Process waits in a run loop, and hangs when tests run side by side.
final class Program {
    let id: pid_t
    private let file: URL
    private var exitCode: Int32?

    init(_ command: [String]) throws {
        file = FileManager.default.temporaryDirectory.appending(path: "fotest-output-\(UUID().uuidString)")
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(
            &actions, STDOUT_FILENO, file.path(), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Signals that the caller blocks or ignores would stay so.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { unsafe sigaddset(&defaults, number) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var id: pid_t = 0
        let code = unsafe posix_spawnp(&id, command[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw Lab.Failure("can't start \(command[0]): error \(code)") }
        self.id = id
    }

    deinit {
        end(SIGKILL)
        try? FileManager.default.removeItem(at: file)
    }

    /// Seconds that it has kept a processor busy so far.
    var processorTime: Double {
        let text = (try? String(contentsOf: URL(filePath: "/proc/\(id)/stat"), encoding: .utf8)) ?? ""
        // The name, in parentheses, may hold anything; user and system time are the 12th and 13th field after it.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What it has in memory, in kB; 0 where it is gone.
    var residentKilobytes: Int {
        let text = (try? String(contentsOf: URL(filePath: "/proc/\(id)/status"), encoding: .utf8)) ?? ""
        return text.firstMatch(of: /VmRSS:\s+([0-9]+) kB/).flatMap { Int($0.1) } ?? 0
    }

    var output: String { (try? String(contentsOf: file, encoding: .utf8)) ?? "" }

    var isRunning: Bool {
        collect(WNOHANG)
        return exitCode == nil
    }

    func signal(_ number: Int32) { kill(id, number) }

    /// Ends the program and waits for it.
    func end(_ number: Int32) {
        guard isRunning else { return }
        signal(number)
        _ = waitForExit()
    }

    /// SIGTERM, and the exit code that follows.
    func stop() -> Int32 {
        signal(SIGTERM)
        return waitForExit()
    }

    /// Waits a minute at most; then the program is killed, and -1 is its code.
    func waitForExit() -> Int32 {
        let end = Date().addingTimeInterval(60)
        while isRunning {
            if Date() > end {
                signal(SIGKILL)
                collect(0)
                return -1
            }
            usleep(2000)
        }
        return exitCode ?? -1
    }

    private func collect(_ options: Int32) {
        guard exitCode == nil else { return }
        var status: Int32 = 0
        guard unsafe waitpid(id, &status, options) == id else { return }
        exitCode = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    /// A field of /proc/PID/status, such as VmRSS.
    func status(_ field: String) -> Int? {
        let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }).dropFirst().first.flatMap {
            Int($0)
        }
    }
}

/// The guide's file for one of the hosts.
enum Guide {
    static func file(
        state: String = "BACKUP", priority: Int, interface: String = "eth0", password: String? = "s3cret",
        extra: String = "",
        addresses: [String] = ["192.0.2.1"], name: String = "Instance1", id: Int = 10
    ) -> String {
        let authentication =
            password.map { "authentication {\n        auth_type PASS\n        auth_pass \($0)\n    }" } ?? ""
        return """
            vrrp_instance \(name) {
                state \(state)
                interface \(interface)
                virtual_router_id \(id)
                priority \(priority)
                advert_int 1
                \(authentication)
                \(extra)
                virtual_ipaddress {
                    \(addresses.joined(separator: "\n        "))
                }
            }

            """
    }

    static let primary = file(state: "MASTER", priority: 100)
    static let secondary = file(priority: 99)
    static let third = file(priority: 98)
}
