import Configuration
import ConfigurationFiles
import Foundation
import ScriptRuntime
import Testing

/// A folder of root's alone, removed with its content at the test's end.
private final class RootFolder {
    let path = "/run/fotest-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String = "text", mode: Int = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    func folder(_ name: String, mode: Int = 0o755) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: false)
        // Whatever the umask says.
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/\(name)")
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    func give(_ name: String, to user: Int) throws {
        try FileManager.default.setAttributes(
            [.ownerAccountID: user, .groupOwnerAccountID: user], ofItemAtPath: "\(path)/\(name)")
    }
}

@Suite("Files that only root can change", .enabled(if: geteuid() == 0, "only root can make such files"))
struct TrustedFileTests {
    private func content(_ path: String) throws -> String? {
        try TrustedFile(path).content(atMost: 1000).map { String(decoding: $0, as: UTF8.self) }
    }

    private func open(_ path: String) throws(Distrust) { _ = try TrustedFile(path) }

    @Test("A file of root's, in folders of root's, is read")
    func good() throws {
        let root = try RootFolder()
        try root.folder("a")
        #expect(try content(root.file("a/file")) == "text")
        #expect(try content("\(root.path)/./a/../a//file") == "text")
        #expect(try TrustedFile(root.file("long", String(repeating: "x", count: 2000))).content(atMost: 1999) == nil)
    }

    @Test("A file that others can change is not: by its mode, by its owner", arguments: [0o664, 0o646, 0o666])
    func writable(mode: Int) throws {
        let root = try RootFolder()
        let path = try root.file("file", mode: mode)
        #expect(throws: Distrust.writable(path: path, mode: UInt32(0o100000 | mode))) { try open(path) }
        try root.give("file", to: 1)
        #expect(throws: Distrust.owner(path: path, user: 1)) { try open(path) }
    }

    @Test("Nor is one below a folder that others can change, also where they may only add to it")
    func folders() throws {
        let root = try RootFolder()
        try root.folder("a")
        let path = try root.file("a/file")
        for mode in [0o775, 0o757, 0o1777] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(root.path)/a")
            #expect(throws: Distrust.writable(path: "\(root.path)/a", mode: UInt32(0o040000 | mode))) { try open(path) }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(root.path)/a")
        try root.give("a", to: 1)
        #expect(throws: Distrust.owner(path: "\(root.path)/a", user: 1)) { try open(path) }
    }

    @Test("A link that root has made is followed, and where it leads is looked at")
    func links() throws {
        let root = try RootFolder()
        try root.folder("good")
        try root.folder("bad", mode: 0o777)
        _ = try root.file("good/file")
        _ = try root.file("bad/file")
        try root.link("there", to: "good/file")
        try root.link("absolute", to: "\(root.path)/good")
        try root.link("good/up", to: "../good/file")
        try root.link("trap", to: "bad/file")
        try root.link("circle", to: "circle")
        #expect(try content("\(root.path)/there") == "text")
        #expect(try content("\(root.path)/absolute/file") == "text")
        #expect(try content("\(root.path)/good/up") == "text")
        #expect(throws: Distrust.writable(path: "\(root.path)/bad", mode: 0o040777)) { try open("\(root.path)/trap") }
        #expect(throws: Distrust.tooManyLinks(path: "\(root.path)/circle")) { try open("\(root.path)/circle") }
    }

    @Test("What is missing, a folder, no regular file, or a relative path says so")
    func others() throws {
        let root = try RootFolder()
        let path = try root.file("file")
        #expect(throws: Distrust.system(path: "\(root.path)/none", code: ENOENT)) { try open("\(root.path)/none") }
        #expect(throws: Distrust.system(path: path, code: ENOTDIR)) { try open("\(path)/more") }
        #expect(throws: Distrust.isFolder(path: root.path)) { try open(root.path) }
        #expect(throws: Distrust.notAbsolute(path: "run/x")) { try open("run/x") }
        #expect(unsafe mkfifo("\(root.path)/pipe", 0o600) == 0)
        #expect(throws: Distrust.notRegular(path: "\(root.path)/pipe")) { try open("\(root.path)/pipe") }
    }

    @Test("A configuration is read whole, or not at all: every file that it includes has to be root's")
    func configuration() throws {
        let root = try RootFolder()
        try root.folder("conf.d")
        let main = try root.file(
            "main", "include \(root.path)/conf.d/*.conf\nvrrp_instance i {\ntrack_script {\nc\n}\n}\n")
        _ = try root.file("conf.d/a.conf", "vrrp_script c {\nscript \"/bin/true\"\n}\n")
        let files = TrustedFiles()
        let result = ScriptingReader.read(main, from: files)
        #expect(result.configuration?.checks.map(\.name) == ["c"])
        #expect(files.archive.paths == ["\(root.path)/conf.d/a.conf", main])
        let other = try root.file("conf.d/b.conf", "", mode: 0o666)
        let refused = ScriptingReader.read(main, from: TrustedFiles())
        #expect(refused.configuration == nil)
        #expect(refused.diagnostics.contains { $0.message.contains("chmod go-w \(other)") })
        try FileManager.default.removeItem(atPath: other)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(root.path)/conf.d")
        #expect(ScriptingReader.read(main, from: TrustedFiles()).configuration == nil)
        // Also where nothing fits yet: whoever can write there could add a file.
        try FileManager.default.removeItem(atPath: "\(root.path)/conf.d/a.conf")
        #expect(ScriptingReader.read(main, from: TrustedFiles()).hasErrors)
    }

    @Test("Whoever checks a file as root is told what keeps the runner from it")
    func exposure() throws {
        let root = try RootFolder()
        func warnings(_ path: String) -> [String] {
            ConfigurationCheck(path, configurationID: nil, environment: "\(root.path)/environment").diagnostics
                .filter { $0.severity == .warning && $0.message.contains("failover-scripts will run nothing of it") }
                .map(\.message)
        }
        let text = """
            vrrp_script c {
                script "/bin/true"
            }
            vrrp_instance i {
                interface eth0
                virtual_router_id 1
                track_script {
                    c
                }
                virtual_ipaddress {
                    192.0.2.1
                }
            }

            """
        let main = try root.file("main", text)
        #expect(warnings(main) == [])
        let open = try root.file("open", text, mode: 0o666)
        #expect(warnings(open).count == 1)
        #expect(warnings(open).first?.contains("chmod go-w \(open)") == true)
        // Nothing is run of this one.
        #expect(try warnings(root.file("other", "global_defs {\n}\n", mode: 0o666)) == [])
        let environment = try root.file("environment", "A=b\n", mode: 0o666)
        #expect(warnings(main).first?.contains("chmod go-w \(environment)") == true)
        try FileManager.default.removeItem(atPath: environment)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: root.path)
        #expect(warnings(main).first?.contains("chmod go-w \(root.path)") == true)
        // As /tmp is: its mode is right, and the file's place is not.
        try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: root.path)
        #expect(warnings(main).first?.contains("chmod") == false)
        #expect(warnings(main).first?.contains("move the file") == true)
    }
}
