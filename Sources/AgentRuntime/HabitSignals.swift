import Glibc
package import Kernel

/// Signals that other programs act upon and this one does not: a line names the command that answers instead.
package struct HabitSignals {
    /// Between two lines about the same signal.
    package static let pause = Duration.seconds(60)

    private var told: [Int32: Duration] = [:]
    private var untold: [Int32: Int] = [:]

    package init() {}

    /// - Parameters:
    ///   - now: time since boot.
    ///   - realtime: the first and the last real-time signal of this system's C library.
    /// - Returns: the line; `nil` where one like it was written a short while ago.
    package mutating func line(
        about arrival: SignalReader.Arrival, at now: Duration, realtime: ClosedRange<Int32>
    ) -> String? {
        let number = arrival.number
        if let last = told[number], now - last < Self.pause {
            untold[number] = min(untold[number, default: 0], Int.max - 1) + 1
            return nil
        }
        told[number] = now
        let missed = untold.removeValue(forKey: number) ?? 0
        let sender = arrival.process > 0 ? ", sent by process \(arrival.process) of user \(arrival.user)," : ""
        let (name, advice) = Self.advice(number, realtime)
        return "\(name)\(sender) does nothing here: \(advice)" + (missed > 0 ? " (and \(missed) more since)" : "")
    }

    private static func advice(_ number: Int32, _ realtime: ClosedRange<Int32>) -> (name: String, advice: String) {
        switch number {
        case SIGUSR1:
            (
                "SIGUSR1",
                "for what keepalived writes to keepalived.data type 'failoverctl status' or 'failoverctl show NAME'"
            )
        case SIGUSR2: ("SIGUSR2", "for what keepalived writes to keepalived.stats type 'failoverctl metrics'")
        case realtime.lowerBound + 2:
            ("SIGRTMIN+2", "for what keepalived writes to keepalived.json type 'failoverctl status --json'")
        case realtime.upperBound - 1:
            (
                "SIGRTMAX-1",
                "for what keepalived writes to keepalived.stats type 'failoverctl metrics'; its counters are never set back"
            )
        case SIGTSTP:
            (
                "SIGTSTP",
                "a suspended agent would keep its addresses while another host takes them over; to let another host be master "
                    + "type 'failoverctl handover --all'"
            )
        case SIGQUIT: ("SIGQUIT", "to stop the agent type 'systemctl stop failover-agent', or send SIGTERM")
        case SIGALRM: ("SIGALRM", "to ask the agent type 'failoverctl status'")
        case realtime:
            (
                "SIGRTMIN+\(number - realtime.lowerBound)",
                "to ask the agent type 'failoverctl status' or 'failoverctl metrics'"
            )
        default: ("signal \(number)", "to ask the agent type 'failoverctl status'")
        }
    }
}
