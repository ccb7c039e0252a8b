import Addressing
import Configuration
import Testing

@Suite("A keepalived.conf becomes a file of this agent's own")
struct MigrationTests {
    private func migrate(_ text: String, with others: [String: String] = [:]) throws(Migration.Failure) -> Migration {
        try Migration("/k/keepalived.conf", as: "/f/new.conf", from: files(text, others))
    }

    private func files(_ text: String, _ others: [String: String]) -> MemoryFiles {
        MemoryFiles(others.merging(["/k/keepalived.conf": text]) { $1 })
    }

    private func lines(_ migration: Migration) -> [String] {
        String(decoding: migration.text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("The guide's file is the same to the letter")
    func guide() throws {
        let migration = try migrate(GuideFile.text())
        #expect(String(decoding: migration.text, as: UTF8.self) == GuideFile.text())
        #expect(migration.dropped.isEmpty)
        #expect(migration.warnings.isEmpty)
    }

    @Test("What is not supported becomes a comment, whole blocks too, and is told")
    func dropped() throws {
        let extra = """
            auth_hmac {
                x
            }
            no_accept
            """
        let before = """
            static_routes {
              10.0.0.0/8 via 192.0.2.254
            }
            """
        let migration = try migrate(GuideFile.text(extra: extra, before: before))
        #expect(migration.dropped.map(\.keyword) == ["static_routes", "auth_hmac", "no_accept"])
        #expect(migration.dropped.first?.location.line == 1)
        #expect(lines(migration).contains("#   10.0.0.0/8 via 192.0.2.254"))
        #expect(lines(migration).contains { $0.hasPrefix("# Not carried over: 'auth_hmac': ") })
        #expect(migration.configuration.instances.map(\.name) == ["Instance1"])
    }

    @Test("vrrp_strict and strict_mode: keepalived sends no authentication then, so it must not carry over, either")
    func strict() throws {
        func file(_ global: String, _ extra: String) -> String {
            "global_defs {\n\(global)\n}\n" + GuideFile.text(extra: extra)
        }
        #expect(GuideFile.text().contains("auth_pass"))
        for (global, extra) in [("vrrp_strict", ""), ("", "strict_mode on"), ("vrrp_strict", "strict_mode true")] {
            let migration = try migrate(file(global, extra))
            #expect(migration.dropped.map(\.keyword).contains("authentication"))
            #expect(migration.configuration.instances[0].password == nil)
            #expect(!lines(migration).contains { $0.contains("auth_pass") && !$0.hasPrefix("#") })
        }
        let lenient = try migrate(file("vrrp_strict", "strict_mode off"))
        #expect(lenient.configuration.instances[0].password != nil)
    }

    @Test("What was included stands in its place")
    func included() throws {
        let migration = try migrate(
            "global_defs {\n}\ninclude conf.d/*.conf\n",
            with: [
                "/k/conf.d/a.conf": GuideFile.text(),
                "/k/conf.d/b.conf": "static_routes {\n 10.0.0.0/8 via 192.0.2.254\n}\n",
            ])
        let text = lines(migration)
        #expect(text.contains("# From /k/conf.d/a.conf:"))
        #expect(!text.contains { $0.hasPrefix("include") })
        #expect(migration.dropped.map(\.location.file) == ["/k/conf.d/b.conf"])
    }

    @Test("A condition before an include can't be kept: an error, and nothing is written")
    func conditional() {
        #expect(throws: Migration.Failure.self) {
            _ = try Migration(
                "/k/keepalived.conf", as: "/f/new.conf",
                from: files("@a include x.conf\n\(GuideFile.text())", ["/k/x.conf": "global_defs {\n}\n"]),
                context: ReadingContext(configurationID: "a"))
        }
    }

    @Test("What only a person can decide is told, with its line")
    func errors() throws {
        let failure = #expect(throws: Migration.Failure.self) {
            _ = try migrate(GuideFile.text(authentication: "auth_pass s3cret").replacing("PASS", with: "AH"))
        }
        #expect(failure?.diagnostics.map(\.location.line) == [9])
        #expect(failure?.diagnostics.map(\.location.file) == ["/k/keepalived.conf"])
        #expect(throws: Migration.Failure.self) { _ = try migrate("virtual_server 1.2.3.4 80 {\n}\n") }
    }

