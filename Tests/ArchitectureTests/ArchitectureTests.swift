import Foundation
import Testing

/// The rooms and what they may know of each other; docs/architecture.md has the picture.
@Suite("The house")
struct ArchitectureTests {
    /// What each room may import, besides the Swift standard library.
    static let allowed: [String: Set<String>] = [
        "Addressing": [],
        "VRRP": ["Addressing"],
        "Liveness": ["VRRP"],
        "Configuration": ["Addressing"],
        "FailoverCore": ["Addressing", "Configuration", "VRRP", "DequeModule"],
        "Reporting": ["Addressing", "Configuration", "FailoverCore", "Scripts", "VRRP"],
        "Simulation": [
            "Addressing", "Configuration", "FailoverCore", "HeapModule", "Reporting", "Scripts", "VRRP",
        ],
        "Control": ["FoundationEssentials"],
        "Kernel": ["Synchronization", "Addressing", "CLinux", "CNetlink", "Glibc"],
        "ConfigurationFiles": ["Configuration", "Glibc", "Kernel", "Synchronization"],
        "EventLoop": ["CSystemd", "Glibc", "Synchronization"],
        "AgentRuntime": [
            "Addressing", "Configuration", "ConfigurationFiles", "Control", "EventLoop", "FailoverCore", "Glibc",
            "Kernel", "Reporting", "Scripts", "VRRP",
        ],
        "failover-agent": ["AgentRuntime", "Glibc"],
        "Screens": ["Control", "FoundationEssentials"],
        "Scripts": ["Configuration", "VRRP"],
        "ScriptRuntime": [
            "Addressing", "CLinux", "Configuration", "ConfigurationFiles", "EventLoop", "Glibc", "Kernel", "Scripts",
            "VRRP",
        ],
        "failover-scripts": ["Glibc", "ScriptRuntime"],
        "failoverctl": [
            "ArgumentParser", "Configuration", "ConfigurationFiles", "Control", "Glibc", "Screens", "Synchronization",
        ],
    ]

    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let sources = top.appending(path: "Sources")

    static func files(in room: String) throws -> [URL] {
        swiftFiles(in: sources.appending(path: room))
    }

    /// Those in a folder, and in the folders in it.
    static func swiftFiles(in folder: URL) -> [URL] {
        (FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? [])
            .filter { $0.pathExtension == "swift" }
    }

