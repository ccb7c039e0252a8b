/// Why a packet was dropped. A dropped packet changes nothing but the counter of its reason: no state, no timer.
package enum DropReason: String, Error, Hashable, Sendable, CaseIterable {
    /// Shorter than its own header says, or than the smallest advertisement.
    case truncated
    /// Not an IP header with protocol 112, or a fragment.
    case notVRRP = "not-vrrp"
    /// Sent to another address than this virtual router listens on.
    case destination
    /// A source that no host can have.
    case source
    /// It equals what this virtual router has sent lately: its own, come back, or that of a host with the same address and priority.
    case echo
    /// It names other addresses alone, and comes from no known peer: another virtual router uses the same number.
    case anotherCluster = "another-cluster"
    /// Unicast: from a host that is not in the list of peers (`check_unicast_src`).
    case peer
    /// It crossed a router: TTL or hop limit below 255 (RFC 9568, section 7.1); by unicast, one that the peer's line excludes.
    case timeToLive = "ttl"
    /// Another version than configured.
    case version
    /// Another type than ADVERTISEMENT.
    case type
    /// The length does not fit the number of addresses; CARP's packets, which share the protocol number, end here.
    case length
    /// No address in it.
    case noAddress = "no-address"
    case checksum
    /// No virtual router of this number on the interface.
    case unknownVirtualRouter = "unknown-vrid"
    /// Another kind of authentication than configured (RFC 2338, section 7.1).
    case authenticationType = "auth-type"
    case password
    /// Version 2: another advertisement interval than configured (RFC 3768, section 7.1). Version 3: 0.
    case interval
    /// The virtual router takes no part at present: its interface is down, for instance.
    case notReady = "not-ready"
}
