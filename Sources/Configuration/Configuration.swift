package import Addressing

/// What a configuration file says, with every default filled in.
package struct Configuration: Hashable, Sendable {
    /// The `vrrp_instance` blocks, in the file's order; never empty in a valid file.
    package var instances: [InstanceConfiguration]
    /// `vrrp_startup_delay`: how long after its start the agent takes no part in any election.
    package var startupDelay: Duration = .zero
    /// `vrrp_delay_after_boot`: the same, from the machine's start.
    package var delayAfterBoot: Duration = .zero
    /// `address_lease`: shared addresses leave by themselves when nobody has renewed them for so long; `nil` for never.
    package var addressLease: Duration?
    /// False with `arp_defend off`: nothing is said when another host answers for a shared address.
    package var defendsAddresses = true
    /// `admin_group`: whose members may change what the agent does.
    package var adminGroup: String?
    /// `socket_group`: whose members may ask; `nil` for the agent's own group.
    package var socketGroup: String?
    /// `vrrp_garp_interval` and `garp_group`.
    package var pacing = AnnouncementPacing()
    /// `interface_up_down_delays`, by interface.
    package var linkDelays: [String: LinkDelay] = [:]
    /// The `vrrp_sync_group` blocks, in the file's order.
    package var groups: [SyncGroupConfiguration] = []
    /// What the file says about scripts, files and processes. What an instance tracks of them is among its own lines.
    package var scripting = ScriptingConfiguration()

    package init(instances: [InstanceConfiguration] = []) {
        self.instances = instances
    }
}

/// A `vrrp_instance` block: one virtual router on one interface.
package struct InstanceConfiguration: Hashable, Sendable {
    package var name: String
    /// Where the block begins.
    package var location: SourceLocation
    /// Where advertisements are sent and heard, and where addresses go that name no `dev`. Empty where the file names none, and none
    /// was found yet.
    package var interface: String
    /// 1 to 255.
    package var virtualRouterID: UInt8
    /// 2 or 3.
    package var version: UInt8 = 2
    /// 1 to 255; 255 is the owner of the addresses.
    package var priority: UInt8 = 100
    /// False with `nopreempt`.
    package var preempts = true
    /// False with `lower_prio_no_advert`: a losing master is not answered before the next advertisement is due.
    package var answersLosingMaster = true
    /// `advert_int`; whole seconds for version 2.
    package var advertisementInterval: Duration = .seconds(1)
    /// `auth_pass`, at most eight bytes; `nil` without authentication.
    package var password: [UInt8]?
    package var preemptDelay: Duration = .zero
    package var gratuitousARP = GratuitousARPSettings()
    /// `down_timer_adverts`: how many advertisements may be missed before the master is called dead; 1 to 100.
    package var downAdvertisements = 3
    /// `higher_prio_send_advert`: a master that yields says a last word, so that the winner announces the addresses again.
    package var advertisesBeforeYielding = false
    /// `owner_ignore_adverts`: the owner stays master whatever it hears.
    package var ownerIgnoresAdvertisements = false
    /// False with `skip_check_adv_addr`: a master's other list of addresses is not reported.
    package var comparesAddressLists = true
    /// `v3_checksum_as_v2`: version 3's checksum is sent without the pseudo-header.
    package var sendsPlainChecksum = false
    /// False with `dont_track_primary`: it takes part also while its own interface is switched off or has no carrier.
    package var tracksPrimary = true
    /// The file names no interface: the source address, or the route to the peers, tells it.
    package var findsInterface = false
    /// `track_interface`, `track_script`, `track_file` and `track_process`: each tracker once, and none for the own interface.
    package var tracked: [TrackLine] = []
    /// `vrrp_mcast_group4`, `vrrp_mcast_group6`, `mcast_dst_ip`. Of the virtual router's family, by unicast, too.
    package var group = IPAddress(224, 0, 0, 18)
    /// ff02::12 (RFC 9568, section 5.1.2.2).
    package static let ipv6Group = IPAddress(IPv6Address(high: 0xFF02 << 48, low: 0x12))
    /// By which the routers speak, and of which the advertised addresses are.
    package var family: IPFamily { group.family }
    /// `mcast_src_ip` or `unicast_src_ip`; `nil` for the interface's primary address.
    package var source: IPAddress?
    /// `track_src_ip`: without its configured source address the instance is in fault. By unicast it always is.
    package var requiresSource = false
    // An instance takes so much for each virtual router: here four bytes are left over. Below 0 for none.
    private var storedLine: Int32 = -1
    /// `nil` for multicast.
    package var unicast: UnicastConfiguration?
    /// Where addresses are to be put, the advertised and the excluded ones; at least one, each place once.
    package var addresses: [SharedAddress] = []
    /// What advertisements name: the addresses in the file's order. One that is listed twice is named twice.
    package var advertisedAddresses: [IPAddress] = []
    /// `use_vmac`; `nil` without it.
    package var virtualMAC: VirtualMAC? {
        get { storedVirtualMAC.first }
        set { storedVirtualMAC = newValue.map { [$0] } ?? [] }
    }
    /// Few have one: an array of none takes 8 bytes.
    private var storedVirtualMAC: [VirtualMAC] = []
    /// `virtual_routes`, then `virtual_rules`: each once.
    package var routing: [VirtualRouting] = []
    /// Where the line of the block's beginning is kept, for diagnostics about the whole.
    var sourceLine: Int? {
        get { storedLine < 0 ? nil : Int(storedLine) }
        set { storedLine = newValue.map { Int32(clamping: $0) } ?? -1 }
    }

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
    /// `garp_lower_prio_delay`: as `delay`, after a losing master was heard.
    package var contestDelay: Duration = .seconds(5)
    /// `garp_lower_prio_repeat`: rounds in a burst after a losing master was heard; 0 for none.
    package var contestRounds = 5

    package init() {}
}

