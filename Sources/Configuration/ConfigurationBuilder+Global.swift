import Addressing

/// `global_defs`, and what instances and `global_defs` have in common.
extension ConfigurationBuilder {
    mutating func readGlobalDefinitions(_ statement: Statement) {
        for statement in block(of: statement) {
            if statement.keyword.text == "vrrp_strict" { global.isStrict = true }
            guard accept(statement, in: Keywords.globalDefinitions, place: "global_defs") else { continue }
            readGlobalDefinition(statement)
        }
    }

    private mutating func readGlobalDefinition(_ statement: Statement) {
        let delays = Duration.zero ... .seconds(86_400)
        switch statement.keyword.text {
        case "vrrp_version":
            if let version = integer(of: statement, in: 2...3) { global.version = UInt8(version) }
        // The files were read by it already.
        case "include_check": break
        case "default_interface": global.defaultInterface = interfaceName(of: statement)
        case "vrrp_mcast_group4": global.group = group(of: statement) ?? global.group
        case "vrrp_lower_prio_no_advert":
            if let flag = flag(of: statement) { global.answersLosingMaster = !flag }
        case "vrrp_higher_prio_send_advert":
            if let flag = flag(of: statement) { global.advertisesBeforeYielding = flag }
        case "vrrp_owner_ignore_adverts":
            if let flag = flag(of: statement) { global.ownerIgnoresAdvertisements = flag }
        case "vrrp_skip_check_adv_addr":
            if standingFlag(of: statement) != nil { global.comparesAddressLists = false }
        case "vrrp_check_unicast_src":
            if standingFlag(of: statement) != nil { global.checksPeers = true }
        case "v3_checksum_as_v2":
            if let flag = flag(of: statement) { global.sendsPlainChecksum = flag }
        case "vrrp_down_timer_adverts":
            global.downAdvertisements = integer(of: statement, in: 1...100) ?? global.downAdvertisements
        case "vrrp_startup_delay":
            configuration.startupDelay = seconds(of: statement, in: delays) ?? configuration.startupDelay
        case "vrrp_delay_after_boot":
            configuration.delayAfterBoot = seconds(of: statement, in: delays) ?? configuration.delayAfterBoot
        case "vrrp_garp_interval":
            configuration.pacing.interval = pause(of: statement) ?? configuration.pacing.interval
        case "address_lease":
            configuration.addressLease = seconds(of: statement, in: .seconds(3) ... .seconds(3600))
            if let lease = configuration.addressLease, lease.components.attoseconds != 0 {
                fail("'address_lease' takes whole seconds", statement.keyword)
            }
        case "admin_group": configuration.adminGroup = value(of: statement)?.text
        case "socket_group": configuration.socketGroup = value(of: statement)?.text
        case "arp_defend":
            if let flag = flag(of: statement) { configuration.defendsAddresses = flag }
        case "vrrp_min_garp":
            if let flag = flag(of: statement) { global.gratuitousARP.isMinimal = flag }
        default:
            var draft = global.gratuitousARP
            readGratuitousARP(
                statement, keyword: String(statement.keyword.text.dropFirst("vrrp_".count)), into: &draft)
            global.gratuitousARP = draft
        }
    }

    /// A pause between two gratuitous ARPs. A longer one would hold the announcement of a takeover off.
    private mutating func pause(of statement: Statement) -> Duration? {
        seconds(of: statement, in: .zero ... .seconds(1))
    }

    // MARK: - Gratuitous ARP

    /// `garp_…`, in an instance or, with `vrrp_` before it, in `global_defs`.
    mutating func readGratuitousARP(_ statement: Statement, keyword: String, into draft: inout GratuitousARPDraft) {
        let times = Duration.zero ... .seconds(86_400)
        switch keyword {
        case "garp_master_delay":
            if let delay = seconds(of: statement, in: times) {
                draft.settings.delay = delay
                draft.hasDelay = true
            }
        case "garp_master_repeat":
            if let rounds = integer(of: statement, in: 1...255) {
                draft.settings.rounds = rounds
                draft.hasRounds = true
            }
        case "garp_master_refresh":
            if let refresh = seconds(of: statement, in: times) { draft.settings.refresh = refresh }
        case "garp_master_refresh_repeat":
            if let rounds = integer(of: statement, in: 1...255) { draft.settings.refreshRounds = rounds }
        case "garp_lower_prio_delay":
            if let delay = seconds(of: statement, in: times) { draft.contestDelay = delay }
        case "garp_lower_prio_repeat":
            if let rounds = integer(of: statement, in: 0...255) { draft.contestRounds = rounds }
        default:
            // A keyword that a table calls working and nobody reads: the tests hold the tables to the code.
            fail("'\(statement.keyword.text)' is not supported yet", statement.keyword)
        }
    }

    /// `garp_group`: interfaces with a pace of their own.
    mutating func readPacingGroup(_ statement: Statement) {
        var group = AnnouncementPacing.Group()
        for inner in block(of: statement) {
            guard accept(inner, in: Keywords.pacingGroup, place: "garp_group") else { continue }
            switch inner.keyword.text {
            case "garp_interval": group.interval = pause(of: inner) ?? group.interval
            case "interface":
                if let name = interfaceName(of: inner) { group.interfaces.insert(name) }
            case "interfaces":
                for line in block(of: inner) {
                    for word in [line.keyword] + line.values where isInterfaceName(word) {
                        group.interfaces.insert(word.text)
                    }
                }
            default: break
            }
        }
        if group.interfaces.isEmpty {
            fail("'garp_group' names no interface", statement.keyword)
        }
        for name in group.interfaces.sorted()
        where configuration.pacing.groups.contains(where: { $0.interfaces.contains(name) }) {
            fail("another garp_group has the interface \(name), too", statement.keyword)
        }
        configuration.pacing.groups.append(group)
    }

    // MARK: - Interfaces

    mutating func interfaceName(of statement: Statement) -> String? {
        guard let word = value(of: statement), isInterfaceName(word) else { return nil }
        return word.text
    }

    mutating func isInterfaceName(_ word: Word) -> Bool {
        guard Self.isInterfaceName(word.text) else {
            fail("an interface's name has 1 to 15 letters without blanks and slashes", word)
            return false
        }
        return true
    }

    static func isInterfaceName(_ text: String) -> Bool {
        (1...15).contains(text.utf8.count) && text != "." && text != ".." && !OddBlanks.isIn(text)
            && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }
    }
}
