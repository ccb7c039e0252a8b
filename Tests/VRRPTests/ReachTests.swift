import Addressing
import Testing
import VRRP

@Suite("Multicast and unicast")
struct ReachTests {
    private static let own4 = IPv4Address(192, 0, 2, 12)
    private static let own = IPAddress(own4)
    private static let peer4 = IPv4Address(192, 0, 2, 11)
    private static let peer = IPAddress(peer4)

    private static func check(
        timesToLive: ClosedRange<UInt8> = 0...255, acceptsPeersOnly: Bool = false, version: ProtocolVersion = .v2
    ) -> AdvertisementCheck {
        var check = Guide.check(version: version)
        check.reach = .unicast(
            Reach.Unicast(
                own: own, peers: [Reach.UnicastPeer(address: peer, timesToLive: timesToLive)],
                acceptsPeersOnly: acceptsPeersOnly))
        return check
    }

    private static func packet(
        from source: IPv4Address = peer4, to destination: IPv4Address = own4, timeToLive: UInt8 = 255,
        version: ProtocolVersion = .v2
    ) -> [UInt8] {
        Guide.advertisement(version: version).ipv4Packet(from: source, to: destination, timeToLive: timeToLive)
    }

    @Test("By unicast the TTL does not matter, unless the peer's line says so")
    func timeToLive() throws {
        _ = try Guide.judge(Self.packet(timeToLive: 1), by: Self.check())
        _ = try Guide.judge(Self.packet(timeToLive: 60), by: Self.check(timesToLive: 60...64))
        for value: UInt8 in [59, 65] {
            #expect(throws: DropReason.timeToLive) {
                try Guide.judge(Self.packet(timeToLive: value), by: Self.check(timesToLive: 60...64))
            }
        }
    }

    @Test("Somebody who is no peer is heard, unless check_unicast_src is set")
    func strangers() throws {
        let packet = Self.packet(from: IPv4Address(192, 0, 2, 77))
        _ = try Guide.judge(packet, by: Self.check())
        #expect(throws: DropReason.peer) { try Guide.judge(packet, by: Self.check(acceptsPeersOnly: true)) }
    }

    @Test("Multicast does not reach a unicast instance, nor unicast a multicast one")
    func mixed() {
        #expect(throws: DropReason.destination) {
            try Guide.judge(Self.packet(to: Advertisement.ipv4Group), by: Self.check())
        }
        #expect(throws: DropReason.destination) { try Guide.judge(Self.packet(), by: Guide.check()) }
        #expect(throws: DropReason.destination) {
            try Guide.judge(Self.packet(to: IPv4Address(192, 0, 2, 99)), by: Self.check())
        }
    }

    @Test("Another group is as good as the standard one, and does not hear it")
    func group() throws {
        var check = Guide.check()
        check.reach = .multicast(group: IPAddress(224, 0, 0, 99))
        _ = try Guide.judge(Self.packet(to: IPv4Address(224, 0, 0, 99)), by: check)
        #expect(throws: DropReason.destination) { try Guide.judge(Self.packet(to: Advertisement.ipv4Group), by: check) }
    }

    @Test("A list of peers that names this host itself is fine: nothing is sent to it")
    func destinations() {
        let reach = Reach.unicast(
            Reach.Unicast(peers: [Reach.UnicastPeer(address: Self.own), Reach.UnicastPeer(address: Self.peer)]))
        #expect(reach.destinations(from: Self.own) == [Self.peer])
    }

    @Test("Version 3 by unicast has the real destination under its checksum")
    func version3() throws {
        let heard = try Guide.judge(Self.packet(version: .v3), by: Self.check(version: .v3))
        #expect(heard.checksumForm == .pseudoHeader)
    }

    @Test("v3_checksum_as_v2 leaves the pseudo-header out; both forms are accepted and told apart")
    func checksumForms() throws {
        var advertisement = Guide.advertisement(version: .v3)
        advertisement.checksumForm = .plain
        let packet = advertisement.ipv4Packet(from: Self.peer4)
        #expect(Guide.checksum(Array(packet[20...])) == 0)
        #expect(try Guide.judge(packet, by: Guide.check(version: .v3)).checksumForm == .plain)
    }
}
