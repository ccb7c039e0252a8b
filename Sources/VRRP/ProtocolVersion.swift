/// A version of the protocol. The two do not understand each other: a packet of the other version is dropped.
package enum ProtocolVersion: UInt8, Hashable, Sendable, CaseIterable {
    /// VRRPv2, RFC 3768: whole seconds, an authentication field that only RFC 2338 gave a meaning.
    case v2 = 2
    /// VRRPv3, RFC 9568: centiseconds, no authentication.
    case v3 = 3

    /// The advertisement intervals that a packet of this version can carry.
    package var advertisementIntervals: ClosedRange<Duration> {
        switch self {
        case .v2: .seconds(1)...(.seconds(255))
        case .v3: .milliseconds(10)...(.milliseconds(40_950))
        }
    }
}