/// How far apart announcements leave an interface: gratuitous ARPs, and by IPv6 unsolicited neighbour advertisements.
package struct AnnouncementPacing: Hashable, Sendable {
    /// `garp_group`: interfaces that share one pace, such as those of one switch.
    package struct Group: Hashable, Sendable {
        package var interfaces: Set<String> = []
        /// `garp_interval`
        package var interval: Duration = .zero
        /// `gna_interval`
        package var neighbourInterval: Duration = .zero

        package init() {}
    }

    /// `vrrp_garp_interval`, for each interface that is in no group; 0 for all at once.
    package var interval: Duration = .zero
    /// `vrrp_gna_interval`, likewise.
    package var neighbourInterval: Duration = .zero
    package var groups: [Group] = []

    package init() {}
}

/// `unicast_peer` and what belongs to it.
package struct UnicastConfiguration: Hashable, Sendable {
    package struct PeerConfiguration: Hashable, Sendable {
        package var address: IPAddress
        /// `min_ttl` to `max_ttl`.
        package var timesToLive: ClosedRange<UInt8>

        package init(address: IPAddress, timesToLive: ClosedRange<UInt8> = 0...255) {
            self.address = address
            self.timesToLive = timesToLive
        }
    }

    /// May be empty only with `unicast_fault_no_peer`; then the instance stays in fault.
    package var peers: [PeerConfiguration]
    /// `unicast_ttl`.
    package var timeToLive: UInt8 = 255
    /// `check_unicast_src`, or a peer with a TTL bound.
    package var acceptsPeersOnly = false

    package init(peers: [PeerConfiguration]) {
        self.peers = peers
    }
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
    package var prefix: IPPrefix
    // What is small stands beside the prefix: there are thousands of addresses.
    package var scope: AddressScope = .global
    /// False with `no_track`: the instance takes part also while the link of `interface` is down.
    package var isTracked = true
    /// False with `noprefixroute`: the kernel adds no route to the address's network.
    package var addsNetworkRoute = true
    /// `-nodad`: the kernel asks first whether another host has it (RFC 4862, section 5.4). IPv6 alone.
    package var detectsDuplicates = false
    package var broadcast: Broadcast = .none
    /// `preferred_lft` in seconds: for how long connections that begin here may choose it as their source; `nil` for always. An IPv6
    /// address of 128 bits is never chosen unless the file says else, as with keepalived.
    package var preferredLifetime: UInt32?
    /// `dev`; the instance's interface where none is named.
    package var interface: String
    /// What few addresses have, in one place for the sake of all others.
    private var seldom: Seldom?

    private indirect enum Seldom: Hashable, Sendable {
        case extras(label: String?, peer: IPAddress?)
    }

    /// At most 15 bytes.
    package var label: String? {
        get { if case .extras(let label, _)? = seldom { label } else { nil } }
        set { set(label: newValue, peer: peer) }
    }

    /// `peer`: the other end of a point-to-point address. The prefix length is that of the route to it.
    package var peer: IPAddress? {
        get { if case .extras(_, let peer)? = seldom { peer } else { nil } }
        set { set(label: label, peer: newValue) }
    }

    private mutating func set(label: String?, peer: IPAddress?) {
        seldom = label == nil && peer == nil ? nil : .extras(label: label, peer: peer)
    }

    /// Interface, address and prefix length: what the kernel tells addresses apart by.
    package struct Place: Hashable, Sendable {
        package var interface: String
        package var prefix: IPPrefix
    }

    package var place: Place { Place(interface: interface, prefix: prefix) }

    package init(location: SourceLocation, prefix: IPPrefix, interface: String) {
        self.location = location
        self.prefix = prefix
        self.interface = interface
        preferredLifetime = prefix.address.family == .ipv6 && prefix.length == 128 ? 0 : nil
    }

    /// The broadcast address to store, if any: only IPv4 knows it.
    package var broadcastAddress: IPv4Address? {
        switch broadcast {
        case .none: nil
        case .derived: prefix.ipv4?.broadcast
        case .address(let address): address
        }
    }
}
