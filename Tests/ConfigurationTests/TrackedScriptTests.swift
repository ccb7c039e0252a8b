import Configuration
import Testing

@Suite("What instances track of scripts, files and processes")
struct TrackedScriptTests {
    private static let blocks = """
        vrrp_script c {
         script "/bin/true"
        }
        track_file f {
         file /run/f
        }
        vrrp_track_process p {
         process nginx
        }
        """

    private func read(
        _ lines: String, of list: String = "track_script", extra: String = "", before: String = Self.blocks
    ) -> ConfigurationReader.Result {
        GuideFile.read(
            GuideFile.text(state: "BACKUP", extra: "\(extra)\n\(list) {\n\(lines)\n}", before: before))
    }

    private func messages(_ result: ConfigurationReader.Result) -> [String] {
        result.diagnostics.filter { !$0.message.contains("no track_") }.map { "\($0.severity): \($0.message)" }
    }

    @Test("Each of a kind is a line, with its own weight or else its block's")
    func lines() throws {
        let blocks = Self.blocks.replacing("\"/bin/true\"", with: "\"/bin/true\"\nweight -20 reverse")
        let plain = try #require(read("c", before: blocks).instance).tracked
        #expect(plain.map(\.tracker) == [TrackerName(.script, "c")])
        #expect(plain.map(\.weight) == [-20] && plain.map(\.isReversed) == [true])
        let own = try #require(read("c weight 30 noreverse", before: blocks).instance).tracked
        #expect(own.map(\.weight) == [30] && own.map(\.isReversed) == [false])
        let file = try #require(read("f", of: "track_file").instance).tracked
        #expect(file.map(\.tracker) == [TrackerName(.file, "f")] && file.map(\.weight) == [1])
        let process = try #require(read("p weight 254", of: "track_process").instance).tracked
        #expect(process.map(\.tracker) == [TrackerName(.process, "p")] && process.map(\.weight) == [254])
    }

