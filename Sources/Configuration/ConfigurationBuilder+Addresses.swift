import Addressing

/// The lines of `virtual_ipaddress`.
extension ConfigurationBuilder {
    /// What the count field of an advertisement can name.
    private static let mostAddresses = 255

    /// - Parameter sign: what has told the family.
    mutating func readAddresses(
        _ lines: [Statement], _ sign: FamilySign?, into instance: inout InstanceConfiguration
    ) {
        var placed: Set<SharedAddress.Place> = []
        for line in lines {
            guard let address = address(line, of: instance) else { continue }
            guard address.prefix.address.family == instance.family else {
                let place = sign?.words(at: line.keyword) ?? ""
                // Where there is a line to change, that may have been the mistake.
                let isByAddress = sign?.isSharedAddress != false
                ignore(
                    line,
                    "this is an \(address.prefix.address.family) address, and the virtual router is one of \(instance.family)\(place): "
                        + (isByAddress ? "" : "change that line, or ")
                        + "write it into 'virtual_ipaddress_excluded', and it moves with the others", at: line.keyword)
                continue
            }
            if instance.family == .ipv6, instance.advertisedAddresses.isEmpty, !address.prefix.address.isLinkLocal {
                warn(
                    "RFC 9568 wants a link-local address first (5.2.9): routers that look for it, such as FRR's, may not listen; "
                        + "keepalived and this agent do", line.keyword)
            }
            instance.advertisedAddresses.append(address.prefix.address)
            if placed.insert(address.place).inserted {
                instance.addresses.append(address)
            } else {
                // keepalived advertises it twice: so does this agent, or the lists would differ.
                warn("the address is listed twice", line.keyword)
            }
            if instance.advertisedAddresses.count == Self.mostAddresses + 1 {
                fail("an advertisement names at most \(Self.mostAddresses) addresses", line.keyword)
            }
        }
    }

    /// `virtual_ipaddress_excluded`: they come and go with the others, and no advertisement names them.
    mutating func readExcludedAddresses(_ lines: [Statement], into instance: inout InstanceConfiguration) {
        var placed = Set(instance.addresses.map(\.place))
        for line in lines {
            guard let address = address(line, of: instance) else { continue }
            if placed.insert(address.place).inserted {
                instance.addresses.append(address)
            } else {
                warn("the address is listed twice", line.keyword)
            }
        }
    }

    private mutating func address(_ line: Statement, of instance: InstanceConfiguration) -> SharedAddress? {
        let word = line.keyword
        guard let prefix = prefix(of: line) else { return nil }
        if line.block != nil {
            fail("an address takes no block", word)
        }
        var address = SharedAddress(
            location: word.location, prefix: prefix, interface: instance.home(of: prefix.address.family))
        addressLines[word.location] = word.line
        var values = line.values[...]
        let broadcast = zip(values, values.dropFirst()).filter { ["brd", "broadcast"].contains($0.0.text) }.last?.1
        var isRefused = false
        while let option = values.popFirst() {
            if case .refused(let reason) = Keywords.addressOptions[option.text] {
                // Without it the address would be another one than was meant.
                refuse(line, "'\(option.text)': \(reason)", at: option)
                isRefused = true
            } else if !readOption(option, of: line, &values, into: &address) {
                isRefused = true
            }
        }
        if isRefused { return nil }
        judge(&address, word, broadcast: broadcast ?? word)
        judgeLabel(of: address, instance, word)
        return address
    }

    /// An address, or `ADDRESS/LENGTH`; without a length a single host, as keepalived does.
    private mutating func prefix(of line: Statement) -> IPPrefix? {
        let word = line.keyword
        let text = word.text
        guard let prefix = text.contains("/") ? IPPrefix(text) : IPAddress(text).map({ IPPrefix(host: $0) })
        else {
            let message = "this is no IP address, such as 192.0.2.1/24 or 2001:db8::1/64"
            guard let used = Self.prefixUsed(for: text) else {
                ignore(line, message, at: word)
                return nil
            }
            fail(message, word)
            rewrite(line, message) { $0.location == word.location ? "\(used)" : $0.text }
            return used
        }
        guard prefix.address.isUnicast else {
            fail("\(prefix.address) can't be the address of a host", word)
            return nil
        }
        return prefix
    }

