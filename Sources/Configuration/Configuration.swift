package import Addressing

/// What a configuration file says, with every default filled in.
package struct Configuration: Hashable, Sendable {
    /// The `vrrp_instance` blocks, in the file's order; never empty in a valid file.
    package var instances: [InstanceConfiguration]

    package init(instances: [InstanceConfiguration] = []) {
        self.instances = instances
    }
}

/// A `vrrp_instance` block: one virtual router on one interface.
package struct InstanceConfiguration: Hashable, Sendable {
    package var name: String
    /// Where the block begins.
    package var location: SourceLocation
    /// Where advertisements are sent and heard, and where addresses go that name no `dev`.
    package var interface: String
    /// 1 to 255.
    package var virtualRouterID: UInt8
    /// 2 or 3.
    package var version: UInt8 = 2
    /// 1 to 255; 255 is the owner of the addresses.
    package var priority: UInt8 = 100
    /// `advert_int`; whole seconds for version 2.
    package var advertisementInterval: Duration = .seconds(1)
    /// `auth_pass`, at most eight bytes; `nil` without authentication.
    package var password: [UInt8]?
    /// False with `nopreempt`.
    package var preempts = true
    package var preemptDelay: Duration = .zero
    package var gratuitousARP = GratuitousARPSettings()
    /// False with `lower_prio_no_advert`: a losing master is not answered before the next advertisement is due.
    package var answersLosingMaster = true
    /// Where addresses are to be put; at least one, each place once.
    package var addresses: [SharedAddress] = []
    /// What advertisements name: the addresses in the file's order. One that is listed twice is named twice.
    package var advertisedAddresses: [IPv4Address] = []
    /// Where the line of the block's beginning is kept, for diagnostics about the whole.
    var sourceLine: Int?

    package init(name: String, location: SourceLocation, interface: String, virtualRouterID: UInt8) {
        self.name = name
        self.location = location
        self.interface = interface
        self.virtualRouterID = virtualRouterID
    }
}

/// When and how often the addresses are announced: `garp_master_*`.
package struct GratuitousARPSettings: Hashable, Sendable {
    /// `garp_master_delay`: when the second burst follows the one at the takeover; 0 for none.
    package var delay: Duration = .seconds(5)
    /// `garp_master_repeat`: rounds in a burst.
    package var rounds = 5
    /// `garp_master_refresh`: how often a master announces again; 0 for never.
    package var refresh: Duration = .zero
    /// `garp_master_refresh_repeat`: rounds in such an announcement.
    package var refreshRounds = 1

    package init() {}
}

/// A line of `virtual_ipaddress`.
package struct SharedAddress: Hashable, Sendable {
    package enum Broadcast: Hashable, Sendable {
        case none
        /// `brd +`: the last address of the network.
        case derived
        case address(IPv4Address)
    }

    package var location: SourceLocation
    package var prefix: IPv4Prefix
    /// `dev`; the instance's interface where none is named.
    package var interface: String
    package var broadcast: Broadcast = .none
    package var label: String?
    package var scope: AddressScope = .global

    /// Interface, address and prefix length: what the kernel tells addresses apart by.
    package struct Place: Hashable, Sendable {
        package var interface: String
        package var prefix: IPv4Prefix
    }

    package var place: Place { Place(interface: interface, prefix: prefix) }

    package init(location: SourceLocation, prefix: IPv4Prefix, interface: String) {
        self.location = location
        self.prefix = prefix
        self.interface = interface
    }

    /// The broadcast address to store, if any.
    package var broadcastAddress: IPv4Address? {
        switch broadcast {
        case .none: nil
        case .derived: prefix.broadcast
        case .address(let address): address
        }
    }
}
