package import VRRP

/// Counts since the start. They wrap rather than trap, after some hundred years.
package struct InstanceCounters: Hashable, Sendable {
    package var advertisementsSent: UInt64 = 0
    package var advertisementsReceived: UInt64 = 0
    package var resignationsSent: UInt64 = 0
    package var resignationsReceived: UInt64 = 0
    package var becameMaster: UInt64 = 0
    package var sendErrors: UInt64 = 0
    /// Accepted advertisements with another address list.
    package var addressListDifferences: UInt64 = 0
    /// Version 3: accepted advertisements whose checksum covers the pseudo-header, and those whose does not.
    package var pseudoHeaderChecksums: UInt64 = 0
    package var plainChecksums: UInt64 = 0
    /// Takeovers put off because this host may have missed the master's advertisements.
    package var takeoversPostponed: UInt64 = 0
    package var dropped: [DropReason: UInt64] = [:]
    /// Times that another host was answered that claimed a shared address.
    package var defences: UInt64 = 0

    /// Packets of this virtual router that came, good or bad.
    var heard: UInt64 { dropped.values.reduce(advertisementsReceived, &+) }
}
