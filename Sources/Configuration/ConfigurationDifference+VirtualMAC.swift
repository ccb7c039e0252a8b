/// What it costs to put addresses on another macvlan, or from the interface onto one.
extension ConfigurationDifference {
    /// - Returns: `nil` where no address that stays moves.
    static func moveCost(from old: InstanceConfiguration, to new: InstanceConfiguration) -> String? {
        let before = Dictionary(
            old.addresses.map { (old.located($0), old.station(of: $0)) }, uniquingKeysWith: { first, _ in first })
        let moved = new.addresses.first { address in
            guard let station = before[new.located(address)] else { return false }
            return station != new.station(of: address)
        }
        guard let moved else { return nil }
        let isSame = old.virtualMAC?.interface == moved.interface
        return "the addresses do not answer for up to about 0.1 s, while "
            + (isSame ? "\(moved.interface) is made anew" : "they move to \(moved.interface)")
    }
}

extension InstanceConfiguration {
    /// The macvlan that an address is on; `nil` for another interface.
    fileprivate func station(of address: SharedAddress) -> VirtualMAC? {
        guard var virtualMAC, address.interface == virtualMAC.interface else { return nil }
        virtualMAC.sendsFromParent = false
        return virtualMAC
    }

    var virtualMACText: String {
        virtualMAC.map { "\($0.hardwareAddress) on \($0.interface)" } ?? "none"
    }

    /// From where advertisements leave.
    var senderText: String {
        guard let virtualMAC, !virtualMAC.sendsFromParent else { return interface }
        return virtualMAC.interface
    }
}
