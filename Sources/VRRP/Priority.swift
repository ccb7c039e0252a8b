/// Priority values that have a meaning of their own (RFC 3768, section 5.3.4).
package enum Priority {
    /// Sent by a master that stops: the others need not wait for it.
    package static let resigning: UInt8 = 0
    /// Loses against everybody else's.
    package static let lowest: UInt8 = 1
    /// What a router without another wish uses.
    package static let standard: UInt8 = 100
    /// The router that owns the addresses. It is master whenever it runs.
    package static let owner: UInt8 = 255
}
