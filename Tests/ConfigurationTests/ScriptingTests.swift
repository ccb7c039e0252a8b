import Configuration
import Testing

@Suite("What a file says about scripts")
struct ScriptingTests {
    private func read(
        _ text: String, with others: [String: String] = [:], context: ReadingContext = ReadingContext()
    ) -> ScriptingReader.Result {
        ScriptingReader.read(
            "/c/main.conf", from: MemoryFiles(others.merging(["/c/main.conf": text]) { $1 }), context: context)
    }

    private func check(_ lines: String) -> ScriptingReader.Result {
        read("vrrp_script c {\n\(lines)\n}\nvrrp_instance i {\n track_script {\n c\n }\n}\n")
    }

    // MARK: - How a script is written

    @Test(
        "A command in every form in which it is written",
        arguments: [
            ("script \"/x a 'b c'\"", ["/x", "a", "b c"]), ("script '/x a b'", ["/x", "a", "b"]),
            ("script '/x \"b  c\"'", ["/x", "b  c"]), ("script \"/x \\\"a # b\\\" c\" # note", ["/x", "a # b", "c"]),
            ("script /x", ["/x"]),
            ("script /x\" six x\"y", ["/x", "six", "xy"]), ("script '/x {a} b'", ["/x", "{a}", "b"]),
            ("script \"/x {a}\"", ["/x", "{a}"]), ("script \"/x a ! b\"", ["/x", "a", "!", "b"]),
            ("script '/x it\\'s'", ["/x", "it's"]), ("script \"/x\" # don't", ["/x"]),
            ("  script   /x   # it's", ["/x"]),
            ("$P=/usr/bin\nscript \"${P}/x ${P}\"", ["/usr/bin/x", "/usr/bin"]),
        ])
    func forms(lines: String, expected: [String]) throws {
        let result = check(lines)
        let command = try #require(result.configuration?.checks.first?.command)
        #expect(command.arguments.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("A command in quotes may go on in further lines")
    func severalLines() throws {
        let result = check(
            """
            script "/bin/bash -c '
                test -e /a
                test -e /b \\
                    -o -e /c'"
            interval 3
            """)
        let check = try #require(result.configuration?.checks.first)
        #expect(check.command.arguments.count == 3)
        #expect(
            String(decoding: check.command.arguments[2], as: UTF8.self)
                == "\n    test -e /a\n    test -e /b         -o -e /c")
        #expect(check.policy.interval == .seconds(3))
        // Each line keeps its number.
        #expect(result.diagnostics.isEmpty)
        let wrong = self.check("script \"/x a\nb\"\ninterval abc")
        #expect(wrong.diagnostics.map(\.location.line) == [4])
    }

    @Test("A command over several lines that a migration does not carry over becomes a comment as a whole")
    func migrated() throws {
        // Of an instance none of whose addresses carries over nothing does.
        let other = GuideFile.text(extra: "notify \"/x 'a\nb \\\nc'\"", addresses: "192.0.2.9 use_vmac")
            .replacing("Instance1", with: "Other")
        let files = MemoryFiles(["/k": GuideFile.text() + other])
        let migration = try Migration("/k", as: "/new", from: files)
        let lines = String(decoding: migration.text, as: UTF8.self).split(separator: "\n")
        for part in ["notify \"/x 'a", "b \\", "c'\""] {
            #expect(lines.contains { $0.hasPrefix("#") && $0.hasSuffix(part) })
        }
        #expect(migration.configuration.scripting.subjects.map(\.name) == ["Instance1"])
    }

