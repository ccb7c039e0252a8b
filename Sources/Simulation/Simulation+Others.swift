import Addressing
import FailoverCore
import VRRP

/// Who else speaks on the network: another daemon on a host, another cluster, and senders of packets that nobody may listen to.
extension Simulation {
    mutating func sendRival(_ host: Int, _ router: Int, _ priority: UInt8) {
        guard scenario.addressCounts.indices.contains(router) else { return }
        let interface = VirtualKernel.interface(scenario.interface(of: router))
        let advertisement = Advertisement(
            version: scenario.version, virtualRouterID: UInt8(10 + router), priority: priority,
            interval: scenario.hosts[host][router].interval,
            addresses: scenario.addresses(of: router).map { scenario.sharedAddress($0).address })
        let family = scenario.family(of: router)
        let source = Scenario.ownAddress(host, interface: scenario.interface(of: router), family)
        let destinations =
            scenario.isUnicast
            ? hosts.indices.filter { $0 != host }.map {
                Scenario.ownAddress($0, interface: scenario.interface(of: router), family)
            } : [Scenario.group(family)]
        for destination in destinations {
            guard let bytes = advertisement.packet(from: source, to: destination) else { continue }
            hosts[host].overhear(
                VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: scenario.interface(of: router)))
            guard hosts[host].kernel.isUp(interface) else { continue }
            advertise(bytes, to: destination, on: interface, from: host, isRival: true)
        }
        turn(host)
    }

    /// One round of another cluster's advertisements.
    mutating func sendStrangers(_ priority: UInt8) {
        for router in scenario.addressCounts.indices {
            let advertisement = Advertisement(
                version: scenario.version, virtualRouterID: UInt8(10 + router), priority: priority,
                interval: scenario.hosts[0][router].interval,
                addresses: [
                    scenario.family(of: router) == .ipv4
                        ? IPAddress(10, 8, 0, 1) : Scenario.ipv6(IPv4Address(10, 8, 0, 1), isLinkLocal: false)
                ])
            let family = scenario.family(of: router)
            let interface = scenario.interface(of: router)
            for receiver in hosts.indices where hosts[receiver].kernel.isUp(VirtualKernel.interface(interface)) {
                let bytes = advertisement.packet(
                    from: Scenario.stranger(family),
                    to: scenario.isUnicast
                        ? Scenario.ownAddress(receiver, interface: interface, family) : Scenario.group(family))
                guard let bytes else { continue }
                deliver(
                    VirtualHost.Waiting(bytes: bytes, meaning: nil, interface: interface),
                    outsider(router, to: receiver))
            }
        }
    }

    /// Packets that nobody may listen to.
    mutating func sendJunk() {
        let advertisement = Advertisement(
            version: scenario.version, virtualRouterID: 10, priority: 255, interval: scenario.interval,
            addresses: [scenario.sharedAddress(0).address])
        guard scenario.family(of: 0) == .ipv4, let source = Scenario.stranger(.ipv4).ipv4 else {
            sendJunkByIPv6(advertisement)
            return
        }
        let good = advertisement.ipv4Packet(from: source)
        var wrongChecksum = good
        wrongChecksum[26] ^= 0x55
        var otherVersion = advertisement
        otherVersion.version = scenario.version == .v2 ? .v3 : .v2
        var wrongPassword = advertisement
        wrongPassword.version = .v2
        wrongPassword.authentication = .password(Password("guess".utf8))
        // Nothing but the version's number is wrong.
        var otherNumber = good
        otherNumber[20] ^= 0x10
        otherNumber.replaceSubrange(26..<28, with: [0, 0])
        var checksum = InternetChecksum()
        checksum.add(otherNumber.span.extracting(20..<otherNumber.count))
        otherNumber[26] = UInt8(checksum.value >> 8)
        otherNumber[27] = UInt8(checksum.value & 0xFF)
        var otherRouter = advertisement
        otherRouter.virtualRouterID = 99
        var junk = [
            otherNumber, wrongChecksum, Array(good.prefix(25)), otherVersion.ipv4Packet(from: source),
            wrongPassword.ipv4Packet(from: source),
            otherRouter.ipv4Packet(from: source), [UInt8](repeating: 0xFF, count: 60),
        ]
        if !scenario.isUnicast { junk.append(advertisement.ipv4Packet(from: source, timeToLive: 254)) }
        for (place, bytes) in junk.enumerated() {
            for receiver in hosts.indices {
                deliver(
                    VirtualHost.Waiting(bytes: bytes, meaning: nil), outsider(Self.junkKinds + place, to: receiver))
            }
        }
    }

    private mutating func sendJunkByIPv6(_ advertisement: Advertisement) {
        guard let source = Scenario.stranger(.ipv6).ipv6 else { return }
        let good = advertisement.ipv6Packet(from: source)
        var wrongChecksum = good
        wrongChecksum[46] ^= 0x55
        var otherVersion = good
        otherVersion[40] = 0x21
        var otherRouter = advertisement
        otherRouter.virtualRouterID = 99
        var junk = [
            wrongChecksum, otherVersion, Array(good.prefix(45)), otherRouter.ipv6Packet(from: source),
            [UInt8](repeating: 0x6F, count: 60),
        ]
        if !scenario.isUnicast { junk.append(advertisement.ipv6Packet(from: source, hopLimit: 254)) }
        for (place, bytes) in junk.enumerated() {
            for receiver in hosts.indices {
                deliver(
                    VirtualHost.Waiting(bytes: bytes, meaning: nil), outsider(Self.junkKinds + place, to: receiver))
            }
        }
    }
}
