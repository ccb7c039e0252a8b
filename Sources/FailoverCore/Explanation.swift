package import Addressing
package import VRRP

/// Why an instance is as it is, what keeps it from being otherwise, and what comes next.
package struct Explanation: Hashable, Sendable {
    package enum Cause: Hashable, Sendable {
        case finding(Health.Finding)
        /// Trackers make another priority of the configured one; as they were at a moment of the boot clock.
        case priority(TrackedPriority, at: Instant)
        /// What this host sends comes back to it, so often in the last minute.
        case echo(lately: UInt64)
        /// The master's priority is not lower than the own one.
        case masterIsBetter(IPAddress, priority: UInt8, own: UInt8, instance: String)
        case noPreemption(IPAddress, priority: UInt8, instance: String)
        /// `preempt_delay` is not over.
        case preemptionDelayed(IPAddress, priority: UInt8, left: Duration)
    }

    /// By name.
    package var instance: String
    package var state: InstanceState
    /// How long it has been in it.
    package var lasted: Duration
    package var reason: Reason
    package var causes: [Cause]
    package var nextStep: NextStep
}

/// What comes next, if nothing happens before. No span is negative.
package enum NextStep: Hashable, Sendable {
    /// Master.
    case advertisement(after: Duration)
    /// The addresses are on their way.
    case claim
    /// Handed over for good, or for so long.
    case staysBackup(instance: String, for: Duration?)
    /// Unless a master is heard, or the one that is known.
    case becomesMaster(after: Duration, unlessHeard: IPAddress?)
    /// A master of lower priority is replaced.
    case preempts(after: Duration, IPAddress, priority: UInt8)
    /// It is, at the end of `preempt_delay`.
    case preemptsLater(atMost: Duration, orAfter: Duration, IPAddress)
    /// Its timer has ended; it waits for the others of its sync group, by name.
    case waitsForGroup(String, members: [String])
    case successor
    case nothing
    /// In fault, it takes over only where nobody else answers for the addresses.
    case lastResort
    /// In fault.
    case recovery
}
