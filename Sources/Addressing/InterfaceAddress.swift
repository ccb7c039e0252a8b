/// What tells one address of the kernel's table from another: the kernel allows the same address again with
/// another prefix length, or on another interface.
package struct AddressKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var interface: InterfaceIndex
    package var prefix: IPPrefix

    package init(interface: InterfaceIndex, prefix: IPPrefix) {
        self.interface = interface
        self.prefix = prefix
    }

    package var address: IPAddress { prefix.address }
    package var family: IPFamily { prefix.address.family }

    /// By interface, address and prefix length.
    package static func < (left: Self, right: Self) -> Bool {
        (left.interface, left.prefix.address, left.prefix.length)
            < (right.interface, right.prefix.address, right.prefix.length)
    }

    package var description: String { "\(prefix) on interface \(interface)" }
}

/// How far an address is valid: the kernel's scope numbers.
package enum AddressScope: UInt8, Hashable, Sendable {
    case global = 0
    case site = 200
    case link = 253
    case host = 254
    case nowhere = 255
}

/// What duplicate address detection (RFC 4862, section 5.4) has said of an address. IPv4 addresses are always `done`.
package enum DuplicateDetection: UInt8, Hashable, Sendable {
    /// It is in use: nobody else has it, or nobody has asked.
    case done
    /// IFA_F_TENTATIVE: not yet in use.
    case tentative
    /// IFA_F_DADFAILED: another host has it. The kernel never uses it, and never asks again.
    case failed
}

/// An address in the kernel's table, as rtnetlink's RTM_NEWADDR describes it.
package struct InterfaceAddress: Hashable, Sendable {
    package var key: AddressKey
    /// IFA_F_SECONDARY: an older address of the same network is this interface's primary one. Never of IPv6.
    package var isSecondary: Bool
    /// The address leaves by itself when its lifetime ends, as one leased by DHCP does.
    package var hasFiniteLifetime: Bool
    /// The kernel's scope number; 0 is global.
    package var scope: UInt8
    /// IFA_PROTO: which program added the address; 0 where none said so, or the kernel is older than 5.18.
    package var origin: UInt8
    /// When the address was created, in hundredths of a second since boot: tells it from a later one that looks alike.
    package var createdAt: UInt32
    /// IFA_LABEL; `nil` where none was told. The kernel stores the interface's name where none was wanted.
    package var label: String?
    /// IFA_BROADCAST, where there is one: only IPv4 knows it.
    package var broadcast: IPv4Address?
    /// IFA_ADDRESS where it is another one: the other end of a point-to-point address.
    package var peer: IPAddress?
    package var detection = DuplicateDetection.done
    /// Whether the kernel has added the route to the address's network (not with IFA_F_NOPREFIXROUTE).
    package var addsNetworkRoute = true
    /// IFA_F_DEPRECATED: not chosen as a source (RFC 4862, section 5.5.4).
    package var isDeprecated = false

    package init(
        key: AddressKey, isSecondary: Bool = false, hasFiniteLifetime: Bool = false, scope: UInt8 = 0,
        origin: UInt8 = 0, createdAt: UInt32 = 0, label: String? = nil, broadcast: IPv4Address? = nil
    ) {
        self.key = key
        self.isSecondary = isSecondary
        self.hasFiniteLifetime = hasFiniteLifetime
        self.scope = scope
        self.origin = origin
        self.createdAt = createdAt
        self.label = label
        self.broadcast = broadcast
    }

    /// The IFA_PROTO value with which this program marks the addresses that it adds. 18 is keepalived's.
    package static let ourOrigin: UInt8 = 0xFA
}

/// An address to be put on an interface, with what the kernel is to store beside it.
package struct AddressAssignment: Hashable, Sendable {
    package var key: AddressKey
    /// The broadcast address, where one is wanted: only IPv4 knows it.
    package var broadcast: IPv4Address?
    /// The label, at most 15 bytes; it begins with the interface's name.
    package var label: String?
    package var scope: AddressScope
    /// After how many seconds the kernel takes it away, unless it is renewed; `nil` for never.
    package var lifetime: UInt32?
    /// The other end of a point-to-point address; the prefix length is that of the route to it.
    package var peer: IPAddress?
    /// For how many seconds it is chosen as a source: 0 for never (RFC 4862, section 5.5.4); `nil` as long as it is valid.
    package var preferredLifetime: UInt32?
    /// Whether the kernel asks first whether another host has it (RFC 4862, section 5.4): IPv6 alone.
    package var detectsDuplicates = false
    /// Whether it is marked as this program's (IFA_PROTO).
    package var isMarked = true
    /// Whether the kernel adds the route to the address's network (not with IFA_F_NOPREFIXROUTE).
    package var addsNetworkRoute = true

    /// As the kernel's table shows it.
    package func placed(origin: UInt8, createdAt: UInt32, isSecondary: Bool = false) -> InterfaceAddress {
        var address = InterfaceAddress(
            key: key, isSecondary: isSecondary, hasFiniteLifetime: lifetime != nil, scope: scope.rawValue,
            origin: origin, createdAt: createdAt, label: label, broadcast: broadcast)
        address.peer = peer
        address.addsNetworkRoute = addsNetworkRoute
        address.detection = detectsDuplicates ? .tentative : .done
        address.isDeprecated = preferredLifetime == 0
        return address
    }

    package init(
        key: AddressKey, broadcast: IPv4Address? = nil, label: String? = nil, scope: AddressScope = .global,
        lifetime: UInt32? = nil
    ) {
        self.key = key
        self.broadcast = broadcast
        self.label = label
        self.scope = scope
        self.lifetime = lifetime
    }
}