    @Test("Every room is known, and none is missing")
    func rooms() throws {
        let doors: Set = ["CLinux", "CNetlink", "CSystemd"]
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path())
        #expect(Set(found).subtracting(doors) == Set(Self.allowed.keys))
    }

    /// The modules that the Swift files of a folder import.
    static func imports(of folder: URL) throws -> Set<String> {
        // At a line's beginning: what is indented is another language's, in a string.
        let pattern = /^(?:@\w+\s+)*(?:package |public |private |internal )?import (?:\w+ )?(\w+)/
        let files = swiftFiles(in: folder)
        #expect(!files.isEmpty, "\(folder.path()) has no Swift files")
        var modules: Set<String> = []
        for file in files {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                if let match = line.firstMatch(of: pattern) { modules.insert(String(match.1)) }
            }
        }
        return modules
    }

    @Test("A room imports what it may, and may import nothing that it does not", arguments: allowed.keys.sorted())
    func imports(room: String) throws {
        let imported = try Self.imports(of: Self.sources.appending(path: room))
        #expect(imported == Self.allowed[room])
    }

    /// What comes with Swift, and needs no declaration.
    static let toolchain: Set = ["Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing"]

    @Test("A target declares what it imports, and imports what it declares")
    func declared() throws {
        let targets = try PackageTarget.all(
            in: String(contentsOf: Self.top.appending(path: "Package.swift"), encoding: .utf8))
        // So that a Package.swift written in another way does not go unread.
        #expect(Set(targets.map(\.name)).isSuperset(of: Self.allowed.keys))
        #expect(Set(targets.map(\.name)).isSuperset(of: ["ArchitectureTests", "KernelTests", "FuzzCore", "simulate"]))
        for target in targets {
            let imported = try Self.imports(of: Self.top.appending(path: target.path)).subtracting(Self.toolchain)
            let missing = imported.subtracting(target.dependencies).sorted()
            let unused = target.dependencies.subtracting(imported).sorted()
            #expect(missing.isEmpty, "\(target.name) imports \(missing) without declaring it")
            #expect(unused.isEmpty, "\(target.name) declares \(unused) and does not import it")
        }
    }

    @Test("A Package.swift is read as it is meant")
    func package() {
        let text = """
            .target(name: "A"),
            // .target(name: "B", dependencies: ["A"]),
            .executableTarget(name: "c", dependencies: [
                "A", .product(name: "D", package: "d-e"),
            ], path: "Tests/C", exclude: ["x.txt"]),
            .testTarget(name: "ATests", dependencies: ["A"]),
            .systemLibrary(name: "CF"),
            ("Fuzz", ["A", "D"]),
            """
        #expect(
            PackageTarget.all(in: text) == [
                PackageTarget(name: "A", path: "Sources/A", dependencies: []),
                PackageTarget(name: "c", path: "Tests/C", dependencies: ["A", "D"]),
                PackageTarget(name: "ATests", path: "Tests/ATests", dependencies: ["A"]),
                PackageTarget(name: "Fuzz", path: "Tests/Fuzz/Fuzz", dependencies: ["A", "D"]),
            ])
    }

    @Test(
        "Pure rooms draw no numbers and read no clock: what depends on either is given to them",
        arguments: [
            "Addressing", "VRRP", "Configuration", "FailoverCore", "Reporting", "Control", "Screens", "Scripts",
            "Simulation",
        ])
    func given(room: String) throws {
        for file in try Self.files(in: room) {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
                #expect(
                    code.firstMatch(
                        of:
                            /\.random\(in|randomElement\(\)|shuffled\(\)|shuffle\(\)|SystemRandomNumber|(Continuous|Suspending)Clock|Date\(\)/
                    )
                        == nil, "\(file.lastPathComponent): \(line)")
            }
        }
    }

    @Test(
        "The daemon has one thread: nothing in it is concurrent",
        arguments: allowed.keys.filter { $0 != "failoverctl" }.sorted())
    func oneThread(room: String) throws {
        for file in try Self.files(in: room) {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
                #expect(
                    code.firstMatch(of: /\b(async|await|actor|Task|DispatchQueue|Thread)\b/) == nil,
                    "\(file.lastPathComponent): \(line)")
            }
        }
    }

    @Test("All programs say the same version")
    func version() throws {
        func version(_ file: String, _ name: String) throws -> Substring? {
            let text = try String(contentsOf: Self.sources.appending(path: file), encoding: .utf8)
            return text.split(separator: "\n").first { $0.contains("static let \(name) = \"") }?.split(separator: "\"")[
                1]
        }
        let agent = try #require(try version("Control/AgentVersion.swift", "current"))
        #expect(try version("ScriptRuntime/RunnerProgram.swift", "version") == agent)
    }

    @Test("Nothing in the programs gives up by trapping", arguments: allowed.keys.sorted())
    func noTraps(room: String) throws {
        for file in try Self.files(in: room) {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
                #expect(
                    code.firstMatch(of: /fatalError|preconditionFailure|try!|as!/) == nil,
                    "\(file.lastPathComponent): \(line)")
            }
        }
    }

    @Test("The brain says codes: no sentence is made in it, nor recognised")
    func noSentences() throws {
        for file in try Self.files(in: "FailoverCore") {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
                // The system's own words are handed on as they are.
                guard !code.contains("static let wordsFor") else { continue }
                #expect(code.firstMatch(of: /"[^"]*[a-z),] [a-z(][^"]*"/) == nil, "\(file.lastPathComponent): \(line)")
            }
        }
    }

    @Test(
        "Pure rooms touch no memory by hand",
        arguments: ["Addressing", "VRRP", "Configuration", "FailoverCore", "Reporting", "Control", "Scripts"])
    func safe(room: String) throws {
        for file in try Self.files(in: room) {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.firstMatch(of: /\bunsafe\b/) == nil, "\(file.lastPathComponent)")
        }
    }
}
