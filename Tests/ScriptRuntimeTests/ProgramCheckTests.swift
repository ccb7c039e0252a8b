import Configuration
import ConfigurationFiles
import Foundation
import Glibc
import Testing

/// A folder that is removed with its content at the test's end.
private final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "fotest-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String = "#!/bin/sh\n", mode: Int = 0o755) throws {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }
}

private struct OneFile: SourceFiles {
    let text: String

    func read(_ path: String) -> [UInt8] { Array(text.utf8) }
    func expand(_ pattern: String) -> [String] { [] }
}

@Suite("What a configuration has run is looked for on the disk")
struct ProgramCheckTests {
    /// - Parameter lines: of a `vrrp_script`.
    private func look(
        _ lines: String, global: String = "", as observer: ProgramCheck.Observer = .person
    ) throws -> [Diagnostic] {
        let text =
            "global_defs {\n\(global)\n}\nvrrp_script c {\n\(lines)\n}\nvrrp_instance i {\ntrack_script {\nc\n}\n}\n"
        let scripting = try #require(ScriptingReader.read("/f", from: OneFile(text: text)).configuration)
        return ProgramCheck.diagnostics(about: scripting, as: observer).filter { !$0.message.contains("root runs it") }
    }

    @Test("A program is found by its path, by a link, and in PATH")
    func fine() throws {
        let folder = try Folder()
        try folder.file("x")
        try folder.link("y", to: "x")
        for command in ["\(folder.path)/x a b", "\(folder.path)/y", "/bin/sh -c 'x'", "sh -c x", "</dev/null"] {
            #expect(try look("script \"\(command)\"").isEmpty, "\(command)")
        }
    }

    @Test("What can't be run says why, in the place of the check")
    func faults() throws {
        let folder = try Folder()
        try folder.file("data", mode: 0o644)
        try folder.file("text", "exit 0\n")
        try folder.file("windows", "#!/bin/sh\r\nexit 0\r\n")
        try folder.file("alien", "#!/nowhere/sh\n")
        try folder.link("circle", to: "circle")
        let cases = [
            ("/nowhere/x", "there is no /nowhere/x"), ("nosuchprogramanywhere", "is in no folder of PATH"),
            (folder.path, "is a folder"), ("\(folder.path)/data", "chmod +x"),
            ("\(folder.path)/text", "does not begin with '#!'"), ("\(folder.path)/windows", "carriage return"),
            ("\(folder.path)/alien", "there is no /nowhere/sh"), ("\(folder.path)/circle", "symbolic links"),
            ("/dev/null", "is no regular file"),
        ]
        for (command, words) in cases {
            let found = try look("script \"\(command)\"")
            #expect(found.count == 1 && found.first?.severity == .error, "\(found)")
            #expect(found.first?.message.contains(words) == true, "\(found)")
            #expect(found.first?.location.line == 4)
        }
    }

    @Test("Users and groups that are not there are told, once")
    func users() throws {
        let unknown = try look("script \"/bin/true\"\nuser nosuchuser")
        #expect(unknown.map(\.message) == ["there is no user 'nosuchuser' to run it"])
        #expect(try look("script \"/bin/true\"", global: "script_user nosuchuser").count == 1)
        #expect(try look("script \"/bin/true\"\nuser root nosuchgroup").first?.message.contains("no group") == true)
        #expect(try look("script \"/bin/true\"\nuser root").isEmpty)
    }

    @Test("One that its user may not run is an error", .enabled(if: geteuid() == 0))
    func permissions() throws {
        let folder = try Folder()
        try folder.file("x", mode: 0o700)
        let found = try look("script \"\(folder.path)/x\"\nuser nobody")
        #expect(found.map(\.message) == ["the user nobody, who is to run it, may not use \(folder.path)/x"])
    }

    @Test("The service asks for no users, and says nothing of what is hidden from it")
    func service() throws {
        #expect(try look("script \"/bin/true\"\nuser nosuchuser", as: .service).isEmpty)
        #expect(try look("script \"/home/nobody/x\"", as: .service).isEmpty)
        #expect(try look("script \"/nowhere/x\"", as: .service).count == 1)
    }

    @Test("A FIFO's place that another file has is an error")
    func pipe() throws {
        let found = try look("script \"/bin/true\"", global: "notify_fifo /etc/passwd")
        #expect(found.map(\.message) == ["/etc/passwd is there, and is no named pipe"])
    }
}
