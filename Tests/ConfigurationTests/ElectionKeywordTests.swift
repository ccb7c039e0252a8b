import Addressing
import Configuration
import Foundation
import Testing

@Suite("Keywords of the election")
struct ElectionKeywordTests {
    static func read(_ extra: String, global: String = "") -> ConfigurationReader.Result {
        let before = global.isEmpty ? "" : "global_defs {\n\(global)\n}"
        return GuideFile.read(GuideFile.text(state: "BACKUP", extra: extra, before: before))
    }

    @Test("Each works in the instance, and where keepalived has a default for all, in global_defs")
    func flags() throws {
        let own = try #require(
            Self.read("down_timer_adverts 5\nhigher_prio_send_advert\nowner_ignore_adverts\nskip_check_adv_addr")
                .instance)
        #expect(own.downAdvertisements == 5)
        #expect(own.advertisesBeforeYielding)
        #expect(own.ownerIgnoresAdvertisements)
        #expect(!own.comparesAddressLists)
        let global = try #require(
            Self.read(
                "",
                global: "vrrp_down_timer_adverts 5\nvrrp_higher_prio_send_advert on\nvrrp_owner_ignore_adverts\n"
                    + "vrrp_skip_check_adv_addr\nvrrp_mcast_group4 224.0.0.99\nv3_checksum_as_v2"
            ).instance)
        #expect(global.downAdvertisements == 5)
        #expect(global.advertisesBeforeYielding)
        #expect(global.ownerIgnoresAdvertisements)
        #expect(!global.comparesAddressLists)
        #expect(global.group == IPAddress(224, 0, 0, 99))
        #expect(global.sendsPlainChecksum)
    }

    @Test("garp_lower_prio_* follow garp_master_* unless they are set")
    func contest() throws {
        let inherited = try #require(Self.read("garp_master_delay 7\ngarp_master_repeat 2").instance).gratuitousARP
        #expect(inherited.contestDelay == .seconds(7))
        #expect(inherited.contestRounds == 2)
        let own = try #require(
            Self.read("garp_lower_prio_delay 1\ngarp_lower_prio_repeat 0", global: "vrrp_garp_lower_prio_repeat 9")
                .instance
        ).gratuitousARP
        #expect(own.contestDelay == .seconds(1))
        #expect(own.contestRounds == 0)
        #expect(own.rounds == 5)
    }

    @Test("vrrp_min_garp means one announcement, unless a line asks for more")
    func minimal() throws {
        let minimal = try #require(Self.read("", global: "vrrp_min_garp").instance).gratuitousARP
        #expect(minimal.rounds == 1)
        #expect(minimal.delay == .zero)
        let more = try #require(Self.read("garp_master_repeat 3", global: "vrrp_min_garp").instance).gratuitousARP
        #expect(more.rounds == 3)
    }

    @Test("The pace of gratuitous ARPs, for all interfaces or a group of them")
    func pacing() throws {
        let result = Self.read(
            "", global: "vrrp_garp_interval 0.001\n}\ngarp_group {\ngarp_interval 0.01\ninterface eth0")
        let pacing = try #require(result.configuration).pacing
        #expect(pacing.interval == .milliseconds(1))
        #expect(pacing.groups.map(\.interval) == [.milliseconds(10)])
        #expect(pacing.groups.map(\.interfaces) == [["eth0"]])
    }

    @Test("Delays of the start")
    func delays() throws {
        let configuration = try #require(
            Self.read("", global: "vrrp_startup_delay 5.5\nvrrp_delay_after_boot 60").configuration)
        #expect(configuration.startupDelay == .milliseconds(5500))
        #expect(configuration.delayAfterBoot == .seconds(60))
    }

    @Test("Unicast: source, peers with bounds, TTL")
    func unicast() throws {
        let instance = try #require(
            Self.read(
                "unicast_src_ip 192.0.2.11\nunicast_ttl 8\n"
                    + "unicast_peer {\n192.0.2.12\n192.0.2.13 min_ttl 3 max_ttl 9\n}"
            ).instance)
        let unicast = try #require(instance.unicast)
        #expect(instance.source == IPAddress(192, 0, 2, 11))
        #expect(unicast.peers.map(\.timesToLive) == [0...255, 3...9])
        #expect(unicast.timeToLive == 8)
        // A bound switches the check on, as keepalived's manual says.
        #expect(unicast.acceptsPeersOnly)
        #expect(try #require(Self.read("unicast_peer {\n192.0.2.12\n}").instance?.unicast).acceptsPeersOnly == false)
    }

    @Test("Without a peer it stays multicast and says so; with unicast_fault_no_peer it does not")
    func noPeer() {
        let quiet = Self.read("unicast_src_ip 192.0.2.11")
        #expect(quiet.instance?.unicast == nil)
        #expect(quiet.warnings(about: "multicast"))
        #expect(Self.read("unicast_peer {\n}").warnings(about: "multicast"))
        #expect(Self.read("unicast_fault_no_peer\nunicast_peer {\n}").instance?.unicast?.peers.isEmpty == true)
    }

    @Test(
        "Nonsense is an error at its place",
        arguments: [
            "unicast_peer {\n224.0.0.1\n}", "unicast_peer {\nfe80::1\n}", "unicast_peer {\n192.0.2.12 192.0.2.13\n}",
            "unicast_peer {\n192.0.2.12 min_ttl\n}", "unicast_peer {\n192.0.2.12 min_ttl 9 max_ttl 3\n}",
            "unicast_src_ip eth0", "unicast_ttl 0", "unicast_ttl 256", "mcast_src_ip 224.0.0.18",
            "mcast_dst_ip 192.0.2.1", "down_timer_adverts 0", "down_timer_adverts 101", "higher_prio_send_advert maybe",
            "advert_int 0.5", "version 3\nadvert_int 41", "version 3\nadvert_int 0.001", "old_unicast_checksum",
        ])
    func nonsense(extra: String) {
        let result = Self.read(extra)
        #expect(result.hasErrors, "\(extra)")
        #expect(result.diagnostics.allSatisfy { $0.location.line > 1 })
    }

    @Test("Excluded addresses are placed and not advertised")
    func excluded() throws {
        let instance = try #require(
            Self.read("virtual_ipaddress_excluded {\n192.0.2.1\n192.0.2.5/24 dev eth1\n}").instance)
        #expect(instance.advertisedAddresses == [IPAddress(192, 0, 2, 1)])
        #expect(instance.addresses.map(\.prefix.description) == ["192.0.2.1/32", "192.0.2.5/24"])
    }

    @Test("docs/keywords.md is what the code says; 'failoverctl keywords' prints it")
    func table() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/keywords.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(text.hasSuffix(KeywordTable.markdown))
    }

    @Test("Version 3 takes hundredths of a second", arguments: [("0.01", 10), ("40.95", 40_950), ("0.1", 100)])
    func version3(text: String, milliseconds: Int) throws {
        let result = GuideFile.read(
            GuideFile.text(state: "BACKUP", extra: "version 3").replacing("advert_int 1", with: "advert_int \(text)"))
        #expect(try #require(result.instance).advertisementInterval == .milliseconds(milliseconds))
    }
}
