import Addressing
import Configuration
import VRRP

/// Routes and rules that move with the addresses. They are drawn from a stream of their own, and only where the seed is greater than those
/// whose digests are kept, so that these are what they were.
extension Scenario {
    private static let lastWithoutRouting: UInt64 = 2000
    private static let routingSalt: UInt64 = 0x7_0B7E5

    mutating func drawRouting() {
        guard seed > Self.lastWithoutRouting, !hasEqualSources else { return }
        var random = RandomSource(seed: seed ^ Self.routingSalt)
        guard random.chance(25) else { return }
        hasRouting = true
        for _ in 0..<random.integer(1...5) {
            let at = interval * 2 + random.part(of: interval * 25, from: 0, to: 1000)
            faults.append(
                Fault(
                    at: at, span: .zero,
                    kind: .routeRemoved(
                        host: random.integer(0...hosts.count - 1),
                        router: random.integer(0...addressCounts.count - 1), line: random.integer(0...4))))
        }
    }

    /// What a virtual router has as a host has it: a route that needs its first address, one that needs the host's network, a rule; one that
    /// says less than the first, and one that others have, too, of which every second one says more.
    func routing(of router: Int, as routers: [Router]) -> [VirtualRouting] {
        guard hasRouting, let first = addresses(of: router, as: routers).first else { return [] }
        let place = SourceLocation(file: "simulation", line: 1, column: 1)
        func network(_ second: UInt8) -> IPPrefix {
            let address = IPAddress(10, second, UInt8(router), 0)
            return IPPrefix(address: address, length: 24) ?? IPPrefix(host: address)
        }
        var direct = Route(to: network(77))
        direct.source = sharedAddress(first).address
        let plain = Route(to: network(77))
        var common = Route(to: IPPrefix(address: IPAddress(10, 79, 0, 0), length: 24) ?? IPPrefix(host: .unspecified))
        if !router.isMultiple(of: 2) { common.metrics = [.mtu: 1400] }
        var through = Route(to: network(78))
        through.gateway = Self.gateway(interface: interface(of: router))
        var rule = RoutingRule(priority: UInt32(1000 + router), action: .lookUp(UInt32(100 + router)))
        rule.source = IPPrefix(host: sharedAddress(first).address)
        let lines = [
            VirtualRouting(location: place, object: .route(direct), interface: "eth\(interface(ofAddress: first))"),
            VirtualRouting(location: place, object: .route(through)),
            VirtualRouting(location: place, object: .rule(rule)),
            VirtualRouting(location: place, object: .route(plain), interface: "eth\(interface(ofAddress: first))"),
        ]
        return interface(of: router) > 0
            ? lines : lines + [VirtualRouting(location: place, object: .route(common), interface: "eth0")]
    }

    /// Nobody has it, and it is in the network of the hosts' own addresses.
    private static func gateway(interface: Int) -> IPAddress { IPAddress(10, interface == 0 ? 0 : 2, 0, 254) }
}
