import Addressing

/// What an instance's block says, before defaults are filled in.
struct InstanceDraft {
    var interface: String?
    var virtualRouterID: Int?
    var wantsMaster: Bool?
    var priority: Int?
    var version: (value: UInt8, word: Word)?
    var interval: (value: Duration, statement: Statement)?
    /// `vrrp_strict`, `strict_mode`: they change what other lines mean.
    var isStrict = false
    var authentications: [Statement] = []
    var authenticationType: Word?
    var password: Word?
    var preempts: (value: Bool, word: Word)?
    var preemptDelay: (value: Duration, word: Word)?
    var addressLines: [Statement] = []
    var excludedLines: [Statement] = []
    var routeLines: [Statement] = []
    var ruleLines: [Statement] = []
    /// `no_virtual_ipaddress`
    var wantsNoAddress = false
    var trackedLines: [Statement] = []
    var tracksPrimary = true

    // What global_defs may have set.
    var gratuitousARP: GratuitousARPDraft
    var answersLosingMaster: Bool
    var downAdvertisements: Int
    var advertisesBeforeYielding: Bool
    var ownerIgnoresAdvertisements: Bool
    var comparesAddressLists: Bool
    var sendsPlainChecksum: Bool

    // How the routers reach each other.
    /// Of the virtual router, by the first line that tells it; `nil` where none does.
    var family: FamilySign?
    /// `vrrp_mcast_group4`, `vrrp_mcast_group6`, by family.
    let groups: [IPFamily: IPAddress]
    /// `mcast_dst_ip`
    var group: (address: IPAddress, statement: Statement)?
    var source: (address: IPAddress, statement: Statement)?
    var requiresSource = false
    var peerLines: [Statement] = []
    var hasPeerBlock: Word?
    var timeToLive: UInt8 = 255
    var checksPeers: Bool
    var faultsWithoutPeer = false
    /// `use_vmac`
    var virtualMAC: VirtualMACDraft?
    /// `vmac_xmit_base`
    var sendsFromParent: Word?

    init(_ global: GlobalDefinitions) {
        gratuitousARP = global.gratuitousARP
        answersLosingMaster = global.answersLosingMaster
        downAdvertisements = global.downAdvertisements
        advertisesBeforeYielding = global.advertisesBeforeYielding
        ownerIgnoresAdvertisements = global.ownerIgnoresAdvertisements
        comparesAddressLists = global.comparesAddressLists
        sendsPlainChecksum = global.sendsPlainChecksum
        groups = global.groups
        checksPeers = global.checksPeers
        isStrict = global.isStrict
    }
}

/// What `global_defs` sets for all instances.
struct GlobalDefinitions {
    var version: UInt8 = 2
    var defaultInterface: String?
    var gratuitousARP = GratuitousARPDraft()
    var answersLosingMaster = true
    var downAdvertisements = 3
    var advertisesBeforeYielding = false
    var ownerIgnoresAdvertisements = false
    var comparesAddressLists = true
    var sendsPlainChecksum = false
    var checksPeers = false
    var isStrict = false
    /// `vmac_prefix`: with what the automatic names of macvlans begin.
    var macvlanPrefix = "vrrp"
    /// The multicast groups, each family's.
    var groups: [IPFamily: IPAddress] = [.ipv4: IPAddress(224, 0, 0, 18), .ipv6: InstanceConfiguration.ipv6Group]
}

/// Settings of gratuitous ARP, some of which have others for their default.
struct GratuitousARPDraft: Hashable {
    var settings = GratuitousARPSettings()
    /// `vrrp_min_garp`: one burst of one round.
    var isMinimal = false
    var hasDelay = false
    var hasRounds = false
    var contestDelay: Duration?
    var contestRounds: Int?

    func resolved() -> GratuitousARPSettings {
        var result = settings
        if isMinimal, !hasDelay { result.delay = .zero }
        if isMinimal, !hasRounds { result.rounds = 1 }
        result.contestDelay = contestDelay ?? result.delay
        result.contestRounds = contestRounds ?? result.rounds
        return result
    }
}
