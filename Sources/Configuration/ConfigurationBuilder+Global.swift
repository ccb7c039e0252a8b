import Addressing

/// `global_defs`, and what instances and `global_defs` have in common.
extension ConfigurationBuilder {
    mutating func readGlobalDefinitions(_ statement: Statement) {
        for statement in block(of: statement) {
            guard accept(statement, in: Keywords.globalDefinitions, place: "global_defs"),
                // `scripting(in:)` reads them.
                !ScriptKeywords.global.contains(statement.keyword.text)
            else { continue }
            readGlobalDefinition(statement)
        }
    }

    private mutating func readGlobalDefinition(_ statement: Statement) {
        let delays = Duration.zero ... .seconds(86_400)
        switch statement.keyword.text {
        case "vrrp_version":
            if let version = integer(of: statement, in: 2...3, otherwise: .ignored) { global.version = UInt8(version) }
        case "vrrp_strict":
            standingFlag(of: statement)
            global.isStrict = true
            warnOfStrictness(statement)
        // The files were read by it already.
        case "include_check": break
        case "default_interface": global.defaultInterface = interfaceName(of: statement)
        case "vrrp_mcast_group4": global.groups[.ipv4] = group(of: statement, .ipv4) ?? global.groups[.ipv4]
        case "vrrp_mcast_group6": global.groups[.ipv6] = group(of: statement, .ipv6) ?? global.groups[.ipv6]
        case "vmac_prefix":
            guard let word = value(of: statement) else { return }
            // Behind it there is room for a digit or two, a dot and a number.
            guard Self.isMacvlanName(word.text), word.bytes.count <= 10 else {
                fail("'vmac_prefix' takes 1 to 10 bytes without blanks, slashes and percent signs", word)
                return
            }
            global.macvlanPrefix = word.text
        case "vrrp_lower_prio_no_advert":
            if let flag = flag(of: statement) { global.answersLosingMaster = !flag }
        case "vrrp_higher_prio_send_advert":
            if let flag = flag(of: statement) { global.advertisesBeforeYielding = flag }
        case "vrrp_owner_ignore_adverts":
            if let flag = flag(of: statement) { global.ownerIgnoresAdvertisements = flag }
        case "vrrp_skip_check_adv_addr":
            standingFlag(of: statement)
            global.comparesAddressLists = false
        case "vrrp_check_unicast_src":
            standingFlag(of: statement)
            global.checksPeers = true
        case "v3_checksum_as_v2":
            if let flag = flag(of: statement) { global.sendsPlainChecksum = flag }
        case "vrrp_down_timer_adverts":
            global.downAdvertisements =
                integer(of: statement, in: 1...100, otherwise: .ignored) ?? global.downAdvertisements
        case "vrrp_startup_delay":
            configuration.startupDelay =
                seconds(of: statement, in: delays, otherwise: .ignored) ?? configuration.startupDelay
        case "vrrp_delay_after_boot":
            configuration.delayAfterBoot =
                seconds(of: statement, in: delays) ?? configuration.delayAfterBoot
        case "vrrp_garp_interval":
            configuration.pacing.interval = pause(of: statement) ?? configuration.pacing.interval
        case "vrrp_gna_interval":
            configuration.pacing.neighbourInterval = pause(of: statement) ?? configuration.pacing.neighbourInterval
        case "address_lease":
            configuration.addressLease = seconds(
                of: statement, in: .seconds(3) ... .seconds(3600))
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

    /// A pause between two announcements. A longer one would hold the announcement of a takeover off.
    private mutating func pause(of statement: Statement) -> Duration? {
        let longest = Duration.seconds(1)
        if let word = statement.values.first, let pause = Self.seconds(word.text), pause > longest {
            fail(
                "'\(statement.keyword.text)' is at most 1 s here: more would hold the announcement of a takeover off",
                word,
                in: statement, .value("1"))
            return longest
        }
        return seconds(of: statement, in: .zero...longest, otherwise: .ignored)
    }

    /// `garp_group`: interfaces with a pace of their own.
    mutating func readPacingGroup(_ statement: Statement) {
        var group = AnnouncementPacing.Group()
        for inner in block(of: statement) {
            guard accept(inner, in: Keywords.pacingGroup, place: "garp_group") else { continue }
            switch inner.keyword.text {
            case "garp_interval": group.interval = pause(of: inner) ?? group.interval
            case "gna_interval": group.neighbourInterval = pause(of: inner) ?? group.neighbourInterval
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

    /// - Parameter isKnown: whether an earlier line has named one; keepalived ignores a name that is too long, and does not start
    ///   without any.
    mutating func interfaceName(of statement: Statement, isKnown: Bool = false) -> String? {
        guard let word = value(of: statement) else { return nil }
        guard !(isKnown && word.bytes.count > 15) else {
            ignore(statement, "an interface's name has 1 to 15 letters without blanks and slashes", at: word)
            return nil
        }
        return isInterfaceName(word) ? word.text : nil
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