    @Test(
        "A name that no block has is an error with the nearest one; a migration leaves the line out, as keepalived does"
    )
    func unknown() throws {
        let text = GuideFile.text(
            state: "BACKUP", extra: "track_script {\nchk_ngnix\n}",
            before: "vrrp_script chk_nginx {\nscript \"/bin/true\"\n}")
        #expect(GuideFile.read(text).errors(about: "there is no vrrp_script 'chk_ngnix'; did you mean 'chk_nginx'?"))
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.instances.first?.tracked.isEmpty == true)
        #expect(migration.ignored.map(\.keyword) == ["chk_ngnix"])
        #expect(migration.configuration.scripting.checks.count == 1)
    }

    @Test(
        "A line that keepalived drops is a comment after a migration",
        arguments: ["c weight=0", "c weight", "c d", "c reverse"])
    func dropped(line: String) throws {
        let text = GuideFile.text(state: "BACKUP", extra: "track_script {\n\(line)\n}", before: Self.blocks)
        #expect(GuideFile.read(text).hasErrors)
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.instances.first?.tracked.isEmpty == true)
        #expect(migration.ignored.count == 1)
    }

    @Test(
        "A weight that keepalived reads in its own way is an error, and written out after a migration",
        arguments: [
            ("c weight 300", 7, false), ("c weight abc", 0, false), ("c weight 5.5", 5, false),
            ("c weight 5 round", 5, false), ("c weight -12x reverse", -12, true),
        ])
    func weights(line: String, weight: Int, isReversed: Bool) throws {
        let blocks = Self.blocks.replacing("\"/bin/true\"", with: "\"/bin/true\"\nweight 7")
        let text = GuideFile.text(state: "BACKUP", extra: "track_script {\n\(line)\n}", before: blocks)
        #expect(GuideFile.read(text).hasErrors)
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.instances.first?.tracked.map(\.weight) == [weight])
        #expect(migration.configuration.instances.first?.tracked.map(\.isReversed) == [isReversed])
        #expect(migration.replaced.count == 1)
    }

    @Test(
        "So is what stands in a vrrp_script",
        arguments: [
            ("weight 300", "weight 253"), ("weight -300x", "weight -253"), ("weight 5.5 reverse", "weight 5 reverse"),
            ("weight 5 backwards", "weight 5"), ("interval abc", "interval 1"), ("interval 9s", "interval 9"),
            ("timeout x", "timeout 1"), ("rise 0", "rise 1"), ("fall 5x", "fall 5"),
        ])
    func values(line: String, used: String) throws {
        let text = GuideFile.text(
            state: "BACKUP", extra: "track_script {\nc\n}",
            before: "vrrp_script c {\nscript \"/bin/true\"\n\(line)\n}")
        #expect(GuideFile.read(text).hasErrors)
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(String(decoding: migration.text, as: UTF8.self).contains("\n\(used)\n"))
    }

    @Test(
        "A block that keepalived removes becomes a comment, and what tracks it, too",
        arguments: [
            "vrrp_script c {\nscript \"\"\ninterval 2\n}", "vrrp_script c {\ninterval 2\n}",
        ])
    func removed(block: String) throws {
        let text = GuideFile.text(state: "BACKUP", extra: "track_script {\nc\n}", before: block)
        #expect(GuideFile.read(text).hasErrors)
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.scripting.checks.isEmpty)
        #expect(migration.configuration.instances.first?.tracked.isEmpty == true)
    }

    @Test(
        "Where keepalived does not start, a person decides",
        arguments: ["weight", "script", "user", "rise", "script \"/x", "script '/x a"])
    func undecided(line: String) throws {
        let text = GuideFile.text(
            state: "BACKUP", extra: "track_script {\nc\n}",
            before: "vrrp_script c {\nscript \"/bin/true\"\n\(line)\n}")
        let failure = #expect(throws: Migration.Failure.self) {
            _ = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        }
        #expect(failure?.diagnostics.map(\.location.line).contains(3) == true, "\(failure?.diagnostics ?? [])")
    }

    @Test(
        "The priority of an owner never changes: lines with a weight have no effect, the default of a file counts as 0")
    func owner() throws {
        let weighted = read("c weight 5", extra: "priority 255")
        #expect(weighted.instance?.tracked.isEmpty == true)
        #expect(weighted.warnings(about: "the priority of an owner, 255, never changes"))
        let fault = read("c", extra: "priority 255")
        #expect(fault.instance?.tracked.map(\.weight) == [0])
        let file = read("f", of: "track_file", extra: "priority 255")
        #expect(file.instance?.tracked.map(\.weight) == [0])
        #expect(file.warnings(about: "the weight counts as 0"))
        #expect(read("f weight 1", of: "track_file", extra: "priority 255").instance?.tracked.isEmpty == true)
    }

    @Test("With 'nopreempt' a weight moves nothing, whatever is tracked: a warning with the numbers")
    func preemption() {
        #expect(
            messages(read("c weight -30", extra: "nopreempt\npriority 150")) == [
                "warning: with 'nopreempt' a backup follows a master of any priority: this host advertises 120 instead of 150 while c "
                    + "fails, and stays master all the same; delete 'nopreempt' on all hosts, or the weight, so that this host takes no "
                    + "part then"
            ])
        #expect(read("f", of: "track_file", extra: "nopreempt").warnings(about: "whatever number is in the file"))
        #expect(read("p weight 5", of: "track_process", extra: "nopreempt").warnings(about: "the processes of p"))
        #expect(messages(read("c", extra: "nopreempt")).isEmpty)
    }

    @Test("A weight that leaves this host above the usual priority moves nothing: a warning with the numbers")
    func smallWeight() {
        #expect(
            messages(read("c weight -10", extra: "priority 150")) == [
                "warning: the weight is too small to hand the addresses to a host with the usual priority: this host advertises "
                    + "150 − 10 = 140 while c fails, which still beats 100; a weight beyond −50, or none, does it"
            ])
        #expect(
            messages(read("c weight 10", extra: "priority 150")) == [
                "warning: the weight is too small to hand the addresses to a host with the usual priority: this host advertises "
                    + "150 while c fails, and a host with priority 100 and this weight 110; a weight beyond 50, or none, does it"
            ])
        for (line, priority) in [
            ("c weight -60", 150), ("c weight 2", 101), ("c weight -10", 100), ("c weight -2", 90),
            ("c weight 50", 150),
            ("c weight 10 reverse", 150), ("c", 150),
        ] {
            #expect(messages(read(line, extra: "priority \(priority)")).isEmpty, "\(line) \(priority)")
        }
        #expect(
            messages(read("c weight 10", extra: "priority 254"))
                == ["warning: the weight changes nothing: the priority is 254 with it and without"])
    }

    @Test("A number drawn at random is an error in a file with scripts, and in no other")
    func random() {
        let context = ReadingContext(random: { $0.lowerBound })
        func read(_ text: String) -> ConfigurationReader.Result {
            ConfigurationReader.read("/c", from: MemoryFiles(["/c": text]), context: context)
        }
        let text = GuideFile.text(priority: "${_RANDOM 100 200}")
        #expect(!read(text).hasErrors)
        #expect(read(GuideFile.text(priority: "${_RANDOM 100 200}", extra: "notify \"/x\"")).errors(about: "_RANDOM"))
    }

    @Test("A delay of links looks at interfaces alone: a check may have an interface's name")
    func names() throws {
        let result = read(
            "eth1", before: "vrrp_script eth1 {\nscript \"/bin/true\"\n}\ninterface_up_down_delays {\neth1 200\n}")
        #expect(result.configuration?.linkDelays["eth1"] == LinkDelay(down: .seconds(200)))
    }

    @Test("A reload tells which checks, files, processes and notify scripts differ, and what it costs nothing without")
    func difference() throws {
        let old = try #require(read("c").configuration)
        let blocks = Self.blocks.replacing("/bin/true", with: "/bin/false").replacing(
            "track_file f", with: "track_file g")
        let new = try #require(read("c", extra: "notify \"/x\"", before: blocks).configuration)
        let difference = ConfigurationDifference(from: old, to: new)
        #expect(
            difference.lines == [
                "~ check c", "- track_file f", "+ track_file g", "~ what is run at a change, or as whom scripts run",
            ])
        #expect(
            difference.costs == [
                "Instance1: cost: none, unless 'c' (weight 0) takes it out of the election here: then the addresses are on another "
                    + "host, or nowhere"
            ])
        let plain = GuideFile.text(state: "BACKUP")
        let other = plain.replacing("Instance1", with: "Two").replacing(
            "virtual_router_id 10", with: "virtual_router_id 11"
        )
        .replacing("192.0.2.1", with: "198.51.100.1")
        let (one, two) = (try #require(GuideFile.read(plain).configuration), GuideFile.read(plain + "\n" + other))
        let leaving = ConfigurationDifference(from: try #require(two.configuration, "\(two.diagnostics)"), to: one)
        #expect(leaving.lines.count == 1 && leaving.lines[0].hasPrefix("- Two: leaves"), "nothing is run for it")
        let moved = try #require(read("\n\nc", before: "\n\n" + Self.blocks).configuration)
        #expect(moved.isEquivalent(to: old), "only further down")
    }
}
