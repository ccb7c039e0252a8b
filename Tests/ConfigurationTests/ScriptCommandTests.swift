import Configuration
import Testing

@Suite("What a script's text runs")
struct ScriptCommandTests {
    private func words(_ text: String) throws -> [String] {
        try ScriptCommand(Array(text.utf8)).arguments.map { String(decoding: $0, as: UTF8.self) }
    }

    private func notes(_ text: String) throws -> [ScriptCommand.Note] {
        try ScriptCommand.parse(Array(text.utf8)).notes
    }

    @Test(
        "Words are cut as keepalived cuts them",
        arguments: [
            ("/x", ["/x"]), ("  /x   a\tb ", ["/x", "a", "b"]), ("/x 'b c' d", ["/x", "b c", "d"]),
            ("/x \\\"b c\\\"", ["/x", "b c"]), ("/x \"b c\"", ["/x", "b c"]), ("/x ''", ["/x", ""]),
            ("/x a'b c'd", ["/x", "ab cd"]),
            ("/x \\x41\\x4", ["/x", "A\u{4}"]), ("/x \\101 \\n", ["/x", "A"]), ("/x '\\n'", ["/x", "\n"]),
            ("/x \\cA", ["/x", "\u{1}"]), ("/x \\xg", ["/x", "xg"]),
            ("/x it\\'s", ["/x", "it's"]), ("/x '# !'", ["/x", "# !"]), ("/x {a}", ["/x", "{a}"]),
            (
                "/bin/bash -c 'if [[ $(netstat) ]]; then exit 0; fi'",
                ["/bin/bash", "-c", "if [[ $(netstat) ]]; then exit 0; fi"]
            ),
            ("sh -c 'a\nb'", ["sh", "-c", "a\nb"]),
        ])
    func cut(text: String, expected: [String]) throws {
        #expect(try words(text) == expected)
    }

    @Test("Where 2.2 and 2.4 read a backslash in different ways, 2.2 counts, and that is told")
    func versions() throws {
        #expect(try notes("/x \\\"b c\\\"") == [.versionsDiffer])
        #expect(try words("/x '\\\\x41'") == ["/x", "A"])
        for text in ["/x '\\x41'", "/x it\\'s", "/x 'b c'"] { #expect(try notes(text).isEmpty, "\(text)") }
    }

    @Test("No shell: what a shell would read is an argument, and is told")
    func noShell() throws {
        #expect(try words("/x && $HOME * > /f") == ["/x", "&&", "$HOME", "*", ">", "/f"])
        #expect(try notes("/x && y") == [.shellSyntax("&&")])
        for text in ["/x a; y", "/x >/dev/null", "/x 2>&1", "/x `date`", "/x $HOME", "/x *.sh", "/x ~/f", "/x &"] {
            #expect(try notes(text).count == 1, "\(text)")
        }
    }

    @Test("What stands in quotes, and what only looks like it, is not told")
    func quoted() throws {
        for text in [
            "/x '&&'", "sh -c 'a && b'", "/x http://h/?a=1&b=2", "/x a;b", "/x a>b", "/x -", "/x [root] [password]",
        ] {
            #expect(try !notes(text).contains { if case .shellSyntax = $0 { true } else { false } }, "\(text)")
        }
    }

    @Test("A text that begins with </ goes to a shell as a whole, and to bash for what only bash knows")
    func redirection() throws {
        let plain = try ScriptCommand(Array("</etc/healthy".utf8))
        #expect(plain.usesShell && plain.program == "/bin/sh")
        #expect(try words("< /etc/healthy") == ["/bin/sh", "-c", "< /etc/healthy"])
        #expect(try words(" </dev/tcp/127.0.0.1/80 || exit 1") == ["bash", "-c", "</dev/tcp/127.0.0.1/80 || exit 1"])
        #expect(try notes("</dev/udp/127.0.0.1/80") == [.takesBash])
        #expect(try !ScriptCommand(Array("<file".utf8)).usesShell, "no path")
    }

    @Test("sh is told that it may not know /dev/tcp")
    func needsBash() throws {
        #expect(try notes("/bin/sh -c '</dev/tcp/h/80'") == [.needsBash])
        #expect(try notes("/bin/bash -c '</dev/tcp/h/80'").isEmpty)
    }

    @Test("A name without a slash is looked for in PATH, and that is told")
    func path() throws {
        #expect(try notes("killall -0 haproxy") == [.searchesPath])
    }

    @Test(
        "What can't be run says why",
        arguments: [
            ("", ScriptCommand.Fault.noProgram), ("  ", .noProgram), ("'' a", .noProgram),
            ("/x 'a", .words(.openQuote(39))),
            ("/x \"a", .words(.openQuote(34))), ("/x a\\", .words(.openEscape)), ("/x \\0", .zeroByte),
            ("/x \\x00", .zeroByte),
            ("/x \0", .zeroByte),
        ])
    func faults(text: String, fault: ScriptCommand.Fault) {
        #expect(throws: fault) { try ScriptCommand(Array(text.utf8)) }
    }
}
