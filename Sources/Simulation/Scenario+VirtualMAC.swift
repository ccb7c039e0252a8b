import Addressing
import Configuration
import VRRP

/// Virtual routers with hardware addresses of their own. They are drawn from a stream of their own, and only where the seed is greater than
/// those whose digests are kept, so that these are what they were.
extension Scenario {
    private static let lastWithoutVirtualMACs: UInt64 = 2000
    private static let virtualMACSalt: UInt64 = 0x5E_0001

    mutating func drawVirtualMACs() {
        guard seed > Self.lastWithoutVirtualMACs, !hasEqualSources, wide == nil else { return }
        var random = RandomSource(seed: seed ^ Self.virtualMACSalt)
        guard random.chance(30) else { return }
        hasVirtualMACs = true
        // What somebody else puts on eth0 is not what the file puts on a macvlan: it is told, and stays.
        faults.removeAll { fault in
            switch fault.kind {
            case .addressAdded, .leased, .rival: true
            default: false
            }
        }
        for _ in 0..<random.integer(0...4) {
            let at = interval * 2 + random.part(of: interval * 25, from: 0, to: 1000)
            let host = random.integer(0...hosts.count - 1)
            let router = random.integer(0...addressCounts.count - 1)
            faults.append(
                Fault(
                    at: at, span: .zero,
                    kind: random.chance(50)
                        ? .macvlanDeleted(host: host, router: router) : .macvlanOff(host: host, router: router)))
        }
    }

    static func macvlan(of router: Int) -> String { "vrrp.\(10 + router)" }

    func virtualMAC(of router: Int) -> VirtualMAC? {
        guard hasVirtualMACs else { return nil }
        let prefix: UInt64 = family(of: router) == .ipv4 ? 0x00_005E_0001 : 0x00_005E_0002
        var virtual = VirtualMAC(
            interface: Self.macvlan(of: router),
            hardwareAddress: MACAddress(rawValue: prefix << 8 | UInt64(10 + router)))
        virtual.sendsFromParent = isUnicast
        return virtual
    }
}
