import Addressing

/// What an instance's block says, before defaults are filled in.
struct InstanceDraft {
    var interface: String?
    var virtualRouterID: Int?
    var wantsMaster: Bool?
    var priority: Int?
    var version: UInt8?
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
    var group: IPAddress
    var source: (address: IPAddress, word: Word, keyword: String)?
    var requiresSource = false
    var peerLines: [Statement] = []
    var hasPeerBlock: Word?
    var timeToLive: UInt8 = 255
    var checksPeers: Bool
    var faultsWithoutPeer = false

    init(_ global: GlobalDefinitions) {
        gratuitousARP = global.gratuitousARP
        answersLosingMaster = global.answersLosingMaster
        downAdvertisements = global.downAdvertisements
        advertisesBeforeYielding = global.advertisesBeforeYielding
        ownerIgnoresAdvertisements = global.ownerIgnoresAdvertisements
        comparesAddressLists = global.comparesAddressLists
        sendsPlainChecksum = global.sendsPlainChecksum
        group = global.group
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
    var group = IPAddress(224, 0, 0, 18)
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
