import CLinux
import Configuration
import Glibc
import Kernel
import Scripts

/// The program of a script's command, as the host has it at this moment.
enum ScriptProgram {
    /// Where the program is.
    /// - Parameter environment: what the script gets.
    static func path(of command: ScriptCommand, in environment: [String]) throws(Unrunnable) -> String {
        var code = ENOENT
        for candidate in ScriptEnvironment.candidates(for: command.program, in: environment) {
            var status = stat()
            guard unsafe stat(candidate, &status) == 0 else {
                if errno != ENOENT, errno != ENOTDIR { code = errno }
                continue
            }
            if status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o111 != 0 { return candidate }
            code = EACCES
        }
        throw Unrunnable(code: code, reason: "\(printable(command.program)): \(SystemError.text(of: code))")
    }

    /// `enable_script_security`: root runs nothing that others can change. Sticky folders pass: there nobody takes away what is
    /// another user's.
    /// - Parameter path: absolute; where its links lead is looked at, too.
    static func checkSafety(of path: String) throws(Unrunnable) {
        try checkParts(of: path)
        guard let real = unsafe realpath(path, nil) else {
            throw Unrunnable(code: errno, reason: "\(path): \(SystemError.text(of: errno))")
        }
        defer { unsafe free(real) }
        try checkParts(of: unsafe String(cString: real))
    }

    private static func checkParts(of path: String) throws(Unrunnable) {
        var place = ""
        for part in [""] + path.split(separator: "/").map({ "/" + $0 }) {
            place += part
            var status = stat()
            guard unsafe stat(place.isEmpty ? "/" : place, &status) == 0 else {
                throw Unrunnable(code: errno, reason: "\(place): \(SystemError.text(of: errno))")
            }
            let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & 0o1000 != 0
            let isOpen = status.st_mode & 0o002 != 0 || status.st_mode & 0o020 != 0 && status.st_gid != 0
            guard status.st_uid == 0, !isOpen || isSticky else {
                throw Unrunnable(
                    code: EPERM,
                    reason: "not run as root: others can change \(place.isEmpty ? "/" : place) (enable_script_security)"
                )
            }
        }
    }

    private static func printable(_ text: String) -> String { OutputExcerpt(Array(text.utf8)).description }
}
