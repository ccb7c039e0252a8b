import Addressing

extension ConfigurationBuilder {
    mutating func readInstance(_ statement: Statement) {
        guard let name = statement.values.first else {
            fail("'vrrp_instance' needs a name", statement.keyword)
            return
        }
        if statement.values.count > 1 {
            warn(
                "what follows is passed over, as keepalived does: a name with blanks needs quotes", statement.values[1])
        }
        if name.bytes.isEmpty || name.bytes.contains(where: { $0 < 32 || $0 == 127 }) {
            fail("an instance's name must have visible letters", name)
        }
        var draft = InstanceDraft(global)
        for inner in block(of: statement) {
            guard accept(inner, in: Keywords.instance, place: "vrrp_instance"),
                // `scripting(in:)` has read them.
                !ScriptKeywords.instance.contains(inner.keyword.text)
            else { continue }
            if draft.family == nil { draft.family = Self.family(of: inner) }
            read(inner, into: &draft)
        }
        finish(draft, name: name, statement)
    }

    private mutating func read(_ statement: Statement, into draft: inout InstanceDraft) {
        let keyword = statement.keyword
        switch keyword.text {
        case "state":
            let wantsMaster = state(of: statement)
            if draft.wantsMaster == true, wantsMaster == false {
                warn("an earlier line says 'state MASTER', and that counts, as in keepalived", keyword)
            } else {
                draft.wantsMaster = wantsMaster ?? draft.wantsMaster
            }
        case "interface":
            draft.interface = interfaceName(of: statement, isKnown: draft.interface != nil) ?? draft.interface
        case "virtual_router_id":
            // keepalived does not start without any.
            draft.virtualRouterID =
                integer(of: statement, in: 1...255, otherwise: draft.virtualRouterID == nil ? .undecided : .ignored)
                ?? draft.virtualRouterID
        case "priority": draft.priority = integer(of: statement, in: 1...255, otherwise: .value("100")) ?? 100
        case "version":
            if let version = integer(of: statement, in: 2...3, otherwise: .ignored) {
                draft.version = (UInt8(version), statement.values.first ?? keyword)
            }
        case "advert_int":
            if let interval = seconds(of: statement, in: .milliseconds(10) ... .seconds(255), otherwise: .ignored) {
                draft.interval = (interval, statement)
            }
        case "authentication": draft.authentications.append(statement)
        case "strict_mode":
            draft.isStrict = flag(of: statement) ?? draft.isStrict
            if draft.isStrict { warnOfStrictness(statement) }
        case "no_virtual_ipaddress":
            standingFlag(of: statement)
            draft.wantsNoAddress = true
        case "nopreempt":
            standingFlag(of: statement)
            draft.preempts = (false, keyword)
        case "preempt":
            standingFlag(of: statement)
            draft.preempts = (true, keyword)
        case "preempt_delay":
            draft.preemptDelay = (
                seconds(of: statement, in: .zero ... .seconds(1000), otherwise: .value("0")) ?? .zero, keyword
            )
        case "lower_prio_no_advert":
            if let flag = flag(of: statement) { draft.answersLosingMaster = !flag }
        case "down_timer_adverts":
            draft.downAdvertisements =
                integer(of: statement, in: 1...100, otherwise: .ignored) ?? draft.downAdvertisements
        case "higher_prio_send_advert":
            if let flag = flag(of: statement) { draft.advertisesBeforeYielding = flag }
        case "owner_ignore_adverts":
            if let flag = flag(of: statement) { draft.ownerIgnoresAdvertisements = flag }
        case "skip_check_adv_addr":
            // Any word that says yes or no sets it.
            if let flag = flag(of: statement) {
                draft.comparesAddressLists = false
                if !flag { standingFlag(of: statement) }
            }
        case "v3_checksum_as_v2":
            if let flag = flag(of: statement) { draft.sendsPlainChecksum = flag }
        case "virtual_ipaddress": draft.addressLines += block(of: statement)
        case "virtual_ipaddress_excluded": draft.excludedLines += block(of: statement)
        case "virtual_routes": draft.routeLines += block(of: statement)
        case "virtual_rules": draft.ruleLines += block(of: statement)
        case "track_interface": draft.trackedLines += block(of: statement)
        case "dont_track_primary":
            standingFlag(of: statement)
            draft.tracksPrimary = false
        case "use_vmac": readVirtualMAC(statement, into: &draft)
        case "vmac_xmit_base":
            standingFlag(of: statement)
            draft.sendsFromParent = keyword
        default:
            guard !readReach(statement, into: &draft) else { return }
            readGratuitousARP(statement, keyword: keyword.text, into: &draft.gratuitousARP)
        }
    }

    private mutating func state(of statement: Statement) -> Bool? {
        guard let word = value(of: statement) else { return nil }
        switch word.text {
        case "MASTER": return true
        case "BACKUP": return false
        default:
            warn("\(word.quoted) is no state, MASTER and BACKUP are: it counts as BACKUP", word)
            return false
        }
    }

    // MARK: - Defaults

