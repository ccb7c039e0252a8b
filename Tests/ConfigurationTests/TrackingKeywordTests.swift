import Addressing
import Configuration
import Testing

@Suite("Keywords of tracking")
struct TrackingKeywordTests {
    private func read(_ lines: String, extra: String = "", before: String = "") -> ConfigurationReader.Result {
        GuideFile.read(
            GuideFile.text(
                state: "BACKUP", extra: "\(extra)\ntrack_interface {\n\(lines)\n}", before: before))
    }

    private func messages(_ result: ConfigurationReader.Result) -> [String] {
        result.diagnostics.map { "\($0.severity): \($0.message)" }
    }

    @Test("An interface, its weight, and 'reverse', in one order or the other")
    func lines() throws {
        let result = read("eth1\neth2 weight -20\neth3 weight +5 reverse\neth4 reverse weight 253")
        #expect(result.diagnostics.isEmpty)
        let lines = try #require(result.instance).tracked
        #expect(lines.map(\.tracker.name) == ["eth1", "eth2", "eth3", "eth4"])
        #expect(lines.map(\.weight) == [0, -20, 5, 253])
        #expect(lines.map(\.isReversed) == [false, false, true, true])
    }

    @Test("The own interface is watched anyway: a warning, whatever else the line says")
    func own() throws {
        let result = read("eth0 weight=5")
        #expect(result.instance?.tracked.isEmpty == true)
        #expect(
            messages(result) == [
                "warning: eth0 is the instance's own interface, which is watched anyway: delete the line"
            ])
    }

    @Test(
        "What keepalived passes over or takes for something else is an error that says so",
        arguments: [
            ("eth1 weight", "'weight' needs a whole number from -253 to 253: keepalived passes over this line"),
            ("eth1 weight=5", "write 'eth1 weight 5': keepalived passes over this line"),
            (
                "eth1 weight 255",
                "'weight' takes a whole number from -253 to 253: keepalived takes this one for 0, and the instance is in fault while "
                    + "eth1 is down"
            ),
            ("eth1 weight abc", "'weight' takes a whole number from -253 to 253"),
            ("eth1 weight 5.5", "'weight' takes a whole number from -253 to 253"),
            ("eth1 weight 5 round", "unknown option of a tracked interface: weight and reverse are known"),
            ("eth1 eth2", "unknown option of a tracked interface: weight and reverse are known"),
        ])
    func errors(line: String, message: String) {
        #expect(messages(read(line)) == ["error: \(message)"])
    }

    @Test(
        "A migration writes what keepalived makes of it: no line, or the number that it uses",
        arguments: [
            ("eth1 weight", nil), ("eth1 weight=5", nil), ("eth1 eth2", nil), ("eth1 weight 255", 0),
            ("eth1 weight abc", 0), ("eth1 weight 5.5", 5), ("eth1 weight 5 round", 5),
        ] as [(String, Int?)])
    func migrated(line: String, weight: Int?) throws {
        let text = GuideFile.text(state: "BACKUP", extra: "track_interface {\n\(line)\n}")
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.instances.first?.tracked.map(\.weight) == (weight.map { [$0] } ?? []))
        #expect(migration.ignored.count == (weight == nil ? 1 : 0))
        #expect(migration.replaced.count == (weight == nil ? 0 : 1))
        #expect(migration.dropped.isEmpty)
    }

    @Test("254 counts as 253, as in keepalived")
    func largest() throws {
        let result = read("eth1 weight -254")
        #expect(messages(result) == ["warning: -254 counts as -253, as in keepalived"])
        #expect(result.instance?.tracked.map(\.weight) == [-253])
    }

    @Test(
        "A line that is there already, one for an owner, and a weight where an address decides: each without effect, and warned of"
    )
    func withoutEffect() throws {
        let twice = read("eth1 weight 5\neth1 weight 6")
        #expect(twice.instance?.tracked.map(\.weight) == [5])
        #expect(messages(twice).first?.hasPrefix("warning: eth1 is tracked already, at ") == true)
        let owner = read("eth1 weight 5\neth2", extra: "priority 255")
        #expect(owner.instance?.tracked.map(\.tracker.name) == ["eth2"])
        #expect(messages(owner) == ["warning: the priority of an owner, 255, never changes: the line has no effect"])
        let address = read("eth1 weight 5", extra: "virtual_ipaddress_excluded {\n192.0.2.9 dev eth1\n}")
        #expect(address.instance?.tracked.isEmpty == true)
        #expect(
            messages(address).first?.contains("for the weight to count write 'no_track' behind the address") == true)
        let free = read("eth1 weight 5", extra: "virtual_ipaddress_excluded {\n192.0.2.9 dev eth1 no_track\n}")
        #expect(free.instance?.tracked.count == 1)
        #expect(free.instance?.addresses.last?.isTracked == false)
    }

    @Test("With 'nopreempt' a weight moves nothing: a warning with the numbers")
    func preemption() {
        let result = read("eth1 weight -30", extra: "nopreempt\npriority 150")
        #expect(
            messages(result) == [
                "warning: with 'nopreempt' a backup follows a master of any priority: this host advertises 120 instead of 150 while eth1 "
                    + "is down, and stays master all the same; delete 'nopreempt' on all hosts, or the weight, so that this host takes no "
                    + "part then"
            ])
        #expect(read("eth1", extra: "nopreempt").diagnostics.isEmpty)
    }

    @Test("dont_track_primary")
    func primary() throws {
        #expect(try #require(ElectionKeywordTests.read("dont_track_primary").instance).tracksPrimary == false)
        #expect(try #require(ElectionKeywordTests.read("").instance).tracksPrimary)
    }

    @Test("interface_up_down_delays: down and up, the second one 0 unless it is written")
    func delays() throws {
        let result = read("eth1", before: "interface_up_down_delays {\neth0 0.5 1.5\neth1 0.25\neth9 7 200\n}")
        #expect(result.diagnostics.isEmpty)
        let delays = try #require(result.configuration).linkDelays
        #expect(delays["eth0"] == LinkDelay(down: .milliseconds(500), up: .milliseconds(1500)))
        #expect(delays["eth1"] == LinkDelay(down: .milliseconds(250)))
        #expect(delays["eth9"] == LinkDelay(down: .seconds(7), up: .seconds(200)), "no instance needs it")
    }

    @Test("A delay that outlasts the backups' patience counts for less")
    func longDelay() throws {
        let result = read("eth1", before: "interface_up_down_delays {\neth1 5 5\n}")
        let limit = Duration.seconds(2) - .seconds(1) / 256
        #expect(result.configuration?.linkDelays["eth1"] == LinkDelay(down: limit, up: .seconds(5)))
        #expect(messages(result).first?.hasPrefix("warning: the delay counts as 1.996") == true)
    }

    @Test(
        "A delay without a number, or with a wrong one, is an error",
        arguments: [
            ("eth0", "'eth0' needs a number of seconds"), ("eth0 x", "a delay takes a number of seconds from 0 to 255"),
        ])
    func badDelays(line: String, message: String) {
        #expect(
            messages(read("eth1", before: "interface_up_down_delays {\n\(line)\n}")) == ["error: \(message)"])
    }

    @Test("A reload tells what is tracked in another way")
    func difference() throws {
        let old = try #require(read("eth1\neth2 weight 5").configuration)
        let new = try #require(read("eth2 weight 6 reverse\neth3").configuration)
        let difference = ConfigurationDifference(from: old, to: new)
        #expect(
            difference.lines == [
                "~ Instance1: - tracked: eth1", "~ Instance1: tracked: eth2 weight 5 → eth2 weight 6 reverse",
                "~ Instance1: + tracked: eth3",
            ])
        #expect(
            difference.costs == [
                "Instance1: cost: none, unless 'eth3' (weight 0) takes it out of the election here: then the addresses are on another "
                    + "host, or nowhere"
            ])
        let weights = try #require(read("eth1\neth2 weight 6").configuration)
        for (before, after) in [(old, weights), (weights, try #require(read("eth1").configuration))] {
            #expect(
                ConfigurationDifference(from: before, to: after).costs == [
                    "Instance1: cost: none, but a host whose priority is higher then takes the addresses over"
                ])
        }
        let without = try #require(read("eth2 weight 5").configuration)
        #expect(
            ConfigurationDifference(from: old, to: without).costs == [
                "cost: none: no address that stays becomes unreachable"
            ])
        #expect(try #require(read("\neth1\neth2 weight 5").configuration).isEquivalent(to: old), "only further down")
    }

    @Test("What a host lacks is told before it is a fault: an interface that is tracked with weight 0, and no other")
    func obstacles() throws {
        let configuration = try #require(
            read("eth1\neth2 weight 5\neth3 reverse", extra: "dont_track_primary").configuration)
        let down = Link(index: InterfaceIndex(rawValue: 2), name: "eth0", isRunning: false)
        let network = HostNetwork(links: [down], addresses: [])
        #expect(network.obstacles(to: configuration).map(\.code) == [.noInterface("eth1")])
    }
}
