import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// What waits for duplicate address detection, and what comes of it.
@Suite("Detection and preference of IPv6 addresses")
struct DetectionTests {
    private static func host(_ addresses: [String], extra: String = "", lease: Bool = false) throws -> TestHost {
        TestHost(
            try configuration(addresses, extra: extra, lease: lease), own: ["2001:db8::12/64"],
            extra: [IPv6HostTests.linkLocal()])
    }

    private static func configuration(
        _ addresses: [String], extra: String = "", lease: Bool = false
    ) throws -> Configuration {
        try TestFile.read(
            (lease ? "global_defs {\n address_lease 30\n}\n" : "")
                + """
                vrrp_instance Six {
                    interface eth0
                    virtual_router_id 10
                    \(extra)
                    virtual_ipaddress {
                        \(addresses.joined(separator: "\n"))
                    }
                }
                """)
    }

    @Test("A route of a master comes as soon as the address that it waits for has passed detection")
    func route() throws {
        let host = try Self.host(["fe80::51"])
        host.pass(.seconds(5))
        #expect(host.state == .master)
        host.reconfigure(
            try Self.configuration(
                ["fe80::51", "2001:db8::1/64 -nodad"],
                extra: "virtual_routes {\n 2001:db8:1::/48 via 2001:db8::9 src 2001:db8::1\n}"))
        host.pass(.milliseconds(1500))
        #expect(host.routing.isEmpty)
        host.endDetection(of: "2001:db8::1/64")
        #expect(host.routing.count == 1)
    }

    @Test("A route whose source address went and came back is put on anew: the kernel kept it without its source")
    func sourceOfRoute() throws {
        let host = try Self.host(
            ["fe80::51", "2001:db8::1/64"],
            extra:
                "virtual_routes {\n 2001:db8:1::/48 via 2001:db8::9 src 2001:db8::1\n 2001:db8:2::/48 via 2001:db8::9\n}"
        )
        host.pass(.seconds(5))
        let wanted = host.routing
        #expect(wanted.count == 2)
        for place in host.routing.indices {
            guard case .route(var route) = host.routing[place] else { continue }
            route.source = nil
            host.routing[place] = .route(route)
        }
        host.forgetLog()
        host.give(.addressRemoved(TestHost.key("2001:db8::1/64")))
        host.pass(.seconds(1))
        #expect(host.has("2001:db8::1/64"))
        #expect(Set(host.routing) == Set(wanted))
        #expect(host.requests.count { if case .removeRouting = $0 { true } else { false } } == 1)
        #expect(host.events.allSatisfy { if case .routingChanged = $0 { false } else { true } })
    }