    @Test("A quote that is missing is told where it opens, and the lines behind it are read as they are")
    func missingQuote() {
        let result = check("script \"/x a\ninterval 2\nweight 300")
        #expect(result.hasErrors)
        #expect(result.diagnostics.map(\.location.line) == [2, 4])
        // The next quote is not its end.
        let swallowing = read("vrrp_script a {\nscript \"/x\ninterval x\n}\nvrrp_script b {\nscript \"/y\"\n}")
        #expect(swallowing.diagnostics.filter { $0.severity == .error }.map(\.location.line) == [2, 3])
        // Nor is a later one that would leave no quote open.
        let even = check("script \"/x a\ninterval 7\nweight abc \"")
        #expect(Set(even.diagnostics.filter { $0.severity == .error }.map(\.location.line)) == [2, 4])
        let single = check("script '/x a ! b'")
        #expect(single.diagnostics.contains { $0.message.contains("single quote") && $0.message.contains("'!'") })
        #expect(check("script \"/x a\n\nsomething").hasErrors)
    }

    @Test("Words behind an unquoted command are not its arguments, as in keepalived, and that is told")
    func unquoted() {
        let result = check("script /x a b")
        #expect(result.configuration?.checks.first?.command.arguments.count == 1)
        #expect(result.diagnostics.contains { $0.message.contains("double quotes") })
    }

    // MARK: - vrrp_script

    @Test("All of a check")
    func whole() throws {
        let result = check(
            "script /x\ninterval 0.25\ntimeout 1.5\nweight -20 reverse\nrise 2\nfall 3\nuser nobody nogroup\ninit_fail")
        let check = try #require(result.configuration?.checks.first)
        #expect(check.policy.interval == .milliseconds(250) && check.policy.timeout == .milliseconds(1500))
        #expect(check.weight == -20 && check.isReversed && check.policy.rise == 2 && check.policy.fall == 3)
        #expect(check.user == ScriptUser(name: "nobody", group: "nogroup") && check.policy.isDownAtFirst)
        #expect(!result.diagnostics.contains { $0.severity == .error })
    }

