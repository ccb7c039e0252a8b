import Configuration
import Testing

@Suite("The file that gives a configuration its environment")
struct EnvironmentFileTests {
    private func variables(_ text: String) -> [String: String] { EnvironmentFile(text.utf8).variables }
    private func faults(_ text: String) -> [EnvironmentFile.Fault] { EnvironmentFile(text.utf8).faults }

    @Test("A line gives a variable its value; comments, blank lines and blanks around count for nothing")
    func lines() {
        let text = "# a comment\n; another\n\n A=1 \nB = two words\t\r\nC="
        #expect(variables(text) == ["A": "1", "B": "two words", "C": ""])
        #expect(faults("# a = \"comment\n;x\n\nA=1").isEmpty)
    }

    @Test(
        "Quotes hold blanks, comments' signs and line feeds; only double ones know escapes",
        arguments: [
            ("A='a  # b'", "a  # b"), ("A=\"a  ; b\"", "a  ; b"), ("A='a\\n$b'", "a\\n$b"),
            ("A=\"a\\\"\\$\\n\"", "a\"$\\n"),
            ("A='x' \"y\"z", "xyz"), ("A=it's", "it's"), ("A=a\\ \\\"b", "a \"b"), ("A=one \\\n two", "one  two"),
            ("A=\"one\ntwo\"", "one\ntwo"), ("A=\"one \\\ntwo\"", "one two"), ("A=a#b", "a#b"), ("A=b=c", "b=c"),
            ("A='x  '", "x  "), ("A=Ü", "Ü"),
        ])
    func quotes(text: String, value: String) {
        #expect(variables(text) == ["A": value])
        #expect(variables("\(text)\nB=1") == ["A": value, "B": "1"], "the next line is another one")
    }

    @Test("The later one of two lines with the same name counts")
    func twice() { #expect(variables("A=1\nA=2") == ["A": "2"]) }

    @Test(
        "What is no assignment is passed over and told, with its line",
        arguments: [
            ("word", .noAssignment), ("export A=1", .noName), ("1A=2", .noName), ("=2", .noName), ("A-B=2", .noName),
            ("A=\u{0}", .noText), ("B=1\nC='open\n\n", .openQuote),
        ] as [(String, EnvironmentFile.Fault.Kind)])
    func faults(text: String, kind: EnvironmentFile.Fault.Kind) {
        let line = kind == .openQuote ? 3 : 2
        #expect(faults("\n" + text) == [.init(line: line, kind: kind)])
        if kind != .openQuote { #expect(variables("\n\(text)\nB=2") == ["B": "2"]) }
    }

    @Test("Bytes that are no text are passed over")
    func noText() {
        let file = EnvironmentFile(Array("A=".utf8) + [0xFF] + Array("\nB=1".utf8))
        #expect(file.variables == ["B": "1"] && file.faults == [.init(line: 1, kind: .noText)])
    }

    @Test("FAILOVER_CONFIG_ID is what @ID lines are compared with; an empty one is none")
    func configurationID() {
        #expect(EnvironmentFile("FAILOVER_CONFIG_ID=node1".utf8).configurationID == "node1")
        #expect(EnvironmentFile("FAILOVER_CONFIG_ID=".utf8).configurationID == nil)
        #expect(EnvironmentFile().configurationID == nil)
    }

    @Test("A fault is told as a warning in its line")
    func diagnostics() throws {
        let diagnostic = try #require(EnvironmentFile("\nword".utf8).diagnostics("/etc/x").first)
        #expect(
            "\(diagnostic)" == "/etc/x:2:1: warning: this line is passed over: it is no NAME=VALUE")
    }
}
