import Addressing
import Configuration
import Testing

/// Each of these files was given to keepalived 2.2.7, and the instances are those that it then had.
@Suite("What keepalived ignores was never in force: an error in --check, a comment after a migration")
struct IgnoredTests {
    struct File: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var text: String
        /// What of each instance is in force: its name, number, priority and addresses.
        var instances: [String]
        /// What is told, with the line.
        var ignored: [String]
    }

    private static let instance = "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n"
    private static let addresses = " virtual_ipaddress {\n  192.0.2.1\n }\n"
    private static let other =
        "vrrp_instance B {\n interface eth1\n virtual_router_id 52\n virtual_ipaddress {\n  192.0.2.2\n }\n}\n"

    static let files: [File] = [
        File(
            testDescription: "text between blocks", text: "OS: Debian\nsome text\n" + instance + addresses + "}\n",
            instances: ["A 51 100 192.0.2.1"], ignored: ["1 OS:", "2 some"]),
        File(
            testDescription: "a misspelt block", text: "vvrp_script chk {\n script x\n interval 2\n}\n" + other,
            instances: ["B 52 100 192.0.2.2"], ignored: ["1 vvrp_script"]),
        File(
            testDescription: "its brace on the next line", text: "vvrp_script chk\n{\n script x\n}\n" + other,
            instances: ["B 52 100 192.0.2.2"], ignored: ["1 vvrp_script"]),
        File(
            testDescription: "an instance inside of a block that is none counts all the same",
            text: "group g {\n" + other + "real_server 192.0.2.9 80 {\n TCP_CHECK {\n  connect_port 80\n }\n}\n}\n",
            instances: ["B 52 100 192.0.2.2"], ignored: ["1 group"]),
        File(
            testDescription: "a misspelt list in an instance: the brace that closes it ends the instance",
            text: instance + " trck_script {\n  chk\n }\n priority 77\n" + addresses + "}\n" + other,
            instances: ["A 51 100", "B 52 100 192.0.2.2"],
            ignored: ["4 trck_script", "5 chk", "7 priority", "8 virtual_ipaddress", "11 }"]),
        File(
            testDescription: "what it knows between those braces counts",
            text: instance + " trck_script {\n  priority 33\n }\n" + addresses + "}\n" + other,
            instances: ["A 51 33", "B 52 100 192.0.2.2"],
            ignored: ["4 trck_script", "7 virtual_ipaddress", "10 }"]),
        File(
            testDescription: "one brace too many at the end", text: instance + addresses + "}\n}\n" + other,
            instances: ["A 51 100 192.0.2.1", "B 52 100 192.0.2.2"], ignored: ["8 }"]),
        File(
            testDescription: "one brace too many inside",
            text: instance + " }\n" + addresses + " priority 90\n}\n" + other,
            instances: ["A 51 100", "B 52 100 192.0.2.2"],
            ignored: ["5 virtual_ipaddress", "8 priority", "9 }"]),
        File(
            testDescription: "no brace at the end", text: instance + addresses, instances: ["A 51 100 192.0.2.1"],
            ignored: []),
        File(
            testDescription: "no brace between two instances: the second one's lines are the first one's",
            text: instance + addresses + other, instances: ["A 52 100 192.0.2.1 192.0.2.2"],
            ignored: ["7 vrrp_instance"]),
        File(
            testDescription: "an authentication without its brace: the instance's own closes it",
            text: instance + " authentication {\n auth_type PASS\n auth_pass abc\n" + addresses + "}\n" + other,
            instances: ["A 51 100", "B 52 100 192.0.2.2"], ignored: ["7 (a word)", "8 (a word)"]),
        File(
            testDescription: "a brace in a list is a word of it",
            text:
                "vrrp_instance A {\n interface eth0\n virtual_router_id 51\n virtual_ipaddress\n {\n  192.0.2.1\n  {\n"
                + "  192.0.2.3\n }\n priority 6\n}\n",
            instances: ["A 51 6 192.0.2.1 192.0.2.3"], ignored: ["7 {"]),
        File(
            testDescription: "braces without a keyword", text: "{\n foo\n}\n" + other,
            instances: ["B 52 100 192.0.2.2"],
            ignored: ["1 {", "2 foo", "3 }"]),
        File(
            testDescription: "a second instance of a name", text: other + other.replacing("52", with: "53"),
            instances: ["B 52 100 192.0.2.2"], ignored: ["8 vrrp_instance"]),
        File(
            testDescription: "a brace behind a keyword that has no block",
            text: "vrrp_instance A {\n interface eth0\n virtual_router_id 51 {\n priority 7\n }\n" + addresses + "}\n"
                + other,
            instances: ["A 51 7", "B 52 100 192.0.2.2"], ignored: ["3 {", "6 virtual_ipaddress", "9 }"]),
        File(
            testDescription: "a keyword in the wrong block",
            text: "enable_script_security\nglobal_defs {\n garp_master_delay 3\n}\n" + other,
            instances: ["B 52 100 192.0.2.2"], ignored: ["1 enable_script_security", "3 garp_master_delay"]),
    ]

    private static func migrate(_ text: String) throws -> Migration {
        try Migration("/k/keepalived.conf", as: "/f/new.conf", from: MemoryFiles(["/k/keepalived.conf": text]))
    }

    @Test("The instances are keepalived's, and each line is told", arguments: files)
    func ignored(file: File) throws {
        #expect(GuideFile.read(file.text).hasErrors)
        let migration = try Self.migrate(file.text)
        let instances = migration.configuration.instances.map { instance in
            ([instance.name, "\(instance.virtualRouterID)", "\(instance.priority)"]
                + instance.addresses.map { "\($0.prefix.address)" }).joined(separator: " ")
        }
        #expect(instances == file.instances)
        #expect(migration.ignored.map { "\($0.location.line) \($0.keyword)" } == file.ignored)
        #expect(migration.dropped.isEmpty)
        let written = GuideFile.read(String(decoding: migration.text, as: UTF8.self))
        #expect(!written.hasErrors, "\(written.diagnostics)")
    }

    @Test("The reason names the nearest keyword, or the block into which it belongs")
    func advice() throws {
        func reason(_ text: String) throws -> String? { try Self.migrate(text + Self.other).ignored.first?.reason }
        #expect(try reason("vvrp_script chk {\n}\n") == "keepalived ignores it; did you mean 'vrrp_script'?")
        #expect(try reason("enable_script_security\n") == "keepalived ignores it; it belongs into 'global_defs'")
        #expect(try reason("nb_get_retry 3\n") == "keepalived ignores it; it belongs into 'virtual_server'")
        #expect(try reason("OS: Debian\n") == "keepalived ignores it")
        #expect(
            try reason("global_defs {\nvrrp_script x\n}\n")
                == "keepalived ignores it; it stands inside of another block: is a '}' missing before it?")
        #expect(try reason("}\n") == "it closes no block: keepalived ignores it")
    }

    @Test("No password is told")
    func secrets() throws {
        let migration = try Self.migrate(
            Self.instance
                + " authentication {\n auth_type PASS\n hunter2x\n auth_pas hunter2x\n }\n auth_pass hunter2x\n"
                + Self.addresses + "}\n")
        #expect(migration.ignored.count == 3)
        for remark in migration.ignored { #expect(!"\(remark)".contains("hunter2x")) }
    }
}
