import Configuration
import Testing

@Suite("Whether a program that a file names can be run")
struct ProgramTests {
    private static let root = ProgramUser(name: "root", user: 0, group: 0, hasAllGroups: false)
    private static let keeper = ProgramUser(name: "keeper", user: 500, group: 600, hasAllGroups: false)

    private static func folder(
        _ path: String, _ mode: UInt32 = 0o755, owner: UInt32 = 0, group: UInt32 = 0, hasAccessList: Bool = false
    ) -> ProgramSurvey.Step {
        ProgramSurvey.Step(
            path: path, kind: .folder, owner: owner, group: group, mode: mode, hasAccessList: hasAccessList)
    }

    private static func program(
        _ mode: UInt32 = 0o755, owner: UInt32 = 0, group: UInt32 = 0, in folder: ProgramSurvey.Step? = nil,
        beginning: String? = "#!/bin/sh -e\n", kind: ProgramSurvey.Kind = .file
    ) -> ProgramSurvey {
        var survey = ProgramSurvey(path: "/opt/x")
        survey.steps = [
            Self.folder("/"), folder ?? Self.folder("/opt"),
            ProgramSurvey.Step(path: "/opt/x", kind: kind, owner: owner, group: group, mode: mode),
        ]
        survey.beginning = beginning.map { Array($0.utf8) }
        return survey
    }

    private func faults(
        _ survey: ProgramSurvey, _ user: ProgramUser? = Self.root, isSecure: Bool = false
    ) -> [ProgramFault] {
        survey.faults(for: user, isSecure: isSecure) { $0 == "/bin/sh" }
    }

    @Test("One that root alone can change, with a '#!' line, is fine for everybody; so is a binary")
    func fine() {
        #expect(faults(Self.program()).isEmpty)
        #expect(faults(Self.program(), Self.keeper, isSecure: true).isEmpty)
        #expect(faults(Self.program(beginning: "\u{7F}ELF\u{2}\u{1}\u{0}")).isEmpty)
        #expect(faults(Self.program(beginning: nil)).isEmpty, "that can't be read")
    }

    @Test("What is missing, no file, not executable, or no program that the kernel knows is an error")
    func errors() {
        var missing = ProgramSurvey(path: "/opt/x")
        missing.end = .missing
        #expect(faults(missing) == [.missing(path: "/opt/x")])
        var broken = ProgramSurvey(path: "/opt/x")
        broken.end = .broken("Too many levels of symbolic links")
        #expect(faults(broken).map(\.description) == ["/opt/x can't be run: Too many levels of symbolic links"])
        #expect(faults(Self.program(kind: .folder)) == [.folder(path: "/opt/x")])
        #expect(faults(Self.program(kind: .other)) == [.noFile(path: "/opt/x")])
        #expect(faults(Self.program(0o644)).map(\.description) == ["/opt/x is not executable: chmod +x /opt/x"])
        #expect(faults(Self.program(beginning: "echo ok\n")) == [.noInterpreter(path: "/opt/x")])
        #expect(faults(Self.program(beginning: "")) == [.noInterpreter(path: "/opt/x")])
        #expect(
            faults(Self.program(beginning: "#! /usr/bin/python\n")).map(\.description)
                == ["there is no /usr/bin/python, which the first line of /opt/x names"])
        #expect(faults(Self.program(beginning: "#!/bin/sh\r\n")).first?.description.contains("carriage return") == true)
        #expect(faults(missing).allSatisfy { $0.severity == .error })
    }

    @Test("Where a folder may not be looked into, that is a warning")
    func hidden() {
        var survey = ProgramSurvey(path: "/opt/x")
        survey.end = .hidden
        #expect(faults(survey).map(\.severity) == [.warning])
    }

    @Test(
        "Its user has to be allowed to run it, and to pass the folders above it",
        arguments: [
            (0o700, 0, 0, false, false), (0o750, 0, 600, false, true), (0o750, 0, 601, false, false),
            (0o750, 0, 601, true, true), (0o705, 0, 600, false, false), (0o500, 500, 0, false, true),
            (0o077, 500, 0, false, false),
        ] as [(UInt32, UInt32, UInt32, Bool, Bool)])
    func user(mode: UInt32, owner: UInt32, group: UInt32, hasAllGroups: Bool, isFine: Bool) {
        var user = Self.keeper
        user.hasAllGroups = hasAllGroups
        #expect(faults(Self.program(mode, owner: owner, group: group), user).isEmpty == isFine)
        let inside = Self.program(in: Self.folder("/opt", mode, owner: owner, group: group))
        #expect(faults(inside, user) == (isFine ? [] : [.notForUser(path: "/opt", user: "keeper")]))
        #expect(faults(Self.program(mode, owner: owner, group: group), nil).isEmpty, "as whom is not known")
    }

    @Test("An access list may say something else than the mode: then nothing is said")
    func accessList() {
        let folder = Self.folder("/opt", 0o700, hasAccessList: true)
        #expect(faults(Self.program(in: folder), Self.keeper).isEmpty)
    }

    @Test(
        "What root runs and others can change is a warning, and with 'enable_script_security' an error",
        arguments: [
            (Self.folder("/opt", 0o777), false), (Self.folder("/opt", 0o775), false),
            (Self.folder("/opt", owner: 500), false), (Self.folder("/opt", 0o1777), true),
        ])
    func security(folder: ProgramSurvey.Step, isSafe: Bool) {
        let survey = Self.program(in: folder)
        #expect(faults(survey).map(\.severity) == (isSafe ? [] : [.warning]))
        #expect(faults(survey, isSecure: true).map(\.severity) == (isSafe ? [] : [.error]))
        #expect(faults(survey, Self.keeper, isSecure: true).isEmpty, "others run it at their own risk")
    }

    @Test("A sticky program is as changeable as another")
    func stickyFile() {
        #expect(faults(Self.program(0o1777), isSecure: true) == [.changeable(path: "/opt/x", isSecure: true)])
    }

    @Test("All that may be run, and no check that nothing tracks")
    func programs() throws {
        let text = GuideFile.text(
            extra: "track_script {\nc\n}\nnotify_master \"/m\" root\nnotify \"/n\"",
            before: """
                global_defs {
                 startup_script "/s"
                 notify_fifo /run/f
                 notify_fifo_script "/r"
                }
                vrrp_script c {
                 script "/c a"
                 user keeper
                }
                vrrp_script unused {
                 script "/u"
                }
                """)
        let programs = try #require(GuideFile.read(text).configuration).scripting.programs
        #expect(programs.map(\.program) == ["/c", "/s", "/r", "/m", "/n"])
        #expect(programs.map(\.user?.name) == ["keeper", nil, nil, "root", nil])
    }

    @Test(
        "One without a slash is looked for in the folders of PATH",
        arguments: [
            ("/usr/bin/x", ["/usr/bin/x"]), ("bin/x", ["/bin/x"]), ("x", ["/a/x", "/b/x"]), ("", []),
        ] as [(String, [String])])
    func candidates(program: String, paths: [String]) {
        #expect(ProgramPath.candidates(for: program, in: "/a::.:/b:c") == paths)
    }
}
