import Glibc
package import Kernel
package import Scripts

/// A script that was started: its process, what it says, and whether it could begin.
package struct ScriptProcess: ~Copyable {
    /// To be waited for, by whoever started it.
    package let process: Int32
    /// What it writes to its standard output and error: reading does not wait.
    package let output: FileDescriptor
    private let failures: FileDescriptor

    /// Starts a script: this program once more, which then becomes it (`ScriptExec`).
    /// - Parameters:
    ///   - environment: `NAME=VALUE`.
    ///   - program: this program; another one for tests.
    package init(
        _ order: LaunchOrder, environment: [String], program: String = "/proc/self/exe"
    ) throws(SystemError) {
        let said = try Pipe()
        let failed = try Pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        // Out of the way first, beyond all of them: one that had its number already would be closed at exec.
        let spoken = max(said.writing.number, failed.writing.number) + 16
        let failing = spoken + 1
        for (old, new) in [
            (said.writing.number, spoken), (failed.writing.number, failing), (spoken, STDOUT_FILENO),
            (spoken, STDERR_FILENO), (failing, ScriptExec.failures),
        ] {
            // It refuses numbers beyond the limit.
            guard unsafe posix_spawn_file_actions_adddup2(&actions, old, new) == 0 else {
                throw SystemError("can't start a script", code: EMFILE)
            }
        }
        let words = [Array("failover-scripts".utf8)] + order.words
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe []
        for word in words { unsafe arguments.append(strdup(word.map { CChar(bitPattern: $0) } + [0])) }
        unsafe arguments.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = unsafe []
        for entry in environment { unsafe variables.append(strdup(entry)) }
        unsafe variables.append(nil)
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, program, &actions, nil, arguments, variables)
        guard code == 0 else { throw SystemError("can't start a script", code: code) }
        self.process = process
        output = said.reading
        failures = failed.reading
    }

    /// Becomes readable when it is known whether it could begin.
    package var beginning: Int32 { failures.number }

    /// Whether it could begin, as far as that is known: `nil` while it is not; 0, or errno.
    package func progress() -> Int32? {
        var code: Int32 = 0
        let count = unsafe read(failures.number, &code, MemoryLayout<Int32>.size)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : 0 }
        return count == MemoryLayout<Int32>.size ? code : 0
    }

    /// Whether it could begin. Waits until it has, or could not: for a moment.
    /// - Returns: errno, where it could not.
    package func failure() -> Int32? {
        var code: Int32 = 0
        var entry = pollfd(fd: failures.number, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&entry, 1, -1) < 0, errno == EINTR {}
        let count = unsafe read(failures.number, &code, MemoryLayout<Int32>.size)
        return count == MemoryLayout<Int32>.size ? code : nil
    }
}

/// Both ends are closed in every program that is started.
private struct Pipe: ~Copyable {
    let reading: FileDescriptor
    let writing: FileDescriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw SystemError("can't open a pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        reading = FileDescriptor(owning: ends[0])
        writing = FileDescriptor(owning: ends[1])
    }
}
