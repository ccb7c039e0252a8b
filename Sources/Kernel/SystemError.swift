import CLinux
import Glibc

/// A system call that failed: what was tried, and the system's own words.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    /// errno.
    package let code: Int32

    package init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    package var description: String { "\(operation): \(Self.text(of: code))" }

    /// The system's words for an error number.
    package static func text(of code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// The result of a system call that says -1 when it failed; it is repeated when a signal interrupted it.
func check(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(SystemError) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(operation(), code: code) }
    }
}
