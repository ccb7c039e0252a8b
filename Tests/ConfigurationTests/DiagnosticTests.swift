import Configuration
import Testing

@Suite("Diagnostics")
struct DiagnosticTests {
    @Test("All of a file's faults are told at once, each with its place, its line and a caret")
    func allAtOnce() throws {
        let text = GuideFile.text(priority: "256", extra: "prioritty 7\nadvert_int 0", addresses: "192.0.2.300")
        let result = GuideFile.read(text)
        #expect(result.configuration == nil)
        #expect(result.diagnostics.filter { $0.severity == .error }.count == 4)
        let first = try #require(result.diagnostics.first)
        #expect(
            "\(first)" == """
                /c/main.conf:6:14: error: 'priority' takes a whole number from 1 to 255
                        priority 256
                                 ^~~
                """)
    }

    @Test(
        "An unknown keyword is an error that names the nearest known one",
        arguments: [
            ("prioritty 7", "'priority'"), ("PRIORITY 7", "'priority'"), ("no_preempt", "'nopreempt'"),
            ("virtual_ip {\n}", "unknown"),
        ])
    func unknown(line: String, hint: String) {
        #expect(GuideFile.read(GuideFile.text(extra: line)).errors(about: hint))
    }

    @Test(
        "Keywords without effect are warnings, those that would change the meaning are errors",
        arguments: [
            ("smtp_alert", Diagnostic.Severity.warning), ("debug 1", .warning), ("accept", .warning),
            ("lvs_sync_daemon_interface eth1", .warning), ("track_script {\nchk\n}", .error), ("use_vmac_addr", .error),
            ("track_bfd {\nx\n}", .error), ("virtual_routes {\nx\n}", .error), ("no_accept", .error),
        ])
    func classes(line: String, severity: Diagnostic.Severity) throws {
        let result = GuideFile.read(GuideFile.text(extra: line))
        #expect(try #require(result.diagnostics.first).severity == severity)
        #expect(result.diagnostics.count == 1)
    }

    @Test(
        "At the root, too",
        arguments: [
            ("vrrp_sync_group G {\ngroup {\nInstance1\n}\n}", Diagnostic.Severity.warning),
            ("virtual_server 192.0.2.1 80 {\nreal_server {\n}\n}", .error),
            ("use_pid_dir", .warning), ("vrrp_script chk {\nscript x\n}", .warning),
            ("global_defs {\nnotification_email {\na@b\n}\n}", .warning),
            ("vrrp_instanze x {\n}", .error),
        ])
    func root(text: String, severity: Diagnostic.Severity) throws {
        let result = GuideFile.read(GuideFile.text(before: text))
        #expect(try #require(result.diagnostics.first).severity == severity)
    }

    static let secret = "hunter2x"

    @Test(
        "No diagnostic shows a password, however the line is broken",
        arguments: [
            "auth_pass \(secret)!x", "auth_pass \(secret) more", "auth_pass \"\(secret)", "auth_pas \(secret)",
            "auth_pass\n\(secret)",
            "auth_pass $\(secret)", "auth_pass ${\(secret)}", "auth_password \(secret)", "auth_pass \(secret)extra",
            "AUTH_PASS \(secret)",
            "auth_pass {\(secret)}", "\(secret)", "\(secret)#x", "auth_type \(secret)", "auth_pass = \(secret)",
            "password \(secret)",
        ])
    func secrets(line: String) {
        for text in [
            GuideFile.text(authentication: line), GuideFile.text(extra: line),
            "$PW=\(Self.secret)!\n$PW = \(Self.secret)\n" + GuideFile.text(authentication: "auth_pass $PW more"),
        ]
        where line != Self.secret && !line.hasPrefix("\(Self.secret)#")
            || text.contains("authentication {\n        auth_type PASS\n        \(line)")
        {
            let result = GuideFile.read(text)
            #expect(!result.diagnostics.isEmpty)
            for diagnostic in result.diagnostics {
                #expect(!"\(diagnostic)".contains(Self.secret), "\(diagnostic)")
            }
        }
    }

    @Test("Fractions need version 3", arguments: [("0.5", true), ("1.5", true), ("2", false)])
    func fractions(interval: String, isError: Bool) {
        let text = GuideFile.text(extra: "advert_int \(interval)")
        #expect(GuideFile.read(text).hasErrors == isError)
    }

    @Test(
        "What an instance can't do without is asked for",
        arguments: ["interface", "virtual_router_id"])
    func missing(keyword: String) {
        let text = "vrrp_instance a {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n}\n"
        let cut = text.split(separator: "\n").filter { !$0.hasPrefix(keyword + " ") }.joined(separator: "\n")
        #expect(GuideFile.read(cut).errors(about: keyword))
    }

    @Test(
        "Instances must not be in each other's way",
        arguments: [
            ("a", "eth0", 1, "192.0.2.2", "same name"), ("b", "eth0", 1, "192.0.2.2", "virtual_router_id"),
            ("b", "eth0", 2, "192.0.2.1", "address"), ("b", "eth1", 1, "192.0.2.2", nil),
        ] as [(String, String, Int, String, String?)])
    func collisions(name: String, interface: String, id: Int, address: String, complaint: String?) {
        func instance(_ name: String, _ interface: String, _ id: Int, _ address: String) -> String {
            "vrrp_instance \(name) {\ninterface \(interface)\nvirtual_router_id \(id)\nvirtual_ipaddress {\n\(address)\n}\n}\n"
        }
        let result = GuideFile.read(instance("a", "eth0", 1, "192.0.2.1") + instance(name, interface, id, address))
        #expect(result.hasErrors == (complaint != nil))
        if let complaint { #expect(result.errors(about: complaint)) }
    }

    @Test("Missing and extra braces are told", arguments: ["vrrp_instance a {", "}", "{", "global_defs {\n{\n}\n"])
    func braces(text: String) {
        #expect(GuideFile.read(text).hasErrors)
    }

    @Test(
        "An empty file is an error, and so is one with nothing to do",
        arguments: ["", "# nothing\n", "global_defs {\n}\n"])
    func empty(text: String) {
        #expect(GuideFile.read(text).errors(about: "vrrp_instance"))
    }

    @Test("Nothing in a file steers the terminal that shows its faults")
    func controlCharacters() {
        let result = GuideFile.read("\u{1B}[31mred\u{7F} \u{9B}x\n\u{07}\n")
        #expect(!result.diagnostics.isEmpty)
        for diagnostic in result.diagnostics {
            #expect(
                !"\(diagnostic)".unicodeScalars.contains {
                    $0.value < 32 && $0 != "\n" || (127..<160).contains($0.value)
                })
        }
    }
}

