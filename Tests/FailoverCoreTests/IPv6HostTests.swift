import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// A host with a virtual router of IPv6: from which address it speaks, which addresses it holds, what it announces.
@Suite("A virtual router of IPv6")
struct IPv6HostTests {
    static let own = "fe80::12/64"

    static func configuration(
        _ addresses: [String] = ["fe80::51", "2001:db8::1/64"], extra: String = "", priority: Int = 100
    ) throws -> Configuration {
        try TestFile.read(
            """
            vrrp_instance Six {
                interface eth0
                virtual_router_id 10
                priority \(priority)
                \(extra)
                virtual_ipaddress {
                    \(addresses.joined(separator: "\n"))
                }
            }
            """)
    }

    static func linkLocal(
        _ text: String = own, _ detection: DuplicateDetection = .done
    ) -> InterfaceAddress {
        var address = InterfaceAddress(
            key: TestHost.key(text), scope: AddressScope.link.rawValue, createdAt: 1)
        address.detection = detection
        return address
    }

    static func host(
        _ configuration: Configuration, own: [String] = ["2001:db8::12/64"], extra: [InterfaceAddress] = [linkLocal()]
    ) -> TestHost {
        TestHost(configuration, own: own, extra: extra)
    }

    static func advertisement(
        _ priority: UInt8, from source: String = "fe80::13", addresses: [String] = ["fe80::51", "2001:db8::1"]
    ) throws -> [UInt8] {
        let advertisement = Advertisement(
            version: .v3, virtualRouterID: 10, priority: priority, interval: .seconds(1),
            addresses: addresses.compactMap { IPAddress($0) })
        return advertisement.ipv6Packet(from: try #require(IPv6Address(source)))
    }

    static func faults(_ host: TestHost) -> [Fault] {
        host.events.compactMap { if case .stateChanged(_, _, .fault, .fault(let fault)) = $0 { fault } else { nil } }
    }

    // MARK: - The source

    @Test("It speaks from the interface's link-local address, never from a shared one or a global one")
    func source() throws {
        let host = Self.host(
            try Self.configuration(), extra: [Self.linkLocal("fe80::51/128"), Self.linkLocal()])
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(host.core.instances[host.core.routers[0]].source == IPAddress("fe80::12"))
    }

    @Test(
        "Without a link-local address in use it takes no part, and says what is with the one that is there",
        arguments: [nil, DuplicateDetection.tentative, .failed])
    func noSource(detection: DuplicateDetection?) throws {
        let host = Self.host(
            try Self.configuration(), extra: detection.map { [Self.linkLocal(Self.own, $0)] } ?? [])
        host.pass(.seconds(10))
        #expect(host.state == .fault)
        #expect(host.fault == .noLinkLocalAddress("eth0", detection))
        #expect(host.requests.isEmpty)
        host.give(.address(Self.linkLocal()))
        #expect(host.state == .backup)
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test("IPv4 addresses are no source for it, and its link-local address is none for a virtual router of IPv4")
    func familiesApart() throws {
        let host = TestHost(try Self.configuration(), own: ["192.0.2.12/24"])
        #expect(host.fault == .noLinkLocalAddress("eth0", nil))
        let four = TestHost(try TestFile.guide(), own: ["2001:db8::12/64"], extra: [Self.linkLocal()])
        #expect(four.fault == .noSourceAddress("eth0"))
    }

    @Test("Of several the first one stays in use while it is there")
    func severalSources() throws {
        let host = Self.host(
            try Self.configuration(), extra: [Self.linkLocal("fe80::20/64"), Self.linkLocal("fe80::10/64")])
        let router = host.core.routers[0]
        #expect(host.core.instances[router].source == IPAddress("fe80::20"))
        host.give(.addressRemoved(TestHost.key("fe80::20/64")))
        #expect(host.core.instances[router].source == IPAddress("fe80::10"))
    }

    // MARK: - Addresses

    @Test("Addresses are added without detection, and one of 128 bits so that it is never a source")
    func addition() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(4))
        let added = host.requests.compactMap { effect -> AddressAssignment? in
            if case .addAddress(_, let assignment) = effect { assignment } else { nil }
        }
        #expect(added.map(\.preferredLifetime) == [0, nil])
        #expect(added.allSatisfy { !$0.detectsDuplicates && $0.isMarked })
        #expect(host.events.allSatisfy { if case .addressRefitted = $0 { false } else { true } })
    }

