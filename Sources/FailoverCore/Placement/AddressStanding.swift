package import Addressing

/// Whose an address is that equals a shared address of the configuration.
///
/// Clouds and installers assign the shared address to the guide's first host natively. To delete such an address for
/// good would cut the host off, so in doubt it is the host's.
enum AddressStanding: Hashable, Sendable {
    /// This agent added it, in this run or an earlier one.
    case ours
    /// The host's own configuration added it. It is never removed.
    case hosts
    /// Somebody put it there while this agent was watching, or another VRRP daemon left it behind.
    case stray
}

/// What the standing of a newly seen address is judged by.
struct StandingEvidence {
    /// IFA_PROTO says that this program added it, or the state file does, with the same creation stamp.
    var isMarkedOurs: Bool
    /// This agent has asked the kernel for just this address and has no answer yet, on a kernel that marks no addresses.
    var isAwaited: Bool
    /// The address leaves by itself: somebody leases it.
    var hasFiniteLifetime: Bool
    /// Who added it, by IFA_PROTO.
    var origin: UInt8
    /// It was there when this agent started, or it came while the interface was still being set up.
    var cameWithInterface: Bool
    /// It was the host's own before.
    var wasHosts: Bool
}

extension AddressStanding {
    /// The IFA_PROTO value of addresses that keepalived added.
    static let keepalivedOrigin: UInt8 = 18

    init(_ evidence: StandingEvidence) {
        if evidence.isMarkedOurs || evidence.isAwaited {
            self = .ours
        } else if evidence.hasFiniteLifetime || evidence.wasHosts {
            self = .hosts
        } else if evidence.origin == Self.keepalivedOrigin {
            self = .stray
        } else {
            self = evidence.cameWithInterface ? .hosts : .stray
        }
    }

    /// Whether a host that is not master may remove the address.
    /// - Parameters:
    ///   - isOnlyAddress: the interface has no other address but shared ones, and would be left without.
    ///   - hasFiniteLifetime: as the kernel says now; a lease may have been added since the standing was judged.
    func mayRemove(isOnlyAddress: Bool, hasFiniteLifetime: Bool) -> Bool {
        switch self {
        case .ours: true
        case .hosts: false
        case .stray: !isOnlyAddress && !hasFiniteLifetime
        }
    }
}

extension InterfaceAddress {
    /// Whether this program added the address, in this run or an earlier one.
    /// - Parameter stamp: the creation stamp that the state file has for it, 0 for not known; `nil` where it has none.
    package func isMarkedOurs(stamp: UInt32?) -> Bool {
        origin == Self.ourOrigin || (origin == 0 && stamp != nil && (stamp == createdAt || stamp == 0))
    }
}
