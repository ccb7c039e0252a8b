import CLinux
import Glibc
import Scripts

/// The second half of starting a script: this process becomes it. It runs in a process of its own, which the runner has started for nothing
/// else, so that it may call whatever it likes.
package enum ScriptExec {
    /// What could not be done is told on this descriptor: errno, as four bytes. It closes when the script begins.
    package static let failures: Int32 = 3

    /// - Parameter arguments: the program's own, its name left out.
    /// - Returns: what to exit with, where there is no such order, or it can't be carried out.
    package static func run(_ arguments: [[UInt8]]) -> Int32 {
        guard let order = LaunchOrder(words: arguments) else { return EXIT_FAILURE }
        var code = become(order)
        _ = unsafe write(failures, &code, MemoryLayout<Int32>.size)
        return EXIT_FAILURE
    }

    /// - Returns: errno; only where it fails.
    private static func become(_ order: LaunchOrder) -> Int32 {
        guard fcntl(failures, F_SETFD, FD_CLOEXEC) == 0 else { return errno }
        // First of all: everything that is started from here on is killed with the group.
        if let group = order.controlGroup {
            guard KernelFile.write("0", to: group + "/cgroup.procs") else { return errno }
        }
        // And where there are no control groups, with this one.
        _ = setpgid(0, 0)
        // The runner may be spared when memory is short; what it runs is not.
        _ = KernelFile.write("0", to: "/proc/self/oom_score_adj")
        umask(0o022)
        CLinux_reset_priority()
        CLinux_drop_ambient_capabilities()
        // Without privileges there is only the own user.
        if geteuid() == 0 || order.user != geteuid() || order.group != getegid() {
            let done = unsafe order.groups.withUnsafeBufferPointer {
                unsafe CLinux_become(order.user, order.group, $0.baseAddress, $0.count)
            }
            guard done == 0 else { return errno }
        }
        // A runner that is killed leaves nothing that would run beside the next one's calls, also where there are no control groups. Another user
        // has forgotten it.
        CLinux_end_with_parent()
        CLinux_close_from(UInt32(failures + 1))
        CLinux_reset_signals()
        var words: [UnsafeMutablePointer<CChar>?] = unsafe []
        for argument in order.arguments {
            unsafe words.append(strdup(argument.map { CChar(bitPattern: $0) } + [0]))
        }
        unsafe words.append(nil)
        guard let program = unsafe words.first ?? nil else { return ENOMEM }
        // Returns only where it fails.
        unsafe execve(program, words, environ)
        return errno
    }
}