    @Test("With -nodad the host is master only when the kernel has found nobody else who has the address")
    func detection() throws {
        let host = Self.host(try Self.configuration(["2001:db8::1/64 -nodad"]))
        host.pass(.seconds(5))
        #expect(host.has("2001:db8::1/64") && host.state == .backup)
        #expect(host.advertisements().isEmpty && host.announcements().isEmpty)
        host.endDetection(of: "2001:db8::1/64")
        #expect(host.state == .master)
        #expect(host.advertisements().count == 1 && host.announcements().count == 1)
    }

    @Test("With -nodad a host that finds another one stands back for 1 to 4 s, and tries again")
    func detectionFails() throws {
        let host = Self.host(try Self.configuration(["2001:db8::1/64 -nodad"]))
        host.pass(.seconds(5))
        host.endDetection(of: "2001:db8::1/64", .failed)
        #expect(host.state == .fault && !host.has("2001:db8::1/64"))
        #expect(Self.faults(host) == [.addressInUse(try #require(IPPrefix("2001:db8::1/64")), interface: "eth0")])
        host.pass(.milliseconds(900))
        #expect(host.state == .fault)
        host.pass(.milliseconds(3200))
        #expect(host.state == .backup)
        host.pass(.seconds(5))
        #expect(host.has("2001:db8::1/64"))
        host.endDetection(of: "2001:db8::1/64")
        #expect(host.state == .master)
    }

