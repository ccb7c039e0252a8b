package import VRRP

/// How a run ended.
package enum RunEnd: Hashable, Sendable {
    /// 0 to 255.
    case exited(UInt8)
    /// The signal that ended it.
    case signalled(UInt8)
    /// It never began: the program is missing, may not be run, or the system had no room for it. The number is errno's.
    case notStarted(Int32)

    /// Only an exit status of 0 is a success: not a program that could not be started.
    package var isSuccess: Bool { self == .exited(0) }
}

/// One run of a check, or of a notify script.
package struct ScriptRun: Hashable, Sendable {
    /// Counted from 1: which run of its check or object.
    package var number: UInt64
    package var startedAt: Instant
    /// `nil` while it runs.
    package var endedAt: Instant?
    /// `nil` while it runs, and where it was given up before it ended.
    package var end: RunEnd?
    /// It ran into its timeout: then it failed, whatever it answered afterwards.
    package var wasCutOff = false
    package var output = OutputExcerpt()

    package init(number: UInt64, startedAt: Instant) {
        self.number = number
        self.startedAt = startedAt
    }

    /// How long it took; `nil` while it runs.
    package var duration: Duration? { endedAt.map { $0 - startedAt } }
}