    @Test("The defaults: a second, the interval as timeout, weight 0, one result")
    func defaults() throws {
        let check = try #require(check("script /x").configuration?.checks.first)
        #expect(check.policy == CheckPolicy() && check.weight == 0 && !check.isReversed && check.user == nil)
        #expect(self.check("script /x\ninterval 7").configuration?.checks.first?.policy.timeout == .seconds(7))
        #expect(
            self.check("script /x\ntimeout 2\ninterval 7").configuration?.checks.first?.policy.timeout == .seconds(2))
    }

    @Test("An interval of 0 is a second, as in keepalived, and that is told")
    func zero() {
        let result = check("script /x\ninterval 0")
        #expect(result.configuration?.checks.first?.policy.interval == .seconds(1))
        #expect(result.diagnostics.contains { $0.severity == .warning && $0.message.contains("1 second") })
    }

    @Test(
        "What keepalived logs and uses all the same is an error here",
        arguments: [
            "weight 300", "weight abc", "weight 5.5", "weight", "weight -+5", "rise 0", "fall 99999999999",
            "interval abc", "timeout -1",
            "weight 5 backwards", "interval", "user", "wieght 5", "script", "script \"\"",
        ])
    func errors(line: String) {
        #expect(check("script /x\n\(line)").hasErrors)
    }

    @Test("A check without a script is an error; of two with one name the first one counts")
    func names() throws {
        #expect(check("interval 2").hasErrors)
        let result = read(
            """
            vrrp_script c { script /first
            }
            vrrp_script c { script /second
            }
            vrrp_instance i { track_script { c }
            }
            """)
        let checks = try #require(result.configuration?.checks)
        #expect(checks.map(\.command.program) == ["/first"])
        #expect(result.diagnostics.contains { $0.message.contains("has this name already") })
    }

    // MARK: - track_script and its like

    @Test("A line may have a weight of its own, and turn it round")
    func references() throws {
        let result = read(
            """
            vrrp_script c { script /x
            weight 10 reverse
            }
            track_file f { file /f
            }
            vrrp_track_process p { process x
            weight 7
            }
            vrrp_instance i {
              track_script { c weight -5 noreverse
              }
              track_file { f
              }
              track_process { p weight 3 reverse
              }
            }
            vrrp_sync_group g { group { i }
              track_script { c
              }
            }
            """)
        let scripting = try #require(result.configuration)
        #expect(scripting.subjects.map(\.kind) == [.instance, .group])
        let trackers = scripting.subjects[0].trackers
        #expect(trackers.map(\.tracker.kind) == [.script, .file, .process])
        #expect(trackers.map(\.weight) == [-5, 1, 3])
        #expect(trackers.map(\.isReversed) == [false, false, true])
        #expect(scripting.subjects[1].trackers.map(\.weight) == [10])
        #expect(scripting.subjects[1].trackers.map(\.isReversed) == [true])
        #expect(result.diagnostics.isEmpty)
    }

    @Test("A name that no block has, a weight that is no word of its own, or two names on a line are errors")
    func wrongReferences() {
        func track(_ line: String) -> ScriptingReader.Result {
            read("vrrp_script c {\nscript /x\n}\nvrrp_instance i {\ntrack_script {\n\(line)\n}\n}")
        }
        #expect(track("d").diagnostics.contains { $0.severity == .error && $0.message.contains("no vrrp_script 'd'") })
        #expect(track("c weight=0").diagnostics.contains { $0.message.contains("word of its own") })
        #expect(track("c d").hasErrors && track("c weight 300").hasErrors && track("c weight 5 round").hasErrors)
        #expect(!track("c weight 253").hasErrors)
    }

    @Test("A block below the line that names it is found; keepalived would not find it, and that is told")
    func below() {
        let result = read("vrrp_instance i {\ntrack_script {\nc\n}\n}\nvrrp_script c {\nscript /x\n}")
        #expect(result.configuration?.subjects.first?.trackers.count == 1)
        #expect(result.diagnostics.contains { $0.severity == .warning && $0.message.contains("below") })
    }

    @Test("What nothing tracks is told")
    func unused() {
        let result = read("vrrp_script c {\nscript /x\n}")
        #expect(result.diagnostics.contains { $0.severity == .warning && $0.message.contains("is not run") })
    }

    // MARK: - Files and processes

    @Test("All of a track file and a track process")
    func filesAndProcesses() throws {
        let result = read(
            """
            vrrp_track_file f {
              file "/run/my file"
              weight -254 reverse
              init_file 5 overwrite
            }
            vrrp_track_process p {
              process "/tmp/a b" param1 "param 2"
              param_match initial
              weight 254
              quorum 2
              quorum_max 3
              delay 1.5
              terminate_delay 0.25
            }
            vrrp_track_process q { process x
              quorum_max 0
            }
            """)
        let scripting = try #require(result.configuration)
        #expect(scripting.files.first?.path == "/run/my file")
        #expect(scripting.files.first?.initial == .some(TrackFileConfiguration.Initial(value: 5, overwrites: true)))
        let process = try #require(scripting.processes.first)
        #expect(process.program == Array("/tmp/a b".utf8) && process.arguments.count == 2 && process.match == .initial)
        #expect(process.comparesCommandLine && process.quorum == 2...3)
        #expect(process.forkDelay == .milliseconds(1500) && process.terminateDelay == .milliseconds(250))
        #expect(scripting.processes.last?.quorum == 0...0 && scripting.processes.last?.match == .any)
    }

    @Test(
        "Files and processes that can't be meant are errors",
        arguments: [
            "track_file f {\n}", "track_file f {\nfile run/x\n}", "track_file f {\nfile /f\nweight 255\n}",
            "track_file f {\nfile /f\ninit_file x\n}", "vrrp_track_process p {\n}",
            "vrrp_track_process p {\nprocess x\nquorum 3\nquorum_max 2\n}",
            "vrrp_track_process p {\nprocess x\nparam_match all\n}",
            "vrrp_track_process p {\nprocess x\ndelay 4000\n}", "track_file {\nfile /f\n}",
        ])
    func wrongFilesAndProcesses(text: String) {
        #expect(read(text).hasErrors)
    }

    // MARK: - Notify scripts

    @Test("Notify scripts of instances and groups, with their users")
    func notify() throws {
        let result = read(
            """
            global_defs {
              script_user keeper wheel
              enable_script_security false
              notify_timeout 60
              vrrp_notify_priority_changes
              notify_fifo /run/all root
              notify_fifo_script "/reader -v" nobody
              startup_script_timeout 5
              startup_script "/start now"
              fifo_write_vrrp_states_on_reload
            }
            vrrp_instance i {
              notify_master "/m up" root :
              notify_backup /b
              notify_fault '/f down'
              notify_stop "/s"
              notify_deleted
              notify_master_rx_lower_pri "/l"
              notify "/n"
              notify_timeout 90
            }
            vrrp_sync_group g {
              notify_master "/gm"
              notify_priority_changes off
            }
            """)
        let scripting = try #require(result.configuration)
        #expect(scripting.defaultUser == ScriptUser(name: "keeper", group: "wheel") && scripting.isSecure)
        let subject = scripting.subjects[0]
        #expect(
            Set(subject.notifications.keys)
                == [.master, .backup, .fault, .stop, .masterHearsLowerPriority, .anyChange])
        #expect(subject.notifications[.master]?.user == ScriptUser(name: "root", hasAllGroups: true))
        #expect(subject.notifications[.fault]?.command.arguments.count == 2)
        #expect(subject.saysDeleted && subject.timeout == .seconds(90) && subject.tellsPriorities)
        #expect(scripting.subjects[1].timeout == .seconds(60) && !scripting.subjects[1].tellsPriorities)
        #expect(scripting.pipes.map(\.path) == ["/run/all"] && scripting.pipes[0].user == ScriptUser(name: "root"))
        #expect(scripting.pipes[0].script?.user == ScriptUser(name: "nobody"))
        #expect(scripting.startup?.timeout == .seconds(5) && scripting.startup?.script.command.arguments.count == 2)
        #expect(scripting.writesStatesAtReload)
        #expect(!result.hasErrors)
    }

    @Test("Words behind an unquoted notify script are a user and a group, as in keepalived, and that is told")
    func notifyUser() throws {
        let result = read("vrrp_instance i {\nnotify_backup /x a b\n}")
        #expect(result.configuration?.subjects.first?.notifications[.backup]?.user == ScriptUser(name: "a", group: "b"))
        #expect(result.diagnostics.contains { $0.message.contains("user and a group") })
    }

    @Test("Of two lines for one occasion the first one counts, and that is told")
    func twice() {
        let result = read("vrrp_instance i {\nnotify \"/a\"\nnotify \"/b\"\n}")
        #expect(result.configuration?.subjects.first?.notifications[.anyChange]?.command.program == "/a")
        #expect(result.diagnostics.count { $0.severity == .warning } == 1)
    }

    // MARK: - The whole file

    @Test("A number drawn at random is an error in a file with scripts, and in no other")
    func random() {
        let context = ReadingContext(random: { $0.lowerBound })
        let line = "vrrp_instance i { priority ${_RANDOM 100 200}\n}\n"
        #expect(!read(line, context: context).hasErrors)
        let result = read(line + "vrrp_script c {\nscript /x\n}", context: context)
        #expect(
            result.diagnostics.contains {
                $0.severity == .error && $0.message.contains("_RANDOM") && $0.location.line == 1
            })
        #expect(!read("$_RANDOM=5\n" + line + "vrrp_script c {\nscript /x\n}", context: context).hasErrors)
    }

    @Test("What is not about scripts is passed over, right or wrong; instances without scripts are told of to the FIFO")
    func others() {
        let result = read("nonsense 5\nvrrp_instance i {\nstate NOWHERE\nvirtual_routes {\n}\n}")
        #expect(!result.hasErrors)
        #expect(result.configuration?.subjects.map(\.name) == ["i"])
        #expect(result.configuration?.isEmpty == true)
    }

    @Test("Files that others include are read, too")
    func includes() {
        let result = read(
            "include /c/other.conf\nvrrp_instance i {\ntrack_script {\nc\n}\n}",
            with: ["/c/other.conf": "vrrp_script c {\nscript \"/x\"\n}"])
        #expect(result.configuration?.checks.first?.location.file == "/c/other.conf")
        #expect(result.diagnostics.isEmpty)
    }
}
