import Scripts
import Testing

@Suite("What a script says, fit to be shown")
struct OutputExcerptTests {
    @Test(
        "The first line that is not blank, with everything that is no letter or sign escaped",
        arguments: [
            ("", ""), ("\n \n", ""), ("  hello  \nmore", "hello"), ("\r\nhello\r\nmore", "hello"),
            ("tab\there", "tab\\x09here"),
            ("\u{1B}[31mred", "\\x1b[31mred"), ("größer als 5 €", "größer als 5 €"),
            ("a\u{202E}b", "a\\xe2\\x80\\xaeb"),
            ("C:\\path", "C:\\path"), ("zero\0byte", "zero\\x00byte"),
        ])
    func lines(output: String, shown: String) {
        #expect(OutputExcerpt(Array(output.utf8)).description == shown)
    }

    @Test("Bytes that are no text are escaped one by one")
    func bytes() {
        #expect(OutputExcerpt([0xFF, 65, 0xC3]).description == "\\xffA\\xc3")
    }

    @Test("It has at most 200 bytes, and says where it goes on; no character and no escape is cut in two")
    func long() {
        let whole = String(repeating: "a", count: 200)
        #expect(OutputExcerpt(Array(whole.utf8)).description == whole)
        let cut = OutputExcerpt(Array((whole + "b").utf8)).description
        #expect(cut == String(repeating: "a", count: 197) + "...")
        let umlauts = OutputExcerpt(Array(String(repeating: "ü", count: 150).utf8)).description
        #expect(umlauts == String(repeating: "ü", count: 98) + "...")
        let escapes = OutputExcerpt([UInt8](repeating: 1, count: 5000)).description
        #expect(escapes == String(repeating: "\\x01", count: 49) + "...")
    }
}

@Suite("What a script says, for the journal")
struct OutputLinesTests {
    private func take(_ lines: inout OutputLines, _ text: String) -> [String] {
        lines.take(Array(text.utf8)).map(\.description)
    }

    @Test("Lines are put together from the pieces in which they come; blank ones are left out")
    func pieces() {
        var lines = OutputLines()
        #expect(take(&lines, "one\ntw") == ["one"])
        #expect(take(&lines, "o\n\n  \nthree") == ["two"])
        #expect(lines.end()?.description == "three")
        #expect(lines.end() == nil)
        #expect(lines.first.description == "one")
    }

    @Test("The first line that is not blank is the one that status tells")
    func first() {
        var lines = OutputLines()
        _ = take(&lines, "\n \nno route\nmore\n")
        #expect(lines.first.description == "no route")
    }

    @Test("Of a line without an end no more is kept than is shown")
    func endless() {
        var lines = OutputLines()
        for _ in 0..<100 { #expect(take(&lines, String(repeating: "x", count: 1000)).isEmpty) }
        let line = take(&lines, "\nnext\n")
        #expect(line == [String(repeating: "x", count: 197) + "...", "next"])
    }

    @Test("30 lines a minute are told of one script, and how many were left out")
    func budget() {
        var budget = LineBudget()
        for _ in 0..<30 { #expect(budget.take(at: at(10)).isTold) }
        for _ in 0..<5 { #expect(budget.take(at: at(69.9)).isTold == false) }
        #expect(budget.take(at: at(70)) == (true, 5))
        #expect(budget.take(at: at(71)) == (true, 0))
    }
}
