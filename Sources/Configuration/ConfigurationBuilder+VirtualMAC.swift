import Addressing

/// `use_vmac`: a macvlan for the addresses of a virtual router, its name and its hardware address.
extension ConfigurationBuilder {
    /// The kernel puts a number in the place of '%d'.
    static func isMacvlanName(_ text: String) -> Bool { isInterfaceName(text) && !text.contains("%") }

    /// Names that the kernel gives to no link that somebody makes, and why.
    private static let reservedNames = [
        "lo": "it is that of the loopback interface",
        "all": "it is that of a folder in /proc/sys/net, where each interface has its own",
        "default": "it is that of a folder in /proc/sys/net, where each interface has its own",
    ]

    /// The names that `use_vmac` lines give; automatic ones are others.
    static func macvlanNames(in statements: [Statement]) -> Set<String> {
        let lines = statements.lazy.filter { $0.keyword.text == "vrrp_instance" }.compactMap(\.block).joined()
            .filter { $0.keyword.text == "use_vmac" }
        let words = lines.flatMap { VirtualMACDraft.parts(of: $0) }.compactMap { part in
            if case .name(let word) = part { word.text } else { nil }
        }
        return Set(words)
    }

    // MARK: - The line

    /// `[[name] NAME] [MAC] [netlink_notify_msg] [group G]`. keepalived goes on without a word that it does not understand.
    mutating func readVirtualMAC(_ statement: Statement, into draft: inout InstanceDraft) {
        var virtualMAC = draft.virtualMAC ?? VirtualMACDraft(keyword: statement.keyword)
        if statement.block != nil { fail("'use_vmac' takes no block", statement.keyword) }
        for part in VirtualMACDraft.parts(of: statement) {
            switch part {
            case .name(let word): set(name: word, of: statement, in: &virtualMAC)
            case .address(let word): set(address: word, of: statement, in: &virtualMAC)
            case .noEffect(let word):
                warn(
                    word.text == "group"
                        ? "'group' has no effect here: this agent finds its macvlans again by their alias"
                        : "'netlink_notify_msg' has no effect here: the kernel tells of every macvlan", word)
            case .incomplete(let word):
                fail(
                    "'\(word.text)' needs a word behind it: \(word.text == "name" ? "the macvlan's name" : "a link group")",
                    word, in: statement, without: [word])
            }
        }
        draft.virtualMAC = virtualMAC
    }

    private mutating func set(name word: Word, of statement: Statement, in draft: inout VirtualMACDraft) {
        guard draft.name == nil else {
            fail(
                "a macvlan has one name: keepalived passes over this one", word, in: statement, without: [word])
            return
        }
        guard Self.isMacvlanName(word.text) else {
            fail(
                "a macvlan's name has 1 to 15 bytes without blanks, slashes and percent signs", word, in: statement,
                without: [word])
            return
        }
        if let reason = Self.reservedNames[word.text] {
            fail("no macvlan can have the name '\(word.text)': \(reason); write another one", word)
            return
        }
        draft.name = (word, statement)
    }

    private mutating func set(address word: Word, of statement: Statement, in draft: inout VirtualMACDraft) {
        guard draft.address == nil else {
            fail(
                "a macvlan has one hardware address: keepalived passes over this one", word, in: statement,
                without: [word])
            return
        }
        guard let octets = VirtualMACDraft.octets(word.text) else {
            fail(
                "a hardware address has six octets, such as 02:00:00:00:00:01, or five, to which virtual_router_id is added",
                word, in: statement, without: [word])
            return
        }
        draft.address = (octets, word, statement)
    }

    // MARK: - Together

    /// Once the number, the family and the peers are known.
    mutating func resolveVirtualMAC(_ draft: InstanceDraft, into instance: inout InstanceConfiguration) {
        guard let wanted = draft.virtualMAC else {
            if let word = draft.sendsFromParent { warn("'vmac_xmit_base' has no effect without 'use_vmac'", word) }
            return
        }
        var virtualMAC = VirtualMAC(
            interface: macvlanName(wanted, instance), hardwareAddress: hardwareAddress(wanted, instance))
        // By unicast no host looks at the hardware address of an advertisement.
        virtualMAC.sendsFromParent = draft.sendsFromParent != nil || instance.unicast != nil
        instance.virtualMAC = virtualMAC
        virtualMACWords[instance.location] = VirtualMACWords(
            name: wanted.name?.word ?? wanted.keyword, address: wanted.address?.word ?? wanted.keyword)
    }

    private mutating func macvlanName(_ draft: VirtualMACDraft, _ instance: InstanceConfiguration) -> String {
        if let (word, statement) = draft.name {
            guard let other = usedMacvlanNames[word.text] else { return word.text }
            fail(
                "the macvlan of '\(other.instance)', at \(other.location), has the same name: write another one", word,
                in: statement, without: [word])
        }
        let name = automaticName(instance)
        if !Self.isMacvlanName(name) {
            fail("the name \(name) is too long for an interface: write another one behind 'use_vmac'", draft.keyword)
        }
        return name
    }

    /// `vrrp.51`; where that is another's, `vrrp6.51` for IPv6, and then `vrrp1.51` and so on: as keepalived calls them.
    private func automaticName(_ instance: InstanceConfiguration) -> String {
        func name(_ number: Int?) -> String {
            "\(global.macvlanPrefix)\(number.map(String.init) ?? "").\(instance.virtualRouterID)"
        }
        func isFree(_ name: String) -> Bool { usedMacvlanNames[name] == nil && !givenMacvlanNames.contains(name) }
        let first = instance.family == .ipv6 ? [name(nil), name(6)] : [name(nil)]
        if let name = first.first(where: isFree) { return name }
        var number = 1
        while !isFree(name(number)) { number += 1 }
        return name(number)
    }