@Suite("Includes")
struct IncludeTests {
    @Test("Files are found beside the including one, with wildcards in their order")
    func finds() throws {
        let result = GuideFile.read(
            "include conf.d/*.conf\ninclude /etc/other.conf\n",
            with: [
                "/c/conf.d/b.conf": GuideFile.text().replacing("Instance1", with: "B").replacing(
                    "_id 10", with: "_id 11"
                ).replacing("192.0.2.1", with: "192.0.2.2"),
                "/c/conf.d/a.conf": GuideFile.text(),
                "/etc/other.conf": "global_defs {\nvrrp_garp_master_repeat 3\n}\n",
            ])
        let configuration = try #require(result.configuration)
        #expect(configuration.instances.map(\.name) == ["Instance1", "B"])
        #expect(configuration.instances[0].gratuitousARP.rounds == 3)
    }

    @Test("A missing file and a pattern that fits nothing are warnings: the file may be optional")
    func missing() {
        #expect(GuideFile.read(GuideFile.text(before: "include x.conf")).warnings(about: "x.conf"))
        let pattern = GuideFile.read(GuideFile.text(before: "include x/*.conf"))
        #expect(!pattern.hasErrors && pattern.warnings(about: "no file"))
    }

    @Test("A file that includes itself is an error")
    func cycle() {
        let result = GuideFile.read("include a.conf\n", with: ["/c/a.conf": "include main.conf\n"])
        #expect(result.errors(about: "includes itself"))
    }

    @Test("A fault in an included file is told with that file's name")
    func place() throws {
        let result = GuideFile.read("include a.conf\n", with: ["/c/a.conf": "\nfoo\n"])
        let diagnostic = try #require(result.diagnostics.first)
        #expect("\(diagnostic.location)" == "/c/a.conf:2:1")
    }
}