    private mutating func finish(_ draft: InstanceDraft, name: Word, _ statement: Statement) {
        let place = statement.keyword
        // What is there and wrong is told in its place.
        func names(_ keyword: String) -> Bool { statement.block?.contains { $0.keyword.text == keyword } == true }
        let interface = draft.interface ?? global.defaultInterface
        guard interface != nil || !names("interface") else { return }
        guard let virtualRouterID = draft.virtualRouterID else {
            if !names("virtual_router_id") {
                fail(
                    "'virtual_router_id' is missing: a number from 1 to 255 that no other virtual router of the network has",
                    place)
            }
            return
        }
        var draft = draft
        let version = version(draft)
        readAuthentications(into: &draft, version: version)
        readStrictness(into: &draft)
        var instance = InstanceConfiguration(
            name: name.text, location: name.location, interface: interface ?? "",
            virtualRouterID: UInt8(clamping: virtualRouterID))
        instance.sourceLine = name.line
        instance.version = version
        instance.priority = priority(draft, place)
        instance.advertisementInterval = interval(draft, version: instance.version)
        instance.password = password(draft, version: instance.version)
        readPreemption(draft, into: &instance)
        instance.gratuitousARP = draft.gratuitousARP.resolved()
        instance.answersLosingMaster = draft.answersLosingMaster
        instance.downAdvertisements = draft.downAdvertisements
        instance.advertisesBeforeYielding = draft.advertisesBeforeYielding
        instance.ownerIgnoresAdvertisements = draft.ownerIgnoresAdvertisements
        instance.comparesAddressLists = draft.comparesAddressLists
        instance.sendsPlainChecksum = draft.sendsPlainChecksum
        resolveReach(draft, into: &instance)
        guard interface != nil || findInterface(draft, into: &instance, place) else { return }
        resolveVirtualMAC(draft, into: &instance)
        let known = amendments.count
        readAddresses(draft.addressLines, draft.family, into: &instance)
        readExcludedAddresses(draft.excludedLines, into: &instance)
        let losesAddresses = amendments[known...].contains { $0.kind == .notSupported }
        readRoutes(draft.routeLines, into: &instance)
        readRules(draft.ruleLines, into: &instance)
        readTracking(draft, into: &instance)
        addTrackers(of: name, to: &instance)
        if instance.advertisedAddresses.isEmpty {
            guard !losesAddresses else {
                // Without them it would be another instance than was meant.
                forgetAmendments(after: known)
                amend(statement, .notSupported, "none of its addresses carries over")
                return
            }
            // Where there are lines, each of them has its fault.
            if draft.addressLines.isEmpty { judgeEmptiness(of: instance, draft, place) }
        }
        judgeVirtualMAC(of: instance)
        configuration.instances.append(instance)
    }

    /// A notify script may move an address that is none of this host's, by a cloud's interface. keepalived elects a master all the same,
    /// but wants an address for version 3, as RFC 9568 does, and with `vrrp_strict`.
    private mutating func judgeEmptiness(
        of instance: InstanceConfiguration, _ draft: InstanceDraft, _ place: Word
    ) {
        guard instance.version == 2, !draft.isStrict else {
            fail(
                "there is no address in virtual_ipaddress, and \(draft.isStrict ? "'vrrp_strict'" : "VRRP version 3") wants one: "
                    + "keepalived does not start", place)
            return
        }
        guard !draft.wantsNoAddress else { return }
        warn(
            "there is no address in virtual_ipaddress: a master is elected, and no address moves with it; "
                + "'no_virtual_ipaddress' says that this is meant", place)
    }

    /// IPv6 has version 3 alone (RFC 9568), whatever `vrrp_version` says for all instances, as in keepalived.
    private mutating func version(_ draft: InstanceDraft) -> UInt8 {
        guard draft.family?.value == .ipv6 else { return draft.version?.value ?? global.version }
        if let version = draft.version, version.value == 2 {
            // keepalived sends what no RFC describes, and what no other program understands.
            fail("VRRP version 2 knows no IPv6: delete the line, and on the other hosts, too", version.word)
        }
        return 3
    }

    private mutating func priority(_ draft: InstanceDraft, _ place: Word) -> UInt8 {
        if let priority = draft.priority { return UInt8(clamping: priority) }
        guard draft.wantsMaster == true else { return 100 }
        warn("'state MASTER' without a priority makes this host the owner of the addresses (priority 255)", place)
        return 255
    }

    private mutating func interval(_ draft: InstanceDraft, version: UInt8) -> Duration {
        guard let (value, statement) = draft.interval else { return .seconds(1) }
        let word = statement.values.first ?? statement.keyword
        let unit: Duration = version == 2 ? .seconds(1) : .milliseconds(10)
        let rounded = min(Self.rounded(value, to: unit), version == 2 ? .seconds(255) : .milliseconds(40_950))
        guard rounded != value else { return value }
        fail(
            version == 2
                ? "VRRP version 2 takes whole seconds from 1 to 255; fractions need 'version 3'"
                : "VRRP version 3 takes hundredths of a second from 0.01 to 40.95",
            word, in: statement, .value(Self.decimal(rounded)))
        return rounded
    }

    /// At least one unit; half of one counts as a whole one.
    private static func rounded(_ value: Duration, to unit: Duration) -> Duration {
        let units = Int((value / unit).rounded(.toNearestOrAwayFromZero))
        return unit * max(units, 1)
    }

    /// keepalived clears these for a host that wants to be master and is not the owner; so does this agent.
    private mutating func readPreemption(_ draft: InstanceDraft, into instance: inout InstanceConfiguration) {
        let isIgnored = draft.wantsMaster == true && instance.priority != 255
        if let (value, word) = draft.preempts {
            if isIgnored, !value {
                warn("'nopreempt' has no effect with 'state MASTER': use 'state BACKUP' on both hosts", word)
            } else {
                instance.preempts = value
            }
        }
        if let (value, word) = draft.preemptDelay {
            if isIgnored, value > .zero {
                warn("'preempt_delay' has no effect with 'state MASTER': use 'state BACKUP' on both hosts", word)
            } else {
                instance.preemptDelay = value
            }
        }
    }
}
