package import EventLoop
import Glibc

/// What `ExecStopPost=` has to know: whether the service has ended for good. Where it is started again at once, the new
/// process decides about the addresses.
package enum StopPost {
    static var isRestartComing: Bool {
        isRestartComing(
            result: variable("SERVICE_RESULT"), code: variable("EXIT_CODE"), status: variable("EXIT_STATUS"),
            job: ServiceManager.pendingJob())
    }

    /// - Parameters:
    ///   - result: systemd's SERVICE_RESULT; `nil` where no service manager called.
    ///   - code: EXIT_CODE, such as `exited` or `killed`.
    ///   - status: EXIT_STATUS, the exit code as a number or the signal's name.
    ///   - job: what systemd is doing with the unit; `nil` where it did not answer.
    package static func isRestartComing(
        result: String?, code: String?, status: String?, job: ServiceManager.Job?
    ) -> Bool {
        guard let result else { return false }
        let isLasting = code == "exited" && ExitCode.withoutRestart.contains { "\($0)" == status }
        switch job {
        case .restart, .start: return true
        case .stop: return false
        case .some(.none), .other: return !isLasting && result != "start-limit-hit"
        // Nobody says: what ended in order, or was killed because it did not stop in time, was told to stop.
        case nil: return !isLasting && !["success", "timeout", "start-limit-hit"].contains(result)
        }
    }

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
