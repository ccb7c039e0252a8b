import Addressing
import Configuration
import Testing

@Suite("Sync groups")
struct SyncGroupTests {
    private static func instance(_ name: String, _ number: Int, _ extra: String = "") -> String {
        "vrrp_instance \(name) {\n interface eth0\n virtual_router_id \(number)\n virtual_ipaddress {\n  192.0.2.\(number)\n }\n \(extra)\n}\n"
    }

    private static let checks = "vrrp_script c {\n script \"/bin/true\"\n}\ntrack_file f {\n file /run/f\n}\n"

    private static func text(_ group: String, a: String = "", b: String = "") -> String {
        checks + instance("A", 1, a) + instance("B", 2, b) + group + "\n"
    }

    private static func read(_ group: String, a: String = "", b: String = "") -> ConfigurationReader.Result {
        GuideFile.read(text(group, a: a, b: b))
    }

    private static func migrate(_ group: String, a: String = "", b: String = "") throws -> Migration {
        try Migration("/k", as: "/new", from: MemoryFiles(["/k": text(group, a: a, b: b)]))
    }

    private func messages(_ result: ConfigurationReader.Result) -> [String] {
        result.diagnostics.filter { !$0.message.contains("no track_") }.map { "\($0.severity): \($0.message)" }
    }

    @Test(
        "Its instances, on a line each or on one, above the instances or below",
        arguments: ["group {\nA\nB\n}", "group { A B }", "group\n{\nA B\n}", "group { A B }\nsmtp_alert"])
    func members(lines: String) throws {
        let result = Self.read("vrrp_sync_group G {\n\(lines)\n}")
        let group = try #require(result.configuration?.groups.first)
        #expect(group.name == "G" && group.members == ["A", "B"] && group.tracked.isEmpty && !group.usesMemberWeights)
        let above = GuideFile.read("vrrp_sync_group G {\n\(lines)\n}\n" + Self.text(""))
        #expect(above.configuration?.groups.first?.members == ["A", "B"])
    }

    @Test(
        "Very old files name them without 'group': they count, and a warning says that keepalived leaves such a group out"
    )
    func oldSyntax() throws {
        let result = Self.read("vrrp_sync_group G {\nA\nB\n}")
        #expect(result.configuration?.groups.first?.members == ["A", "B"])
        #expect(messages(result).count == 1 && result.warnings(about: "keepalived wants the instances in 'group"))
        #expect(Self.read("vrrp_sync_group G {\nA\nC\n}").errors(about: "unknown keyword 'C' in vrrp_sync_group"))
    }