    @Test("A refused takeover stays a finding until one succeeds")
    func refusedTakeover() throws {
        let host = try Self.host(["fe80::51"])
        host.refuseAddition = { _ in KernelRefusal(code: 22, text: "Invalid argument") }
        host.pass(.seconds(5))
        while host.state != .backup { host.pass(.milliseconds(100)) }
        let names = host.core.health(at: host.now).findings.map(\.code.name)
        #expect(names == [.lastTakeoverRefused])
        #expect(host.core.health(at: host.now).level == .critical)
        host.refuseAddition = { _ in nil }
        host.pass(.seconds(6))
        #expect(host.state == .master)
        #expect(host.core.health(at: host.now).findings.isEmpty)
        let better = Advertisement(
            version: .v3, virtualRouterID: 10, priority: 200, interval: .seconds(1),
            addresses: [try #require(IPAddress("fe80::51"))])
        host.hear(better.ipv6Packet(from: try #require(IPv6Address("fe80::13"))))
        #expect(host.state == .backup)
        #expect(!host.core.health(at: host.now).findings.contains { $0.code.name == .lastTakeoverRefused })
    }

    @Test("A handover waits for a successor that has to detect duplicates first")
    func handoverWaits() throws {
        let host = try Self.host(["fe80::51 -nodad"])
        host.pass(.seconds(4))
        host.endDetection(of: "fe80::51/128")
        host.pass(.seconds(1))
        #expect(host.state == .master)
        host.handOver(HandoverOrder(requestedBy: "root", requestedAt: "-"))
        host.pass(.milliseconds(4900))
        #expect(host.state == .leaving)
        host.pass(.milliseconds(200))
        #expect(host.state != .leaving)
    }

    @Test("With a lease the kernel takes off what fails: the host says so, and stands back for 1 to 4 s")
    func failsWithLease() throws {
        let host = try Self.host(["2001:db8::1/64 -nodad"], lease: true)
        host.pass(.seconds(5))
        #expect(host.has("2001:db8::1/64"))
        host.give(.addressRemoved(TestHost.key("2001:db8::1/64")))
        #expect(host.state == .fault && !host.has("2001:db8::1/64"))
        #expect(host.events.count { if case .detectionFailed = $0 { true } else { false } } == 1)
        #expect(
            IPv6HostTests.faults(host) == [.addressInUse(try #require(IPPrefix("2001:db8::1/64")), interface: "eth0")])
        host.pass(.milliseconds(900))
        #expect(host.state == .fault)
        host.pass(.seconds(9))
        #expect(host.has("2001:db8::1/64"))
        host.endDetection(of: "2001:db8::1/64")
        #expect(host.state == .master)
    }

    @Test("The core's look at itself finds nothing while an address is in detection")
    func audit() throws {
        let host = try Self.host(["2001:db8::1/64 -nodad"])
        host.pass(.seconds(5))
        host.audit()
        #expect(!host.events.contains { if case .repaired = $0 { true } else { false } })
        host.endDetection(of: "2001:db8::1/64")
        #expect(host.state == .master)
    }

    @Test(
        "A reload with another preferred lifetime changes it where the address is, once",
        arguments: [("100", "200"), ("0", "100"), ("100", "forever"), ("forever", "0"), ("0", "forever"), ("9", "0")])
    func preference(old: String, new: String) throws {
        let host = try Self.host(["fe80::51", "2001:db8::1/64 preferred_lft \(old)"])
        host.pass(.seconds(10))
        #expect(host.state == .master)
        host.forgetLog()
        host.reconfigure(try Self.configuration(["fe80::51", "2001:db8::1/64 preferred_lft \(new)"]))
        host.pass(.seconds(60))
        let renewed = host.log.compactMap { entry -> AddressAssignment? in
            if case .renewAddress(let assignment) = entry.effect { assignment } else { nil }
        }
        #expect(renewed.map(\.preferredLifetime) == [UInt32(new)])
        #expect(host.requests.isEmpty)
    }

    @Test("Where somebody else changes the preference again and again, it is put right after a pause, too")
    func contestedPreference() throws {
        let host = try Self.host(["fe80::51", "2001:db8::1/64"])
        host.pass(.seconds(10))
        for _ in 0..<10 {
            var address = try #require(host.addresses.first { $0.key == TestHost.key("2001:db8::1/64") })
            address.isDeprecated = true
            host.give(.address(address))
        }
        #expect(host.addresses.contains { $0.isDeprecated && $0.key.prefix.length == 64 })
        host.pass(.seconds(2))
        #expect(!host.addresses.contains { $0.isDeprecated && $0.key.prefix.length == 64 })
    }

    @Test("Nor had anybody where a reload names another peer")
    func peer() throws {
        let host = try Self.host(["fe80::51", "2001:db8:1::1 peer 2001:db8:1::9"])
        host.pass(.seconds(9))
        #expect(host.state == .master)
        host.forgetLog()
        host.reconfigure(try Self.configuration(["fe80::51", "2001:db8:1::1 peer 2001:db8:1::8"]))
        host.pass(.seconds(2))
        #expect(host.addresses.contains { $0.peer == IPAddress("2001:db8:1::8") })
        #expect(host.events.contains { if case .addressAdded = $0 { true } else { false } })
        #expect(!host.events.contains { if case .addressRestored = $0 { true } else { false } })
    }

    @Test("An address that this host has given up for a successor that never came is added: nobody had taken it away")
    func givenUp() throws {
        let host = try Self.host(["fe80::51", "2001:db8::1/64"])
        host.pass(.seconds(9))
        host.handOver(HandoverOrder(requestedBy: "root", requestedAt: "-"))
        host.forgetLog()
        host.pass(.seconds(7))
        #expect(host.state == .master && host.has("2001:db8::1/64"))
        #expect(host.events.count { if case .addressAdded = $0 { true } else { false } } == 2)
        #expect(!host.events.contains { if case .addressRestored = $0 { true } else { false } })
    }
}
