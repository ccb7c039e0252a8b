import Addressing

/// Addresses that the kernel takes, and that do something else than was meant. What the kernel and its neighbours make of them was measured
/// with Linux 6.1.
extension ConfigurationBuilder {
    /// Warns of what makes no sense. A broadcast address that would be another host's is left out, as far as nobody has written it out.
    /// - Parameters:
    ///   - word: the address in the file.
    ///   - place: its broadcast address in the file, or the address.
    mutating func judge(_ address: inout SharedAddress, _ word: Word, broadcast place: Word) {
        guard let prefix = address.prefix.ipv4 else { return }
        switch prefix.length {
        case 0:
            warn(
                "a prefix of length 0 is the network of all addresses, and no route comes with it; write the length that the network "
                    + "has, or \(prefix.address) without a length", word)
        case 1...30 where prefix.address == prefix.broadcast:
            warn(
                "\(prefix.address) is the broadcast address of \(prefix.network)/\(prefix.length): no host of that network reaches it; "
                    + "write the length that the network has, or another address", word)
        case 1...30 where prefix.address == prefix.network:
            warn(
                "\(prefix.address) is the address of the network \(prefix.network)/\(prefix.length) itself: older systems take it for a "
                    + "broadcast address and do not reach it; write the length that the network has, or another address",
                word)
        default: break
        }
        switch address.broadcast {
        case .none: break
        case .derived where prefix.length == 31:
            // RFC 3021, 2.2.
            address.broadcast = .none
            let other = prefix.address == prefix.network ? prefix.broadcast : prefix.network
            warn(
                "a network of length 31 has no broadcast address, only \(prefix.address) and \(other): none is set, or this host "
                    + "would not reach one of the two; delete 'brd +'", place)
        case .derived where prefix.length == 32:
            address.broadcast = .none
            warn(
                "a single address, of length 32, has no broadcast address: none is set; delete 'brd +', or write the length that the "
                    + "network has", place)
        case .derived: break
        case .address(let broadcast): judge(broadcast, of: prefix, place)
        }
    }

    /// The kernel takes any label; programs that look for an address by it look at the interface whose name it begins with.
    mutating func judgeLabel(of address: SharedAddress, _ instance: InstanceConfiguration, _ word: Word) {
        guard let label = address.label, address.interface == instance.virtualMAC?.interface,
            !label.hasPrefix(address.interface)
        else { return }
        warn(
            "the address is on the macvlan \(address.interface): programs that look for it by the label \(printable(label)), such as "
                + "ifconfig, do not find it there; write one that begins with \(address.interface), or delete it", word)
    }

    /// A broadcast address that is written out stays as it is.
    private mutating func judge(_ broadcast: IPv4Address, of prefix: IPv4Prefix, _ place: Word) {
        let isAll = broadcast == IPv4Address(rawValue: .max)
        let isLast = prefix.length <= 30 && broadcast == prefix.broadcast
        guard !isAll, !isLast else { return }
        let better = prefix.length <= 30 ? "write 'brd +', which is \(prefix.broadcast), or delete it" : "delete it"
        if broadcast == prefix.address {
            warn(
                "the broadcast address is the address itself: a program that asks the system where to send to all gets this host alone; \(better)",
                place)
        } else if prefix.length < 32 {
            warn(
                "\(broadcast) is not the broadcast address of \(prefix.network)/\(prefix.length): this host takes it for one all the same, "
                    + "and reaches no host that has this address; \(better)", place)
        }
    }
}
