package import EventLoop
import Glibc
import Kernel

/// What `ExecStopPost=` has to know: whether the service has ended for good. Where it is started again at once, the new
/// process decides about the addresses.
package enum StopPost {
    /// - Parameter roles: the path of the file in which a process notes that it was told to restart.
    static func isRestartComing(roles: String) -> Bool {
        let wasToldToRestart = RoleFile.tellsOfOrderlyEnd(path: roles)
        // The next process is not started before this one has ended; where none is to come, there is time.
        let job = ServiceManager.pendingJob(within: wasToldToRestart ? .milliseconds(250) : .seconds(1))
        return isRestartComing(
            result: variable("SERVICE_RESULT"), code: variable("EXIT_CODE"), status: variable("EXIT_STATUS"),
            job: job, wasToldToRestart: wasToldToRestart)
    }

    /// - Parameters:
    ///   - result: systemd's SERVICE_RESULT; `nil` where no service manager called.
    ///   - code: EXIT_CODE, such as `exited` or `killed`.
    ///   - status: EXIT_STATUS, the exit code as a number or the signal's name.
    ///   - job: what systemd is doing with the unit; `nil` where it did not answer.
    ///   - wasToldToRestart: the process got that answer when it ended.
    package static func isRestartComing(
        result: String?, code: String?, status: String?, job: ServiceManager.Job?, wasToldToRestart: Bool
    ) -> Bool {
        guard let result else { return false }
        let isLasting = code == "exited" && ExitCode.withoutRestart.contains { "\($0)" == status }
        switch job {
        case .restart, .start: return true
        case .stop: return false
        case .some(.none), .other: return !isLasting && result != "start-limit-hit"
        // Nobody says: what ended in order, or was killed because it did not stop in time, was told to stop, unless it has left word.
        case nil where wasToldToRestart: return true
        case nil: return !isLasting && !["success", "timeout", "start-limit-hit"].contains(result)
        }
    }

    private static func variable(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
