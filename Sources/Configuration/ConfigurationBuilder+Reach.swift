import Addressing

/// How an instance's routers reach each other: multicast or unicast, from which address.
extension ConfigurationBuilder {
    /// - Returns: whether the keyword was one of these.
    mutating func readReach(_ statement: Statement, into draft: inout InstanceDraft) -> Bool {
        switch statement.keyword.text {
        case "mcast_src_ip", "unicast_src_ip":
            // keepalived knows one address under both names; the last one counts.
            if let address = hostAddress(of: statement) {
                draft.source = (address, statement)
            }
        case "mcast_dst_ip": draft.group = group(of: statement).map { ($0, statement) } ?? draft.group
        case "native_ipv6":
            // An argument, such as "true", is passed over as keepalived does.
            warn(
                draft.family?.value == .ipv4
                    ? "'native_ipv6' is passed over: a line before it makes this a virtual router of IPv4"
                    : "'native_ipv6' is not needed: the first address tells the family", statement.keyword)
        case "track_src_ip":
            standingFlag(of: statement)
            draft.requiresSource = true
        case "unicast_peer":
            draft.hasPeerBlock = statement.keyword
            draft.peerLines += block(of: statement)
        case "unicast_ttl":
            // 0 is one of keepalived's values, and none that leaves a host.
            let fallback: Fallback =
                statement.values.first.flatMap { Self.integer($0.text) } == 0 ? .undecided : .ignored
            if let value = integer(of: statement, in: 1...255, otherwise: fallback) {
                draft.timeToLive = UInt8(clamping: value)
            }
        case "check_unicast_src":
            standingFlag(of: statement)
            draft.checksPeers = true
        case "unicast_fault_no_peer":
            standingFlag(of: statement)
            draft.faultsWithoutPeer = true
        default: return false
        }
        return true
    }

    /// - Parameter family: of which it has to be; `nil` for either.
    mutating func group(of statement: Statement, _ family: IPFamily? = nil) -> IPAddress? {
        guard let word = value(of: statement) else { return nil }
        guard let address = IPAddress(word.text), address.isMulticast, address.family == family ?? address.family else {
            fail(
                "'\(statement.keyword.text)' takes \(family.map { "an \($0)" } ?? "a") multicast address", word,
                in: statement, .ignored)
            return nil
        }
        return address
    }

    /// The family that a line of an instance tells: the first one that tells any counts, as in keepalived.
    static func family(of statement: Statement) -> FamilySign? {
        func family(_ word: Word?) -> FamilySign? {
            guard let word else { return nil }
            let address = word.text.split(separator: "/", maxSplits: 1).first ?? ""
            return IPAddress(address).map {
                FamilySign(value: $0.family, keyword: statement.keyword.text, location: word.location)
            }
        }
        switch statement.keyword.text {
        case "native_ipv6":
            return FamilySign(value: .ipv6, keyword: statement.keyword.text, location: statement.keyword.location)
        case "mcast_src_ip", "unicast_src_ip", "mcast_dst_ip": return family(statement.values.first)
        case "unicast_peer", "virtual_ipaddress":
            return statement.block?.lazy.compactMap { family($0.keyword) }.first
        default: return nil
        }
    }

    private mutating func hostAddress(of statement: Statement) -> IPAddress? {
        guard let word = value(of: statement) else { return nil }
        return hostAddress(word, in: statement, "'\(statement.keyword.text)' takes the address of a host")
    }

    /// keepalived passes over a prefix length behind the address.
    private mutating func hostAddress(_ word: Word, in statement: Statement, _ message: String) -> IPAddress? {
        if let prefix = IPPrefix(word.text), prefix.address.isUnicast {
            warn("a single address is meant: the length behind it is passed over, as keepalived does", word)
            return prefix.address
        }
        guard let address = IPAddress(word.text) else {
            fail(message, word, in: statement, .ignored)
            return nil
        }
        guard address.isUnicast else {
            fail(message, word)
            return nil
        }
        return address
    }

    // MARK: - Together