    private mutating func hardwareAddress(_ draft: VirtualMACDraft, _ instance: InstanceConfiguration) -> MACAddress {
        let standard = MACAddress(virtualRouter: instance.virtualRouterID, instance.family)
        guard let (octets, word, statement) = draft.address,
            let address = MACAddress(octets: octets.count == 5 ? octets + [instance.virtualRouterID] : octets),
            address != standard
        else { return standard }
        let problem: String? =
            if address.rawValue == 0 {
                "\(address) is no hardware address"
            } else if octets[0] & 1 == 1 {
                "\(address) is a multicast address, which no interface can have"
            } else if address.isVirtualRouter {
                "\(address) belongs to another virtual router (RFC 9568, 7.3)"
            } else {
                nil
            }
        guard let problem else { return address }
        fail(
            "\(problem): delete it, and the address is \(standard), or write one that begins with 02, such as 02:00:00:00:00:01",
            word, in: statement, without: [word])
        return standard
    }

    /// Once the addresses are known, and that the instance counts.
    mutating func judgeVirtualMAC(of instance: InstanceConfiguration) {
        guard let virtualMAC = instance.virtualMAC, let word = virtualMACWords[instance.location]?.name else { return }
        usedMacvlanNames[virtualMAC.interface] = (instance.name, word.location)
        guard let first = instance.addresses.first,
            !instance.addresses.contains(where: { $0.interface == virtualMAC.interface })
        else { return }
        warn(
            "no address is on the macvlan \(virtualMAC.interface), and hosts see none of the virtual MAC address: "
                + "\(first.prefix) is on \(first.interface); delete 'dev' behind the addresses that belong on the macvlan",
            word)
    }
}

/// Where an instance's macvlan is told, for diagnostics about several of them.
struct VirtualMACWords {
    var name: Word
    var address: Word
}

extension MACAddress {
    /// RFC 9568, section 7.3.
    fileprivate init(virtualRouter id: UInt8, _ family: IPFamily) {
        self.init(rawValue: (family == .ipv4 ? 0x00_005E_0001 : 0x00_005E_0002) << 8 | UInt64(id))
    }
}

// MARK: - All instances

extension ConfigurationBuilder {
    /// The interface below each macvlan, by the macvlan's name.
    var macvlanParents: [String: String] {
        Dictionary(
            configuration.instances.compactMap { instance in
                instance.virtualMAC.map { ($0.interface, instance.interface) }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// A macvlan belongs to its instance alone, and is switched off while that is not master.
    mutating func checkVirtualMACs() {
        struct Owner {
            var instance: InstanceConfiguration
            var virtualMAC: VirtualMAC
        }
        struct Station: Hashable {
            var interface: String
            var hardwareAddress: MACAddress
        }
        var owners: [String: Owner] = [:]
        var stations: [Station: Owner] = [:]
        for instance in configuration.instances {
            guard let virtualMAC = instance.virtualMAC, let words = virtualMACWords[instance.location] else { continue }
            let owner = Owner(instance: instance, virtualMAC: virtualMAC)
            owners[virtualMAC.interface] = owner
            let station = Station(interface: instance.interface, hardwareAddress: virtualMAC.hardwareAddress)
            if let other = stations.updateValue(owner, forKey: station) {
                fail(
                    "'\(other.instance.name)' has the hardware address \(station.hardwareAddress) on \(station.interface) already, "
                        + "and Linux takes it once: write another one, such as 02:00:00:00:00:01", words.address)
            }
        }
        guard !owners.isEmpty else { return }
        for instance in configuration.instances {
            if let owner = owners[instance.interface], let words = virtualMACWords[owner.instance.location] {
                fail(
                    "\(instance.interface) is the interface of '\(instance.name)': a macvlan needs a name of its own",
                    words.name)
            }
            for address in instance.addresses {
                guard let owner = owners[address.interface] else { continue }
                if owner.instance.location != instance.location {
                    failAddress(
                        "\(address.interface) is the macvlan of '\(owner.instance.name)', and off while that is not master: write the "
                            + "address into '\(owner.instance.name)', or another 'dev'", address)
                } else if address.prefix.address.family != instance.family {
                    failAddress(
                        "\(address.interface) has the virtual MAC address of \(instance.family): an \(address.prefix.address.family) address "
                            + "belongs on \(instance.interface), or into an instance of its own; delete 'dev \(address.interface)'",
                        address)
                }
            }
            for line in instance.tracked { check(line, owners[line.tracker.name]?.instance) }
        }
        for line in configuration.groups.flatMap(\.tracked) { check(line, owners[line.tracker.name]?.instance) }
    }

    private mutating func failAddress(_ message: String, _ address: SharedAddress) {
        findings.append(
            Finding(
                severity: .error, message: message, location: address.location, line: addressLines[address.location],
                width: "\(address.prefix)".count))
    }

    private mutating func check(_ line: TrackLine, _ owner: InstanceConfiguration?) {
        guard line.tracker.kind == .interface, let owner else { return }
        findings.append(
            Finding(
                severity: .error,
                message:
                    "\(line.tracker.name) is the macvlan of '\(owner.name)', and off while that is not master: track \(owner.interface)",
                location: line.location, line: trackerWords[line.location]?.line, width: line.tracker.name.count))
    }
}