    @Test("A file that is there and can't be read is not left out")
    func unreadable() {
        struct Locked: SourceFiles {
            func read(_ path: String) throws(SourceError) -> [UInt8] {
                guard path == "/k/keepalived.conf" else { throw SourceError(description: "Permission denied") }
                return Array("include x.conf\n\(GuideFile.text())".utf8)
            }
            func expand(_ pattern: String) -> [String] { [] }
        }
        let failure = #expect(throws: Migration.Failure.self) {
            _ = try Migration("/k/keepalived.conf", as: "/f/new.conf", from: Locked())
        }
        #expect(failure?.diagnostics.first?.message.contains("Permission denied") == true)
    }

    @Test("A statement that shares a line with one that has to go stays")
    func sharedLines() throws {
        let text = "static_routes { 10.0.0.0/8 via 192.0.2.254 } \(GuideFile.text().drop { $0 == "\n" })"
        let migration = try migrate(text)
        #expect(migration.dropped.map(\.keyword) == ["static_routes"])
        #expect(
            lines(migration).contains("  vrrp_instance Instance1 {")
                || lines(migration).contains(" vrrp_instance Instance1 {"))
        #expect(migration.configuration.instances.map(\.name) == ["Instance1"])
    }

    @Test("So do the neighbours of a block, before it and behind it")
    func neighbours() throws {
        let interval = try migrate(GuideFile.text(extra: "track_script {\n chk\n } advert_int 3\n"))
        #expect(interval.configuration.instances.first?.advertisementInterval == .seconds(3))
        let other = try migrate(
            GuideFile.text(
                extra: "notify_master \"/bin/x\" } vrrp_instance Other { interface eth0\n virtual_router_id 11\n"))
        #expect(other.configuration.instances.map(\.name) == ["Instance1", "Other"])
        #expect(other.configuration.instances.map(\.addresses.count) == [0, 1])
    }

    @Test("What a definition brings in can't be cut: an error that says what would be lost")
    func definitions() {
        let extra = "$LINES=\\\nadvert_int 3 \\\nno_accept\n"
        let failure = #expect(throws: Migration.Failure.self) {
            _ = try migrate(extra + GuideFile.text(extra: "$LINES"))
        }
        #expect(failure?.diagnostics.contains { $0.message.contains("shares a line, or a definition") } == true)
        #expect(
            failure?.diagnostics.contains { $0.message.contains("advertisement interval 3.0 seconds → 1.0 seconds") }
                == true, "\(failure?.diagnostics ?? [])")
    }

    @Test("The first load balancer says how keepalived goes on with it, and the text is the commands that are told")
    func loadBalancing() throws {
        let server = "virtual_server 192.0.2.1 80 {\n real_server 192.0.2.2 80 {\n }\n}\n"
        let migration = try migrate(GuideFile.text() + server + server)
        #expect(migration.dropped.map(\.keyword) == ["virtual_server", "virtual_server"])
        #expect(LoadBalancing.commands.count == 2)
        for command in LoadBalancing.commands {
            #expect(lines(migration).filter { $0 == "#     \(command)" }.count == 1)
        }
    }

    @Test("An instance none of whose addresses carries over does not carry over, either")
    func noneCarriesOver() throws {
        let other = """
            vrrp_instance Other {
                interface eth0
                virtual_router_id 11
                virtual_ipaddress {
                    192.0.2.9/24 use_vmac
                }
            }
            """
        let migration = try migrate(GuideFile.text() + other)
        #expect(migration.configuration.instances.map(\.name) == ["Instance1"])
        #expect(migration.dropped.map(\.reason) == ["none of its addresses carries over"])
    }

    @Test("An address with an option that is not supported becomes a comment, and is told")
    func addressOption() throws {
        let text = GuideFile.text().replacing(
            "virtual_ipaddress {", with: "virtual_ipaddress {\n10.0.0.9/24 dev eth0 use_vmac")
        let migration = try migrate(text)
        #expect(migration.dropped.count == 1)
        #expect(migration.dropped.first?.reason.hasPrefix("'use_vmac': ") == true)
        #expect(lines(migration).contains("# 10.0.0.9/24 dev eth0 use_vmac"))
        #expect(migration.configuration.instances[0].addresses.count == 1)
    }

    @Test("An address of the other family, which keepalived drops, becomes a comment")
    func laterAddress() throws {
        let text = GuideFile.text().replacing("192.0.2.1", with: "192.0.2.1\n2001:db8::1/64")
        let migration = try migrate(text)
        #expect(lines(migration).contains("# 2001:db8::1/64"))
        #expect(migration.configuration.instances.first?.addresses.count == 1)
    }

    @Test("An instance for IPv6 beside one for IPv4 is taken as it is; a peer of the other family becomes a comment")
    func otherFamily() throws {
        let second = """
            vrrp_instance VI_6 {
                interface eth0
                virtual_router_id 10
                virtual_ipaddress {
                    fe80::10
                    2001:db8::1/64
                }
            }
            """
        let peers = "unicast_src_ip 192.0.2.11\nunicast_peer {\n192.0.2.12\n2001:db8::12\n}\n"
        let migration = try migrate(GuideFile.text(extra: peers) + second)
        #expect(migration.configuration.instances.map(\.family) == [.ipv4, .ipv6])
        #expect(migration.configuration.instances.first?.unicast?.peers.count == 1)
        #expect(lines(migration).contains { $0.hasPrefix("#") && $0.hasSuffix("2001:db8::12") })
    }
}