    mutating func resolveReach(_ draft: InstanceDraft, into instance: inout InstanceConfiguration) {
        let family = draft.family?.value ?? .ipv4
        instance.group = draft.groups[family] ?? instance.group
        if let group = draft.group, isOf(family, group, draft.family) { instance.group = group.address }
        if let source = draft.source, isOf(family, source, draft.family) { instance.source = source.address }
        instance.requiresSource = draft.requiresSource
        let peers = draft.peerLines.compactMap { peer($0, family, draft.family) }
        // Peers that keepalived ignores are none.
        guard !peers.isEmpty || draft.faultsWithoutPeer else {
            if let block = draft.hasPeerBlock, draft.peerLines.isEmpty {
                warn("there is no peer in this block: advertisements go out by multicast", block)
            } else if draft.hasPeerBlock == nil, let source = draft.source,
                source.statement.keyword.text == "unicast_src_ip"
            {
                warn(
                    "without 'unicast_peer' advertisements go out by multicast",
                    source.statement.values.first ?? source.statement.keyword)
            }
            return
        }
        var unicast = UnicastConfiguration(peers: [])
        for peer in peers {
            if unicast.peers.contains(where: { $0.address == peer.value.address }) {
                warn("the peer is listed twice", peer.word)
            } else {
                unicast.peers.append(peer.value)
            }
        }
        if family == .ipv6, instance.source == nil, let peer = peers.first(where: { !$0.value.address.isLinkLocal }) {
            // keepalived sends from its link-local address then, and hears nothing that is sent to the other one: two masters.
            fail(
                "\(peer.value.address) is no link-local address: 'unicast_src_ip' has to say from which address this host speaks to it",
                peer.word)
        }
        unicast.timeToLive = draft.timeToLive
        unicast.acceptsPeersOnly = draft.checksPeers || unicast.peers.contains { $0.timesToLive != 0...255 }
        instance.unicast = unicast
    }

    /// - Parameter sign: what has told the family.
    private static func otherFamily(_ what: String, at place: Word, _ family: IPFamily, _ sign: FamilySign?) -> String {
        "\(what) is of the other family: this virtual router is one of \(family)\(sign?.words(at: place) ?? ""); a virtual router of the "
            + "other family needs an instance of its own"
    }

    /// keepalived ignores what is of the other family.
    private mutating func isOf(
        _ family: IPFamily, _ value: (address: IPAddress, statement: Statement), _ sign: FamilySign?
    ) -> Bool {
        guard value.address.family != family else { return true }
        let keyword = value.statement.keyword
        let word = value.statement.values.first ?? keyword
        fail(
            Self.otherFamily("'\(keyword.text)'", at: word, family, sign), word, in: value.statement, .ignored)
        return false
    }

    /// `ADDRESS [min_ttl N] [max_ttl N]`.
    private mutating func peer(
        _ line: Statement, _ family: IPFamily, _ sign: FamilySign?
    ) -> (value: UnicastConfiguration.PeerConfiguration, word: Word)? {
        guard let address = hostAddress(line.keyword, in: line, "this is no IP address of a host") else { return nil }
        guard address.family == family else {
            fail(
                Self.otherFamily("this peer", at: line.keyword, family, sign), line.keyword, in: line, .ignored)
            return nil
        }
        if line.block != nil { fail("a peer takes no block", line.keyword) }
        var least: UInt8 = 0
        var most: UInt8 = 255
        var values = line.values[...]
        while let option = values.popFirst() {
            guard option.text == "min_ttl" || option.text == "max_ttl" else {
                // keepalived takes it for an option, and the word behind it for its value.
                let value = values.popFirst()
                fail(
                    IPAddress(option.text) != nil
                        ? "each peer needs a line of its own"
                        : "unknown option of a peer: min_ttl and max_ttl are known",
                    option, in: line, without: [option] + (value.map { [$0] } ?? []))
                continue
            }
            guard let word = values.popFirst(), let number = Self.integer(word.text), number <= 255 else {
                fail("'\(option.text)' takes a whole number from 0 to 255", option)
                continue
            }
            if option.text == "min_ttl" { least = UInt8(number) } else { most = UInt8(number) }
        }
        guard least <= most else {
            fail("min_ttl is greater than max_ttl: no packet would be heard", line.keyword)
            return nil
        }
        return (UnicastConfiguration.PeerConfiguration(address: address, timesToLive: least...most), line.keyword)
    }
}

/// The line of an instance that tells of which family the virtual router is.
struct FamilySign: Hashable, Sendable {
    var value: IPFamily
    /// Of the line, or of the block around it.
    var keyword: String
    /// Of the address that tells it.
    var location: SourceLocation

    /// The first address decides, and not a peer, a source or a group.
    var isSharedAddress: Bool { keyword == "virtual_ipaddress" }

    /// After "one of IPv4", with the line.
    /// - Parameter place: what is judged by it; its file is not told again.
    func words(at place: Word) -> String {
        let what =
            switch keyword {
            case "unicast_peer": "its first peer"
            case "virtual_ipaddress": "its first address"
            default: "'\(keyword)'"
            }
        let line = location.file == place.location.file ? "in line \(location.line)" : "at \(location)"
        return ", by \(what) \(line)"
    }
}