    @Test("An address of a master that fails detection, as somebody else has added it, is added anew and announced")
    func detectionOfOthers() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(10))
        let announced = host.announcements().count
        host.endDetection(of: "2001:db8::1/64", .failed)
        #expect(host.state == .master && host.has("2001:db8::1/64"))
        #expect(host.addresses.first { $0.key == TestHost.key("2001:db8::1/64") }?.detection == .done)
        #expect(host.events.contains { if case .detectionFailed = $0 { true } else { false } })
        #expect(host.events.contains { if case .addressRestored = $0 { true } else { false } })
        #expect(host.announcements().count == announced + 1)
    }

    @Test("A reload that gives a master an address with -nodad advertises and announces it when it is in use")
    func newAddress() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(10))
        host.reconfigure(try Self.configuration(["fe80::51", "2001:db8::1/64", "2001:db8::2/64 -nodad"]))
        host.forgetLog()
        host.pass(.seconds(2))
        #expect(host.log.allSatisfy { if case .announce = $0.effect { false } else { true } })
        host.endDetection(of: "2001:db8::2/64")
        host.pass(.seconds(2))
        let announced = host.log.compactMap { entry -> [IPAddress]? in
            if case .announce(_, _, let addresses, _) = entry.effect { addresses } else { nil }
        }
        #expect(announced.first == [try #require(IPAddress("2001:db8::2"))])
        let last = host.log.compactMap { entry -> [UInt8]? in
            if case .advertise(_, _, _, _, let packet) = entry.effect { packet } else { nil }
        }.last
        #expect(last?[43] == 3)
    }

    @Test("Another length takes the place of the old one in one write: the kernel has an address only once")
    func otherLength() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(10))
        host.forgetLog()
        host.reconfigure(try Self.configuration(["fe80::51", "2001:db8::1/128"]))
        #expect(host.state == .master && host.has("2001:db8::1/128") && !host.has("2001:db8::1/64"))
        let kinds = host.requests.map { effect in
            switch effect {
            case .removeAddress(_, let key): "- \(key.prefix)"
            case .addAddress(_, let assignment): "+ \(assignment.key.prefix)"
            default: "?"
            }
        }
        #expect(kinds == ["- 2001:db8::1/64", "+ 2001:db8::1/128"])
    }

    @Test("Whether connections may choose it is put right where it is")
    func preference() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(10))
        host.forgetLog()
        host.reconfigure(try Self.configuration(["fe80::51", "2001:db8::1/64 preferred_lft 0"]))
        let renewed = host.log.compactMap { entry -> UInt32? in
            if case .renewAddress(let assignment) = entry.effect { assignment.preferredLifetime } else { nil }
        }
        #expect(renewed == [0] && host.requests.isEmpty)
    }

    @Test("The host's own copy is never removed")
    func hostsOwn() throws {
        let host = Self.host(try Self.configuration(), own: ["2001:db8::12/64", "2001:db8::1/64"])
        host.pass(.seconds(5))
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(host.has("2001:db8::1/64") && !host.has("fe80::51/128"))
    }

    @Test(
        "The interface goes down and loses all of them: what was ours comes back, when the host's own address is there")
    func adminDown() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(5))
        for address in host.addresses { host.give(.addressRemoved(address.key)) }
        host.give(.link(TestHost.link(up: false, running: false)))
        #expect(host.state == .fault)
        host.give(.link(TestHost.link()))
        host.give(.address(Self.linkLocal(Self.own, .tentative)))
        host.pass(.seconds(2))
        #expect(host.state == .fault)
        host.give(.address(Self.linkLocal()))
        host.pass(.seconds(4))
        #expect(host.state == .master && host.has("fe80::51/128") && host.has("2001:db8::1/64"))
        #expect(!host.has("2001:db8::12/64"), "that is not the agent's to bring back")
    }

    // MARK: - The others

    @Test("A better router is followed, and a worse one is answered; between equal priorities the higher address wins")
    func election() throws {
        let host = Self.host(try Self.configuration())
        host.hear(try Self.advertisement(200))
        host.pass(.seconds(3))
        #expect(host.state == .backup)
        host.hear(try Self.advertisement(0))
        host.pass(.seconds(1))
        #expect(host.state == .master)
        host.hear(try Self.advertisement(100, from: "fe80::11"))
        #expect(host.state == .master)
        host.hear(try Self.advertisement(100, from: "fe80::13"))
        #expect(host.state == .backup && !host.has("2001:db8::1/64"))
    }

    @Test("A virtual router of each family has the same number, and each hears its own")
    func sameNumber() throws {
        var configuration = try Self.configuration()
        configuration.instances += try TestFile.guide().instances
        let host = TestHost(configuration, extra: [Self.linkLocal()])
        host.hear(try Self.advertisement(200))
        host.pass(.seconds(2))
        host.hear(try Self.advertisement(200))
        host.pass(.seconds(2))
        #expect(host.core.status(of: host.core.routers[0]).state == .backup)
        #expect(host.core.status(of: host.core.routers[1]).state == .master)
    }

    @Test(
        "A leaving master keeps its addresses until a program like this one has announced them; those with -nodad go at once"
    )
    func leaving() throws {
        let host = Self.host(try Self.configuration(["fe80::51", "2001:db8::1/64 -nodad"]))
        // It was heard once.
        host.hear(try Self.advertisement(90))
        host.pass(.seconds(4))
        host.endDetection(of: "2001:db8::1/64")
        host.pass(.seconds(5))
        host.give(.stop)
        #expect(host.has("fe80::51/128") && !host.has("2001:db8::1/64"))
        host.pass(.milliseconds(600))
        host.hear(try Self.advertisement(90))
        #expect(host.has("fe80::51/128"))
        host.hearAnnouncement("fe80::51")
        host.pass(.milliseconds(20))
        #expect(!host.has("fe80::51/128"))
    }

    /// - Parameter isAgent: the flow label is this program's.
    private static func other(_ packet: [UInt8], isAgent: Bool) -> [UInt8] {
        var packet = packet
        if !isAgent { packet.replaceSubrange(2..<4, with: [0x0B, 0xC6]) }
        return packet
    }

    @Test("Before a successor that was never heard they go, once nobody has said that it adds them at once")
    func unknownSuccessor() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(9))
        host.give(.stop)
        host.pass(.milliseconds(49))
        #expect(host.has("fe80::51/128") && host.has("2001:db8::1/64"))
        host.pass(.milliseconds(2))
        #expect(!host.has("fe80::51/128") && !host.has("2001:db8::1/64"))
        #expect(host.advertisements().last?.priority == 0)
    }

    @Test("Nobody takes over after a handover: they come back")
    func nobodyTookOver() throws {
        let host = Self.host(try Self.configuration())
        host.pass(.seconds(9))
        host.handOver(HandoverOrder(requestedBy: "root", requestedAt: "-"))
        host.pass(.milliseconds(60))
        #expect(!host.has("2001:db8::1/64"))
        host.pass(.seconds(6))
        #expect(host.state == .master && host.has("2001:db8::1/64"))
    }

    @Test(
        "A keepalived that was heard adds them at once; FRR, whose hardware address is the virtual one, may not",
        arguments: [(0x02_0000_0000_0D, true), (0x00_005E_0002_0A, false)] as [(UInt64, Bool)])
    func heardSuccessor(hardwareAddress: UInt64, stays: Bool) throws {
        let host = Self.host(try Self.configuration())
        let packet = Self.other(try Self.advertisement(90), isAgent: false)
        host.hear(packet)
        host.ask { core, now in
            core.beginListening()
            core.see(packet.span, on: TestHost.eth0, from: MACAddress(rawValue: hardwareAddress), at: now)
        }
        host.pass(.seconds(9))
        host.give(.stop)
        host.pass(.milliseconds(300))
        #expect(host.has("2001:db8::1/64") == stays)
    }

    @Test("A backup answers the resignation of a program like this one, and that master keeps its addresses")
    func answer() throws {
        let backup = Self.host(try Self.configuration(), extra: [Self.linkLocal("fe80::13/64")])
        let master = Self.host(try Self.configuration())
        master.pass(.seconds(9))
        backup.hear(try Self.advertisement(200, from: "fe80::12"))
        backup.forgetLog()
        backup.hear(Self.other(try Self.advertisement(0, from: "fe80::12"), isAgent: false))
        func answers() -> [[UInt8]] {
            backup.log.compactMap { entry in
                if case .tryToSend(_, _, let destination, let packet) = entry.effect,
                    destination == IPAddress("fe80::12")
                {
                    packet
                } else {
                    nil
                }
            }
        }
        #expect(answers().isEmpty, "keepalived asks for nothing")
        backup.hear(try Self.advertisement(0, from: "fe80::12"))
        let answer = try #require(answers().first)
        master.give(.stop)
        master.pass(.milliseconds(2))
        // Damaged, it says nothing.
        var damaged = answer
        damaged[47] ^= 1
        master.hear(damaged)
        #expect(master.core.instances[master.core.routers[0]].wayOut.doubtsSuccessor)
        master.hear(answer)
        master.pass(.milliseconds(300))
        #expect(master.has("fe80::51/128") && master.has("2001:db8::1/64"))
        #expect(master.core.strays.isEmpty && backup.state == .backup)
    }

    @Test("A backup whose addresses are detected first does not answer")
    func noAnswer() throws {
        let backup = Self.host(try Self.configuration(["2001:db8::1/64 -nodad"]))
        backup.hear(try Self.advertisement(200))
        backup.hear(try Self.advertisement(0))
        #expect(backup.log.allSatisfy { if case .tryToSend = $0.effect { false } else { true } })
    }

    @Test("Addresses of the other family come and go with it, and are announced their own way")
    func excluded() throws {
        let host = Self.host(
            try Self.configuration(extra: "virtual_ipaddress_excluded {\n192.0.2.100/24\n}"),
            own: ["192.0.2.12/24"])
        host.pass(.seconds(4))
        #expect(host.has("192.0.2.100/24"))
        let announced = host.log.compactMap { entry -> Set<IPFamily>? in
            if case .announce(_, _, let addresses, _) = entry.effect { Set(addresses.map(\.family)) } else { nil }
        }
        #expect(announced.allSatisfy { $0.count == 1 } && Set(announced) == [[.ipv4], [.ipv6]])
    }
}
