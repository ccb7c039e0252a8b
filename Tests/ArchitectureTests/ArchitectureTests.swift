import Foundation
import Testing

/// The rooms and what they may know of each other; docs/architecture.md has the picture.
@Suite("The house")
struct ArchitectureTests {
    /// What each room may import, besides the Swift standard library.
    static let allowed: [String: Set<String>] = [
        "Addressing": [],
        "VRRP": ["Addressing"],
        "Configuration": ["Addressing"],
        "FailoverCore": ["Addressing", "Configuration", "VRRP", "DequeModule", "HeapModule"],
        "Reporting": ["Addressing", "Configuration", "FailoverCore", "VRRP"],
        "Simulation": ["Addressing", "Configuration", "FailoverCore", "VRRP", "HeapModule"],
        "Control": ["Addressing", "FoundationEssentials"],
        "Kernel": ["Synchronization", "Addressing", "CLinux", "CNetlink", "Glibc"],
        "ConfigurationFiles": ["Addressing", "Configuration", "Glibc", "Kernel"],
        "EventLoop": ["CSystemd", "Glibc", "Synchronization"],
        "AgentRuntime": [
            "Addressing", "CLinux", "Configuration", "ConfigurationFiles", "Control", "EventLoop", "FailoverCore",
            "Glibc", "Kernel", "Reporting", "VRRP",
        ],
        "failover-agent": ["AgentRuntime", "Glibc"],
        "Screens": ["Control"],
        "failoverctl": [
            "ArgumentParser", "Configuration", "ConfigurationFiles", "Control", "Glibc", "Screens", "Synchronization",
        ],
    ]

    static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    static func files(in room: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: sources.appending(path: room), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "swift" }
    }

    @Test("Every room is known, and none is missing")
    func rooms() throws {
        let doors: Set = ["CLinux", "CNetlink", "CSystemd"]
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path())
        #expect(Set(found).subtracting(doors) == Set(Self.allowed.keys))
    }

    @Test("A room imports nothing but what it may", arguments: allowed.keys.sorted())
    func imports(room: String) throws {
        let files = try Self.files(in: room)
        #expect(!files.isEmpty)
        let pattern = /^\s*(?:@\w+\s+)*(?:package |public |private |internal )?import (?:\w+ )?(\w+)/
        for file in files {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard let match = line.firstMatch(of: pattern) else { continue }
                let module = String(match.1)
                #expect(
                    try #require(Self.allowed[room]).contains(module), "\(file.lastPathComponent) imports \(module)")
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
        arguments: ["Addressing", "VRRP", "Configuration", "FailoverCore", "Reporting", "Control"])
    func safe(room: String) throws {
        for file in try Self.files(in: room) {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.firstMatch(of: /\bunsafe\b/) == nil, "\(file.lastPathComponent)")
        }
    }
}