    @Test(
        "A group that names no instance, one that is not there, or one of another group is an error with the line",
        arguments: [
            ("vrrp_sync_group G {\n group {\n }\n}", 23, "the group names no instance"),
            ("vrrp_sync_group G {\n notify \"/x\"\n}", 23, "the group names no instance"),
            ("vrrp_sync_group G {\n group {\n A\n B1\n }\n}", 26, "there is no vrrp_instance 'B1'; did you mean 'B'?"),
            (
                "vrrp_sync_group G {\n group { A }\n}\nvrrp_sync_group H {\n group { A }\n}", 27,
                "'A' is in the group 'G' already, and can be in one only"
            ),
            (
                "vrrp_sync_group G {\n group { A }\n}\nvrrp_sync_group G {\n group { B }\n}", 26,
                "another vrrp_sync_group has the same name"
            ),
            ("vrrp_sync_group {\n group { A }\n}", 23, "'vrrp_sync_group' needs a name"),
        ])
    func errors(group: String, line: Int, message: String) {
        let errors = Self.read(group).diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.location.line) == [line], "\(errors)")
        #expect(errors.first?.message.hasPrefix(message) == true, "\(errors)")
    }

    @Test("A migration makes of it what keepalived does")
    func migrated() throws {
        let unknown = try Self.migrate("vrrp_sync_group G {\n group {\n A\n B1\n B\n }\n}")
        #expect(unknown.configuration.groups.map(\.members) == [["A", "B"]])
        #expect(unknown.ignored.map(\.keyword) == ["B1"])
        let shared = try Self.migrate(
            "vrrp_sync_group G {\n group { A }\n}\nvrrp_sync_group H {\n group { A B }\n notify \"/x\"\n}")
        #expect(shared.configuration.groups.map(\.members) == [["A"], ["B"]])
        let empty = try Self.migrate("vrrp_sync_group G {\n group {\n C\n }\n notify \"/x\"\n}")
        #expect(empty.configuration.groups.isEmpty)
        #expect(empty.configuration.scripting.subjects.map(\.name) == ["A", "B"])
        let second = try Self.migrate("vrrp_sync_group G {\n group { A }\n}\nvrrp_sync_group G {\n group { B }\n}")
        #expect(second.configuration.groups.map(\.members) == [["A"]])
    }

    @Test("An instance that does not carry over leaves its group")
    func lostMember() throws {
        let lost = Self.instance("C", 3).replacing("192.0.2.3", with: "192.0.2.3 use_vmac")
        let migration = try Migration(
            "/k", as: "/new",
            from: MemoryFiles(["/k": Self.text("vrrp_sync_group G {\n group { A B C }\n}") + lost]))
        #expect(migration.configuration.groups.map(\.members) == [["A", "B"]])
        #expect(migration.dropped.count == 2)
    }

    @Test("However much there is to warn of, no group is missed")
    func manyWarnings() {
        let instances = (1...250).map { Self.instance("V\($0)", $0, String(repeating: "debug 1\n", count: 5)) }.joined()
        let result = GuideFile.read(instances + "vrrp_sync_group G {\n group { V1 V2 }\n}\n")
        #expect(result.configuration?.groups.map(\.members) == [["V1", "V2"]])
    }

    @Test("A group of one instance is a warning")
    func one() {
        let result = Self.read("vrrp_sync_group G {\n group { A }\n}")
        #expect(
            messages(result) == ["warning: the group has one instance: there is nothing that moves together with it"])
    }

    @Test("What a group tracks, each once, with weights")
    func tracked() throws {
        let result = Self.read(
            """
            vrrp_sync_group G {
              group { A B }
              track_interface {
                eth1 weight -20
                eth1
              }
              track_script { c weight 5
              }
              track_file { f
              }
            }
            """)
        let group = try #require(result.configuration?.groups.first)
        #expect(
            group.tracked.map(\.tracker)
                == [TrackerName(.interface, "eth1"), TrackerName(.script, "c"), TrackerName(.file, "f")])
        #expect(group.tracked.map(\.weight) == [-20, 5, 1])
        #expect(result.configuration?.instances.allSatisfy { $0.tracked.isEmpty } == true)
        #expect(result.warnings(about: "is tracked already, at"))
    }

    @Test(
        "An owner's priority never changes: a weight counts for the other instances, and for none where all are owners")
    func owners() throws {
        let group = "vrrp_sync_group G {\n group { A B }\n track_script {\n c weight 5\n }\n}"
        let one = Self.read(group, a: "priority 255")
        #expect(one.configuration?.groups.first?.tracked.count == 1)
        #expect(one.warnings(about: "the priority of 'A', 255, never changes: the weight counts for the others"))
        let both = Self.read(group, a: "priority 255", b: "priority 255")
        #expect(both.configuration?.groups.first?.tracked.isEmpty == true)
    }

    // MARK: - Weights in members

    private static let group = "vrrp_sync_group G {\n group { A B }\n}"

    @Test(
        "A check or a file with a weight in one instance counts for the whole group, and that is told with the numbers")
    func weights() throws {
        let result = Self.read(
            Self.group, a: "priority 120\ntrack_script {\nc weight -30\n}\ntrack_file {\nf weight 2\n}")
        let configuration = try #require(result.configuration)
        #expect(configuration.groups[0].tracked.map(\.weight) == [-30, 2])
        #expect(configuration.instances[0].tracked.isEmpty)
        #expect(result.warnings(about: "while it fails, 'A' advertises 90 instead of 120"))
        // What the runner knows of it is what stands there.
        #expect(configuration.scripting.subjects[0].trackers.map(\.weight) == [-30, 2])
    }

    @Test("In both instances it counts once; another weight is told")
    func twice() throws {
        let line = "track_script {\nc weight -30\n}"
        let same = Self.read(Self.group, a: line, b: line)
        #expect(same.configuration?.groups[0].tracked.count == 1)
        #expect(!same.warnings(about: "another weight"))
        let other = Self.read(Self.group, a: line, b: line.replacing("30", with: "20"))
        #expect(other.configuration?.groups[0].tracked.map(\.weight) == [-30])
        #expect(other.warnings(about: "the group tracks it with another weight, which counts"))
    }

    @Test("An interface's weight, and a file's default one, count as 0, as in keepalived; a process keeps its own")
    func normalised() throws {
        let result = Self.read(Self.group, a: "track_interface {\neth1 weight -20\n}\ntrack_file {\nf\n}")
        let configuration = try #require(result.configuration)
        #expect(configuration.instances[0].tracked.map(\.weight) == [0, 0])
        #expect(configuration.groups[0].tracked.isEmpty)
        #expect(result.diagnostics.count { $0.message.contains("in a sync group the weight counts as 0") } == 2)
        let process = GuideFile.read(
            Self.text(Self.group, a: "track_process {\np weight 9\n}")
                + "vrrp_track_process p {\nprocess x\n}\n")
        #expect(process.configuration?.instances[0].tracked.map(\.weight) == [9])
    }

    @Test(
        "With 'sync_group_tracking_weight', or its old name, each instance keeps its weights",
        arguments: ["sync_group_tracking_weight", "global_tracking"])
    func memberWeights(keyword: String) throws {
        let result = Self.read(
            "vrrp_sync_group G {\n group { A B }\n \(keyword)\n}", a: "track_script {\nc weight -30\n}")
        let configuration = try #require(result.configuration)
        #expect(configuration.groups[0].usesMemberWeights && configuration.groups[0].tracked.isEmpty)
        #expect(configuration.instances[0].tracked.map(\.weight) == [-30])
    }

    @Test("Without a weight it stays the instance's own, and takes all of them out")
    func faults() throws {
        let result = Self.read(Self.group, a: "track_script {\nc\n}")
        #expect(result.configuration?.instances[0].tracked.map(\.weight) == [0])
        #expect(messages(result).isEmpty)
    }

    @Test("What a host lacks of what the group tracks keeps each of its instances out")
    func obstacles() throws {
        let group = "vrrp_sync_group G {\n group { A B }\n track_interface {\n eth9\n eth8 weight 5\n }\n}"
        let configuration = try #require(Self.read(group).configuration)
        let link = Link(index: InterfaceIndex(rawValue: 2), name: "eth0", isRunning: true)
        let obstacles = HostNetwork(links: [link], addresses: []).obstacles(to: configuration)
        #expect(obstacles.map(\.instance) == ["A", "B"])
        #expect(obstacles.allSatisfy { $0.code == .noInterface("eth9") })
    }

    @Test("A delay of links that a group tracks is bounded by its instances' patience, too")
    func delays() throws {
        let group =
            "vrrp_sync_group G {\n group { A B }\n track_interface {\n eth1\n }\n}\ninterface_up_down_delays {\n eth1 5\n}"
        let delay = try #require(Self.read(group).configuration?.linkDelays["eth1"])
        #expect(delay.down < .seconds(2))
    }

    @Test("A reload tells which groups differ")
    func difference() throws {
        let old = try #require(Self.read(Self.group).configuration)
        let new = try #require(Self.read("vrrp_sync_group H {\n group { A B }\n}").configuration)
        #expect(
            ConfigurationDifference(from: old, to: new).lines.prefix(2) == [
                "- sync group G: no longer together: A, B", "+ sync group H: together from now on: A, B",
            ])
        let tracked = try #require(
            Self.read("vrrp_sync_group G {\n group { A B }\n track_script {\n c\n }\n}").configuration)
        #expect(ConfigurationDifference(from: old, to: tracked).lines == ["~ sync group G: + tracked: c"])
    }
}
