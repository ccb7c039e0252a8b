import Addressing
import CNetlink
import Glibc
import Testing

@testable import Kernel

@Suite("Routes and rules, as rtnetlink is asked for them and tells of them")
struct RoutingMessageTests {
    private static func prefix(_ text: String) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: .unspecified) }

    static var objects: [RoutingObject] {
        var full = Route(to: prefix("198.51.100.0/24"))
        full.gateway = IPAddress(192, 0, 2, 254)
        full.interface = InterfaceIndex(rawValue: 7)
        full.source = IPAddress(192, 0, 2, 1)
        full.table = 1000
        full.metric = 50
        full.scope = 200
        full.typeOfService = 0x10
        full.isOnLink = true
        full.metrics = [.mtu: 1400, .advmss: 1200, .initrwnd: 9]
        full.isMTULocked = true
        var ipv6 = Route(to: prefix("2001:db8::/32"))
        ipv6.gateway = IPAddress("fe80::1")
        ipv6.interface = InterfaceIndex(rawValue: 7)
        ipv6.metric = 1024
        var hole = Route(to: prefix("10.0.0.0/8"))
        hole.kind = .blackhole
        var rule = RoutingRule(priority: 1000, action: .lookUp(1000))
        rule.source = prefix("192.0.2.0/24")
        rule.destination = prefix("198.51.100.7/32")
        rule.inboundInterface = "eth0"
        rule.outboundInterface = "eth1"
        rule.mark = 5
        rule.markMask = 0xFF
        rule.typeOfService = 8
        rule.isInverted = true
        let other = RoutingRule(priority: 0, isIPv4: false, action: .prohibit)
        let defaults = ["0.0.0.0/0", "::/0"].map { RoutingObject.route(Route(to: prefix($0))) }
        return defaults + [.route(full), .route(ipv6), .route(hole), .rule(rule), .rule(other)]
    }

    @Test("what is asked for is what is told", arguments: objects)
    func roundTrip(object: RoutingObject) throws {
        for request in [try RouteRequestMessage.set(object), try RouteRequestMessage.remove(object)] {
            try read(request.bytes(sequence: 7)) { message in
                #expect(message.routingObject.map { object.matches($0) } == true)
                #expect(message.isOurRouting)
                #expect(message.sequence == 7)
            }
        }
    }

    @Test("IPv6 is asked to remove a route of its metric, not of any; IPv4 knows no way to say 0")
    func metric() throws {
        for object in Self.objects {
            guard case .route(let route) = object else { continue }
            try read(RouteRequestMessage.remove(object).bytes(sequence: 1)) { message in
                guard case .route(let asked)? = message.routingObject else {
                    Issue.record("it is no route")
                    return
                }
                #expect(asked.metric == (route.isIPv4 ? route.metric : route.effectiveMetric))
            }
        }
    }

    @Test("IPv4 stands before others; IPv6 and rules refuse a second one")
    func flags() throws {
        for (object, flags) in [
            (Self.objects[2], NLM_F_CREATE), (Self.objects[3], NLM_F_CREATE | NLM_F_EXCL),
            (Self.objects[5], NLM_F_CREATE | NLM_F_EXCL),
        ] {
            let bytes = try RouteRequestMessage.set(object).bytes(sequence: 1)
            #expect(Int32(bytes[6]) | Int32(bytes[7]) << 8 == flags | NLM_F_REQUEST | NLM_F_ACK)
        }
    }

    @Test("the fixed part of a route, octet by octet")
    func header() throws {
        let bytes = try RouteRequestMessage.set(Self.objects[2]).bytes(sequence: 1)
        // Family, lengths, type of service, RT_TABLE_COMPAT, our protocol number, scope, RTN_UNICAST, RTNH_F_ONLINK.
        #expect(Array(bytes[16..<28]) == [2, 24, 0, 0x10, 252, 250, 200, 1, 4, 0, 0, 0])
    }

    @Test("what is cut short, or of another kind, is nothing")
    func nothing() throws {
        var bytes = try RouteRequestMessage.set(Self.objects[2]).bytes(sequence: 1)
        // RTN_LOCAL
        bytes[23] = 2
        #expect(try read(bytes) { $0.routingObject } == nil)
        bytes[23] = 1
        // A destination that is longer than an address.
        bytes[17] = 33
        #expect(try read(bytes) { $0.routingObject } == nil)
        bytes[0] = 20
        #expect(try read(Array(bytes[..<20])) { $0.routingObject } == nil)
        // Another program's.
        var other = try RouteRequestMessage.set(Self.objects[2]).bytes(sequence: 1)
        other[21] = 18
        #expect(try read(other) { $0.isOurRouting } == false)
    }

    @Test("a mark of 0 is told by its mask")
    func mark() throws {
        var rule = RoutingRule(priority: 5, action: .blackhole)
        rule.mark = 0
        rule.markMask = 0xF
        #expect(try read(RouteRequestMessage.set(.rule(rule)).bytes(sequence: 1)) { $0.routingObject } == .rule(rule))
    }
}
