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
        // Wherever it stands among the other lines.
        for inner in statement.block ?? [] where inner.keyword.text == "strict_mode" {
            draft.isStrict = !["off", "no", "false"].contains(inner.values.first?.text ?? "on")
        }
        for inner in block(of: statement) {
            guard accept(inner, in: Keywords.instance, place: "vrrp_instance") else { continue }
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
        case "interface": draft.interface = interfaceName(of: statement) ?? draft.interface
        case "virtual_router_id":
            draft.virtualRouterID = integer(of: statement, in: 1...255) ?? draft.virtualRouterID
        case "priority": draft.priority = integer(of: statement, in: 1...255) ?? 100
        case "version":
            if let version = integer(of: statement, in: 2...3) { draft.version = UInt8(version) }
        case "advert_int":
            if let interval = seconds(of: statement, in: .milliseconds(10) ... .seconds(255)) {
                draft.interval = (interval, statement.values.first ?? keyword)
            }
        case "authentication": readAuthentication(statement, into: &draft)
        case "nopreempt":
            if standingFlag(of: statement) != nil { draft.preempts = (false, keyword) }
        case "preempt":
            if standingFlag(of: statement) != nil { draft.preempts = (true, keyword) }
        case "preempt_delay":
            if let delay = seconds(of: statement, in: .zero ... .seconds(1000)) {
                draft.preemptDelay = (delay, keyword)
            }
        case "lower_prio_no_advert":
            if let flag = flag(of: statement) { draft.answersLosingMaster = !flag }
        case "down_timer_adverts":
            draft.downAdvertisements = integer(of: statement, in: 1...100) ?? draft.downAdvertisements
        case "higher_prio_send_advert":
            if let flag = flag(of: statement) { draft.advertisesBeforeYielding = flag }
        case "owner_ignore_adverts":
            if let flag = flag(of: statement) { draft.ownerIgnoresAdvertisements = flag }
        case "skip_check_adv_addr":
            if standingFlag(of: statement) != nil { draft.comparesAddressLists = false }
        case "v3_checksum_as_v2":
            if let flag = flag(of: statement) { draft.sendsPlainChecksum = flag }
        case "virtual_ipaddress": draft.addressLines += block(of: statement)
        case "virtual_ipaddress_excluded": draft.excludedLines += block(of: statement)
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

    // MARK: - Authentication

    private mutating func readAuthentication(_ statement: Statement, into draft: inout InstanceDraft) {
        guard !draft.isStrict else {
            for inner in statement.block ?? [] { text.markSecret(inner.keyword.line) }
            text.markSecret(statement.keyword.line)
            refuse(
                statement, "with 'vrrp_strict' keepalived sends no authentication: with it, both hosts would be master")
            return
        }
        for inner in block(of: statement) {
            // Whatever stands here may be a password.
            text.markSecret(inner.keyword.line)
            switch inner.keyword.text {
            case "auth_type": draft.authenticationType = value(of: inner) ?? draft.authenticationType
            case "auth_pass": draft.password = value(of: inner) ?? draft.password
            default: fail("unknown keyword in authentication: auth_type and auth_pass are known", inner.keyword)
            }
        }
        text.markSecret(statement.keyword.line)
    }

    private mutating func password(_ draft: InstanceDraft, version: UInt8) -> [UInt8]? {
        guard let type = draft.authenticationType else {
            if let password = draft.password {
                warn("without 'auth_type PASS' the password is not used", password)
            }
            return nil
        }
        switch type.text {
        case "PASS":
            break
        case "AH":
            fail("'AH' is not supported: RFC 3768 removed it", type)
            return nil
        default:
            fail("unknown kind of authentication; did you mean 'PASS'?", type)
            return nil
        }
        guard let password = draft.password, !password.bytes.isEmpty else {
            warn("there is no password: nothing is authenticated", type)
            return nil
        }
        guard version == 2 else {
            warn("VRRP version 3 has no authentication: the password is not used", password)
            return nil
        }
        if password.bytes.count > 8 {
            warn("only the first 8 bytes of the password count", password)
        }
        // A copy of its own: the word's bytes lie among what is read and given up, and would keep the pages around them.
        return password.bytes.prefix(8).map { $0 }
    }

    // MARK: - Defaults

    private mutating func finish(_ draft: InstanceDraft, name: Word, _ statement: Statement) {
        let place = statement.keyword
        guard !isForIPv6(draft) else {
            refuse(statement, "its addresses or peers are IPv6: this agent shares IPv4 addresses")
            return
        }
        guard let interface = draft.interface ?? global.defaultInterface else {
            fail("'interface' is missing", place)
            return
        }
        guard let virtualRouterID = draft.virtualRouterID else {
            fail(
                "'virtual_router_id' is missing: a number from 1 to 255 that no other virtual router of the network has",
                place)
            return
        }
        var instance = InstanceConfiguration(
            name: name.text, location: name.location, interface: interface,
            virtualRouterID: UInt8(clamping: virtualRouterID))
        instance.sourceLine = name.line
        instance.version = draft.version ?? global.version
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
        readAddresses(draft.addressLines, into: &instance)
        readExcludedAddresses(draft.excludedLines, into: &instance)
        if draft.addressLines.isEmpty {
            fail("there is no address in virtual_ipaddress", place)
        }
        configuration.instances.append(instance)
    }

    /// keepalived wants an instance for each family.
    private func isForIPv6(_ draft: InstanceDraft) -> Bool {
        [draft.addressLines, draft.peerLines].contains { lines in
            !lines.isEmpty && lines.allSatisfy { $0.keyword.text.contains(":") }
        }
    }

    private mutating func priority(_ draft: InstanceDraft, _ place: Word) -> UInt8 {
        if let priority = draft.priority { return UInt8(clamping: priority) }
        guard draft.wantsMaster == true else { return 100 }
        warn("'state MASTER' without a priority makes this host the owner of the addresses (priority 255)", place)
        return 255
    }

    private mutating func interval(_ draft: InstanceDraft, version: UInt8) -> Duration {
        guard let (value, word) = draft.interval else { return .seconds(1) }
        if version == 2, value.components.attoseconds != 0 || value < .seconds(1) {
            fail("VRRP version 2 takes whole seconds from 1 to 255; fractions need 'version 3'", word)
        }
        if version == 3, value > .milliseconds(40_950) || value.components.attoseconds % 10_000_000_000_000_000 != 0 {
            fail("VRRP version 3 takes hundredths of a second from 0.01 to 40.95", word)
        }
        return value
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
