import Configuration
import Testing

@Suite("Words and lines, as keepalived 2.2.7 was seen to read them")
struct LexicalTests {
    /// What follows `auth_pass`, and what keepalived put on the wire.
    static let passwords: [(line: String, definition: String, password: String?)] = [
        ("plain", "", "plain"), ("12345678", "", "12345678"), ("123456789abc", "", "12345678"),
        ("$password", "", "$passwor"), ("pa$$word", "", "pa$$word"), ("${pass}", "", "$"),
        ("$FOO", "$FOO=abc", "abc"), ("abc$FOO", "$FOO=xyz", "abcxyz"), ("${FOO}x", "$FOO=abc", "abcx"),
        ("$FOOx", "$FOO=abc", "$FOOx"), ("$FOO.x", "$FOO=abc", "$FOO.x"), ("$FOO$FOO", "$FOO=abc", "$FOOabc"),
        ("pass!word", "", "pass"), ("pass#word", "", "pass"),
        ("\"quoted\"", "", "quoted"),
        ("\"with sp\"", "", "with sp"), ("'single'", "", "'single'"), ("'si gl'", "", "'si"),
        ("\"pa\"\"ss\"", "", "pa"),
        ("pa\\ss", "", "pa\\ss"), ("\"pa\\\\ss\"", "", "pa\\\\ss"), ("\"a!b#c\"", "", "a!b#c"), ("\"a}b\"", "", "a}b"),
        ("foo bar", "", "foo"), ("p@ss%w0", "", "p@ss%w0"), ("*?[x]", "", "*?[x]"), ("a=b", "", "a=b"),
        ("$x=y", "", "$x=y"),
        ("abc\\", "", "abc\\"), ("\\x41bc", "", "\\x41bc"), ("\"\\x41bc\"", "", "\\x41bc"), ("\"\"", "", nil),
        ("@pass", "", "@pass"), ("~SEQ(a,1)", "", "~SEQ(a,1"), ("+-x", "", "+-x"), ("a\"b c\"d", "", "a"),
        ("x\tz", "", "x"),
        ("a!", "", "a"), ("\"q\"x", "", "q"), ("a\\!b", "", "a"), ("a\\#b", "", "a"),
    ]

    @Test("A password has the bytes that keepalived sends", arguments: passwords.indices)
    func password(index: Int) {
        let (line, definition, expected) = Self.passwords[index]
        let result = GuideFile.read(GuideFile.text(authentication: "auth_pass \(line)", before: definition))
        #expect(!result.hasErrors, "\(line)")
        #expect(result.instance?.password == expected.map { Array($0.utf8) }, "\(line)")
    }

    @Test("A password of eight bytes may end inside a letter")
    func bytes() {
        let result = GuideFile.read(GuideFile.text(authentication: "auth_pass pä55wörd"))
        #expect(result.instance?.password == [0x70, 0xC3, 0xA4, 0x35, 0x35, 0x77, 0xC3, 0xB6])
    }

    @Test(
        "What keepalived can't use is an error",
        arguments: ["!pass", "#pass", "", "pa\"ss", "\"abc", "{", "}", "a{b", "a}b", "pa\\\"ss"])
    func badPassword(line: String) {
        #expect(GuideFile.read(GuideFile.text(authentication: "auth_pass \(line)")).hasErrors)
    }

    @Test("'!' and '#' cut a word, with a warning at the place", arguments: ["pass!word", "pass#word"])
    func cut(line: String) throws {
        let result = GuideFile.read(GuideFile.text(authentication: "auth_pass \(line)"))
        let warning = try #require(result.diagnostics.first)
        #expect(warning.severity == .warning)
        #expect(warning.location.line == 10)
        #expect(warning.location.column == 23)
    }

    static let body = "state MASTER\ninterface eth0\nvirtual_router_id 10\npriority 200\n"
    static let addresses = "virtual_ipaddress {\n192.0.2.1\n}\n"

    @Test(
        "Braces may stand anywhere",
        arguments: [
            "vrrp_instance I\n{\n\(body)\(addresses)}\n",
            "vrrp_instance I{\n\(body)\(addresses)}\n",
            "vrrp_instance I {\n\(body)virtual_ipaddress { 192.0.2.1 }\n}\n",
            "vrrp_instance I {\n\(body)virtual_ipaddress{\n192.0.2.1\n}\n}\n",
            "vrrp_instance I {\n\(body)virtual_ipaddress {\n192.0.2.1 }\nadvert_int 1 }\n",
            "vrrp_instance I {\n\(body)\(addresses)} # end\n",
            "vrrp_instance \"My I\" { ! begin\n\(body)\(addresses)}",
            "\u{FEFF}vrrp_instance I {\n\(body)\(addresses)}\n",
        ])
    func braces(text: String) throws {
        for text in [text, text.replacing("\n", with: "\r\n")] {
            let result = GuideFile.read(text)
            #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
            #expect(result.instance?.priority == 200)
        }
    }

    @Test("The last of a repeated keyword counts; blocks of addresses add up")
    func repeated() throws {
        let result = GuideFile.read(
            "vrrp_instance I {\n\(Self.body)priority 150\n\(Self.addresses)virtual_ipaddress {\n192.0.2.2\n}\n}\n")
        let instance = try #require(result.instance)
        #expect(instance.priority == 150)
        #expect(instance.addresses.count == 2)
    }

    @Test(
        "Definitions stand for words, lines and parts of words, and may name each other",
        arguments: [
            ("$V=77", "virtual_router_id $V"), ("$L=virtual_router_id 77", "$L"),
            ("  $V=77 # x", "virtual_router_id $V"),
            ("$A=77\n$V=$A", "virtual_router_id ${V}"), ("$A=7", "virtual_router_id 7${A}"),
            ("$V=$A\n$A=77", "virtual_router_id $V"),
            ("$V=1\n$V=77", "virtual_router_id $V"),
            ("$V_1=77", "virtual_router_id $V_1"),
        ])
    func definitions(definition: String, line: String) {
        let text = "\(definition)\nvrrp_instance I {\n\(Self.body)\(line)\n\(Self.addresses)}\n"
        let result = GuideFile.read(text)
        #expect(result.instance?.virtualRouterID == 77, "\(result.diagnostics)")
    }

    @Test("A definition that leads to itself is an error, not an endless loop")
    func endless() {
        #expect(GuideFile.read("$A=$B$B\n$B=$A$A\n$A\n").errors(about: "no end"))
    }

    @Test("Half a pair of quotes in a definition is an error, not an endless loop")
    func halfQuote() {
        #expect(GuideFile.read("$B=\"q # ! {\n$B x\" y z\n").hasErrors)
    }

    @Test("Numbers may have a plus sign and leading zeros", arguments: ["010", "+10"])
    func numbers(text: String) {
        let result = GuideFile.read("vrrp_instance I {\n\(Self.body)virtual_router_id \(text)\n\(Self.addresses)}\n")
        #expect(result.instance?.virtualRouterID == 10)
    }
}
