import Addressing
import Configuration
import VRRP

/// Virtual routers of IPv6: all of a scenario, or some of them beside others of IPv4 under the same numbers' network. Drawn from a stream of
/// its own, and only where the seed is greater than those whose digests are kept, so that these are what they were.
extension Scenario {
    /// The seeds up to this one have nothing of it: Tests/Simulate/baseline.txt.
    private static let lastWithout: UInt64 = 2000
    private static let familySalt: UInt64 = 0x6F_A311

    mutating func drawFamilies() {
        guard seed > Self.lastWithout, version == .v3, !hasEqualSources else { return }
        var random = RandomSource(seed: seed ^ Self.familySalt)
        guard random.chance(35) else { return }
        let isMixed = addressCounts.count > 1 && !isUnicast && random.chance(50)
        families = addressCounts.indices.map { isMixed && $0 % 2 == 1 ? .ipv4 : .ipv6 }
        // Somebody adds what the host has, and with it the kernel's question whether another host has it.
        for _ in 0..<random.integer(0...3) {
            let at = interval * 2 + random.part(of: interval * 25, from: 0, to: 1000)
            let address = random.integer(0...addressCounts.reduce(0, +) - 1)
            faults.append(
                Fault(
                    at: at, span: interval,
                    kind: .detectionFailed(host: random.integer(0...hosts.count - 1), address: address)))
        }
        let families = families
        faults.removeAll { fault in
            switch fault.kind {
            // An address stays in its family.
            case .reload(_, let router, .move(let other)): families[router] != families[other]
            // The reference model knows one list of own addresses.
            case .ownAddressGone, .secondOwnAddress, .sourceChanged: isMixed
            default: false
            }
        }
    }

    func family(of router: Int) -> IPFamily { families.indices.contains(router) ? families[router] : .ipv4 }

    /// The family of a shared address.
    func family(ofAddress address: Int) -> IPFamily {
        family(of: addressCounts.indices.first { addresses(of: $0).contains(address) } ?? 0)
    }

    /// Of which the hosts' own addresses are that come and go.
    var ownFamily: IPFamily { families.isEmpty || families.contains(.ipv4) ? .ipv4 : .ipv6 }

    /// The own addresses of a host's interface, as it starts.
    func ownPrefixes(_ host: Int, interface: Int) -> [IPPrefix] {
        let all: [IPFamily] = families.isEmpty ? [.ipv4] : Set(families).sorted()
        return all.map { ownPrefix(host, interface: interface, $0) }
    }

    func ownPrefix(_ host: Int, second: Bool = false, interface: Int = 0, _ family: IPFamily) -> IPPrefix {
        let address = Self.ownAddress(host, second: second, interface: interface, family)
        return IPPrefix(address: address, length: family == .ipv4 ? 24 : 64) ?? IPPrefix(host: address)
    }

    /// To whom the routers of a family speak.
    static func group(_ family: IPFamily) -> IPAddress {
        family == .ipv4 ? IPAddress(Advertisement.ipv4Group) : IPAddress(Advertisement.ipv6Group)
    }

    /// The IPv6 address with the number of an IPv4 one, link-local or global.
    static func ipv6(_ address: IPv4Address, isLinkLocal: Bool) -> IPAddress {
        IPAddress(
            IPv6Address(high: isLinkLocal ? 0xFE80 << 48 : 0x2001_0DB8 << 32, low: UInt64(address.rawValue)))
    }

    /// Where the VRRP message begins in a packet.
    static func messageStart(in packet: [UInt8]) -> Int { packet.first.map { $0 >> 4 } == 6 ? 40 : 20 }

    /// The priority that a packet says.
    static func priority(in packet: [UInt8]) -> UInt8 { packet[messageStart(in: packet) + 2] }
}
