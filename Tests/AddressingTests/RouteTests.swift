import Addressing
import Testing

@Suite("Which routes and rules a removal may take")
struct RouteTests {
    private static func route(_ change: (inout Route) -> Void = { _ in }) -> Route {
        var route = Route(to: IPPrefix("198.51.100.0/24") ?? IPPrefix(host: .unspecified))
        route.gateway = IPAddress(192, 0, 2, 254)
        change(&route)
        return route
    }

    /// What a removal may leave out.
    private static let additions: [(String, @Sendable (inout Route) -> Void)] = [
        ("src", { $0.source = IPAddress(192, 0, 2, 1) }), ("mtu", { $0.metrics = [.mtu: 1400] }),
        ("dev", { $0.interface = InterfaceIndex(rawValue: 7) }), ("metric", { $0.metric = 50 }),
        (
            "lock",
            {
                $0.metrics = [.mtu: 1400]
                $0.isMTULocked = true
            }
        ),
    ]

    @Test("IPv4: one that says more, as far as neither contradicts the other")
    func saysMore() {
        let plain = Self.route()
        #expect(plain.removalMayTake(plain))
        for (name, add) in Self.additions {
            let more = Self.route(add)
            #expect(plain.removalMayTake(more), "\(name)")
            #expect(more.removalMayTake(plain) == (name == "dev"), "\(name)")
        }
        let direct = Self.route {
            $0.gateway = nil
            $0.interface = InterfaceIndex(rawValue: 7)
        }
        #expect(direct.removalMayTake(Self.route { $0.interface = InterfaceIndex(rawValue: 7) }))
        // Over which interface the gateway is reached the kernel alone knows.
        #expect(direct.removalMayTake(plain))
        #expect(!direct.removalMayTake(Self.route { $0.interface = InterfaceIndex(rawValue: 8) }))
    }

    @Test("IPv4: none of another destination, table, type, scope, type of service, gateway, source or metric")
    func contradicts() throws {
        let own = Self.route {
            $0.source = IPAddress(192, 0, 2, 1)
            $0.metric = 50
            $0.metrics = [.mtu: 1400]
        }
        let changes: [(inout Route) -> Void] = [
            { $0.destination = IPPrefix("198.51.100.0/25") ?? $0.destination }, { $0.table = 100 },
            { $0.kind = .blackhole }, { $0.scope = 253 }, { $0.typeOfService = 8 },
            { $0.gateway = IPAddress(192, 0, 2, 253) }, { $0.source = IPAddress(192, 0, 2, 2) }, { $0.metric = 51 },
            { $0.metrics = [.mtu: 1500] }, { $0.metrics = [:] },
        ]
        for change in changes {
            var other = own
            change(&other)
            #expect(!own.removalMayTake(other))
        }
    }

    @Test("IPv6: of the same metric alone, which is 1024 where none is written")
    func ipv6() throws {
        var plain = Route(to: try #require(IPPrefix("2001:db8::/32")))
        plain.gateway = IPAddress("fe80::1")
        var other = plain
        other.metric = 50
        #expect(!plain.removalMayTake(other) && !other.removalMayTake(plain))
        other.metric = 1024
        other.source = IPAddress("2001:db8::1")
        #expect(plain.removalMayTake(other) && other.removalMayTake(plain))
    }

    @Test("Rules: one of the same priority that says more; 'not' is not looked at")
    func rules() {
        let plain = RoutingRule(priority: 9, action: .lookUp(7))
        var changes: [(inout RoutingRule) -> Void] = [
            { $0.source = IPPrefix("192.0.2.0/24") }, { $0.destination = IPPrefix("192.0.2.0/24") },
            { $0.inboundInterface = "eth0" }, { $0.outboundInterface = "eth0" }, { $0.mark = 5 },
            { $0.typeOfService = 8 },
        ]
        for change in changes {
            var more = plain
            change(&more)
            #expect(plain.removalMayTake(more) && !more.removalMayTake(plain))
        }
        changes = [{ $0.priority = 8 }, { $0.action = .prohibit }, { $0.isIPv4 = false }]
        for change in changes {
            var other = plain
            change(&other)
            #expect(!plain.removalMayTake(other) && !other.removalMayTake(plain))
        }
        var inverted = plain
        inverted.isInverted = true
        #expect(plain.removalMayTake(inverted))
    }

    @Test("Each goes behind those that might be taken instead, and else the order stays")
    func order() {
        func object(_ change: (inout Route) -> Void) -> RoutingObject { .route(Self.route(change)) }
        let objects = [
            object { _ in }, .rule(RoutingRule(priority: 9, action: .blackhole)), object { $0.table = 100 },
            object { $0.metrics = [.mtu: 1400] },
            object {
                $0.metrics = [.mtu: 1400]
                $0.source = IPAddress(192, 0, 2, 1)
            },
        ]
        #expect(RoutingObject.removalOrder(of: objects) == [4, 3, 0, 1, 2])
        #expect(RoutingObject.removalOrder(of: objects.reversed()) == [0, 1, 2, 3, 4])
    }
}
