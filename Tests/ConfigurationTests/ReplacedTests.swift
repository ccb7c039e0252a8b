import Addressing
import Configuration
import Testing

/// Each line was given to keepalived 2.2.7; the values are those that it then used.
@Suite("A value that keepalived replaces: an error in --check, keepalived's own value after a migration")
struct ReplacedTests {
    private static func migrate(_ text: String) throws -> Migration {
        try Migration("/k/keepalived.conf", as: "/f/new.conf", from: MemoryFiles(["/k/keepalived.conf": text]))
    }

    private static func instance(_ lines: String, addresses: String = "192.0.2.1") -> String {
        "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n \(lines)\n virtual_ipaddress {\n  \(addresses)\n }\n}\n"
    }

    @Test(
        "Numbers out of their range, and words that are none",
        arguments: [
            ("priority 0", "priority 100"), ("priority 256", "priority 100"), ("priority 100,x", "priority 100"),
            ("priority 90\n priority x", "priority 100"), ("advert_int 1.5", "advert_int 2"),
            ("advert_int 0.5", "advert_int 1"), ("version 3\n advert_int 50", "advert_int 40.95"),
            ("version 3\n advert_int 0.015", "advert_int 0.02"), ("garp_master_delay x", "garp_master_delay 0"),
            ("garp_master_repeat 0", "garp_master_repeat 1"), ("garp_master_refresh 9s", "garp_master_refresh 9"),
            ("preempt_delay 9\n preempt_delay -1", "preempt_delay 0"),
            ("@^n2 advert_int 2.5 # x", "@^n2 advert_int 3 # x"),
        ])
    func numbers(lines: String, used: String) throws {
        #expect(GuideFile.read(Self.instance(lines)).hasErrors)
        let migration = try Self.migrate(Self.instance(lines))
        #expect(String(decoding: migration.text, as: UTF8.self).contains("\n \(used)\n"))
        #expect(migration.replaced.count == 1)
        #expect(migration.replaced.first?.reason.hasPrefix("keepalived uses '") == true)
        #expect(migration.dropped.isEmpty && migration.ignored.isEmpty)
    }

    @Test(
        "Lines that it ignores: an earlier line, or the default, stays",
        arguments: [
            "advert_int 0", "advert_int 256", "version 1", "down_timer_adverts 0", "unicast_ttl 256",
            "mcast_src_ip foo",
            "mcast_dst_ip 10.0.0.1", "lower_prio_no_advert maybe", "strict_mode maybe", "garp_master_delay -1",
            "interface abcdefghijklmnopq", "virtual_router_id 907", "skip_check_adv_addr maybe", "auth_pass x",
            "authentication {\n auth_type PASS;\n }",
        ])
    func ignored(lines: String) throws {
        #expect(GuideFile.read(Self.instance(lines)).hasErrors)
        let migration = try Self.migrate(Self.instance(lines))
        let plain = try Self.migrate(Self.instance(""))
        #expect(migration.configuration.isEquivalent(to: plain.configuration))
        #expect(migration.ignored.count == 1)
    }

    @Test(
        "Addresses, and what stands behind them",
        arguments: [
            ("foo\n 192.0.2.1", ["192.0.2.1/32"]), ("192.0.2.1/33", ["192.0.2.1/32"]),
            ("192.0.2.1/24/24", ["192.0.2.1/24"]), ("192.0.2.1 scope foo", ["192.0.2.1/32"]),
            ("192.0.2.1 foo label eth0:1", ["192.0.2.1/32"]), ("192.0.2.1 192.0.2.2", ["192.0.2.1/32"]),
            ("192.0.2.1 brd foo\n192.0.2.3", ["192.0.2.3/32"]), ("192.0.2.1 label\n192.0.2.3", ["192.0.2.3/32"]),
            ("192.0.2.1 label abcdefghijklmnopq\n192.0.2.3", ["192.0.2.3/32"]), ("192.0.2.1,192.0.2.2", []),
        ] as [(String, [String])])
    func addresses(lines: String, used: [String]) throws {
        #expect(GuideFile.read(Self.instance("", addresses: lines)).hasErrors)
        let migration = try Self.migrate(Self.instance("", addresses: lines))
        #expect(migration.configuration.instances.first?.addresses.map { "\($0.prefix)" } == used)
        #expect(migration.dropped.isEmpty)
    }

    @Test("Peers: keepalived takes the first one of a line")
    func peers() throws {
        let text = Self.instance("unicast_peer {\n foo\n 192.0.2.12 192.0.2.13\n }")
        let migration = try Self.migrate(text)
        #expect(migration.configuration.instances.first?.unicast?.peers.map { "\($0.address)" } == ["192.0.2.12"])
        #expect(migration.ignored.count == 1 && migration.replaced.count == 1)
    }

    @Test(
        "Where keepalived does not start, or does what is not possible here, a person decides: the line is told",
        arguments: [
            ("priority", 4), ("virtual_router_id", 4), ("unicast_src_ip", 4), ("advert_int", 4),
            ("authentication {\n auth_type AH\n auth_pass x\n }", 5),
        ])
    func undecided(lines: String, line: Int) throws {
        let failure = #expect(throws: Migration.Failure.self) { _ = try Self.migrate(Self.instance(lines)) }
        #expect(failure?.diagnostics.map(\.location.line) == [line], "\(failure?.diagnostics ?? [])")
    }

    @Test(
        "A number that no virtual router has, with the line of the number",
        arguments: ["virtual_router_id 907", "virtual_router_id 0"])
    func number(line: String) throws {
        let text = Self.instance("").replacing("virtual_router_id 51", with: line)
        let failure = #expect(throws: Migration.Failure.self) { _ = try Self.migrate(text) }
        #expect(failure?.diagnostics.map(\.location.line) == [3])
    }

    @Test(
        "Words that keepalived does not look at are warnings, and count",
        arguments: ["nopreempt 1", "nopreempt maybe", "preempt delay 300", "check_unicast_src x", "track_src_ip no"])
    func unread(line: String) {
        let result = GuideFile.read(GuideFile.text(state: "BACKUP", extra: line))
        #expect(!result.hasErrors)
        #expect(result.warnings(about: "keepalived does not look at this word"))
    }

    @Test("The length behind a router's own address is passed over")
    func length() {
        let result = GuideFile.read(
            GuideFile.text(extra: "unicast_src_ip 192.0.2.11/24\nunicast_peer {\n192.0.2.12/24\n}"))
        #expect(result.instance?.source.map { "\($0)" } == "192.0.2.11")
        #expect(result.instance?.unicast?.peers.map { "\($0.address)" } == ["192.0.2.12"])
        #expect(result.warnings(about: "a single address is meant"))
    }
}