    /// What keepalived makes of an address with a length that is none: the digits at its beginning, or a single host where that is too
    /// much.
    private static func prefixUsed(for text: String) -> IPPrefix? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].first.map({ ("0"..."9").contains($0) }) == true,
            let address = IPAddress(parts[0]), address.isUnicast
        else { return nil }
        let length = leadingNumber(String(parts[1]))
        return IPPrefix(address: address, length: min(length, address.bitWidth))
    }

    /// - Returns: whether there is an address; keepalived removes one with an option whose value it does not understand.
    private mutating func readOption(
        _ option: Word, of line: Statement, _ values: inout ArraySlice<Word>, into address: inout SharedAddress
    ) -> Bool {
        let isIPv6 = address.prefix.address.family == .ipv6
        switch option.text {
        case "dev":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard Self.isInterfaceName(word.text) else {
                fail("an interface's name has 1 to 15 letters without blanks and slashes", word)
                return false
            }
            address.interface = word.text
        case "brd", "broadcast":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard !isIPv6 else {
                ignore(line, "IPv6 has no broadcast addresses: delete '\(option.text) \(word.text)'", at: option)
                return false
            }
            switch word.text {
            case "+": address.broadcast = .derived
            case "-": address.broadcast = .none
            default:
                guard let broadcast = IPv4Address(word.text) else {
                    ignore(line, "'\(option.text)' takes an IPv4 address, '+' or '-'", at: word)
                    return false
                }
                address.broadcast = .address(broadcast)
            }
        case "label":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard (1...15).contains(word.bytes.count) else {
                ignore(line, "a label has at most 15 bytes", at: word)
                return false
            }
            guard !isIPv6 else {
                fail("an IPv6 address has no label", option, in: line, without: [option, word])
                return true
            }
            address.label = word.text
        case "scope":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard let scope = Self.scope(word.text) else {
                fail("'scope' takes global, site, link, host or nowhere", word, in: line, without: [option, word])
                return true
            }
            guard !isIPv6 else {
                let reason = "the scope of an IPv6 address is in the address itself"
                // What it has without the word, too.
                if scope == .global {
                    warn("'scope' has no effect here: \(reason)", option)
                } else {
                    fail(reason, option, in: line, without: [option, word])
                }
                return true
            }
            address.scope = scope
        case "peer":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard let peer = IPAddress(word.text), peer.isUnicast, peer.family == address.prefix.address.family else {
                ignore(line, "'peer' takes one \(address.prefix.address.family) address without a length", at: word)
                return false
            }
            address.peer = peer
        case "preferred_lft":
            guard let word = argument(of: option, in: line, &values) else { return false }
            guard let lifetime = Self.lifetime(word.text) else {
                ignore(line, "'preferred_lft' takes seconds, or 'forever'", at: word)
                return false
            }
            guard isIPv6 else {
                warn("'preferred_lft' has no effect on an IPv4 address, as in keepalived", option)
                return true
            }
            address.preferredLifetime = lifetime
        case "noprefixroute": address.addsNetworkRoute = false
        case "-nodad":
            guard isIPv6 else {
                warn("'-nodad' has no effect here: it concerns IPv6 alone", option)
                return true
            }
            address.detectsDuplicates = true
        case "no_track": address.isTracked = false
        default:
            switch Keywords.addressOptions[option.text] {
            case .noEffect(let reason):
                warn("'\(option.text)' has no effect here: \(reason)", option)
                return true
            case .refused, .works, nil: break
            }
            let message =
                IPAddress(option.text) != nil || IPPrefix(option.text) != nil
                ? "each address needs a line of its own"
                : "unknown option of an address: dev, brd, label and scope are known"
            fail(message, option, in: line, without: [option])
        }
        return true
    }

    private mutating func argument(
        of option: Word, in line: Statement, _ values: inout ArraySlice<Word>
    ) -> Word? {
        guard let word = values.popFirst() else {
            ignore(line, "'\(option.text)' needs a value", at: option)
            return nil
        }
        return word
    }

    /// - Returns: seconds, or `.some(nil)` for as long as the address is valid; `nil` for what is neither.
    private static func lifetime(_ text: String) -> UInt32?? {
        if ["forever", "infinity"].contains(text) { return .some(nil) }
        guard let seconds = UInt32(text), seconds < .max else { return nil }
        return seconds
    }

    private static func scope(_ text: String) -> AddressScope? {
        switch text {
        case "global", "0": .global
        case "site", "200": .site
        case "link", "253": .link
        case "host", "254": .host
        case "nowhere", "255": .nowhere
        default: nil
        }
    }
}
