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
