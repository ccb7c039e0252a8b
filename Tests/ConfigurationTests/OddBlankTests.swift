import Configuration
import Testing

@Suite("Blanks that are none")
struct OddBlankTests {
    @Test(
        "What looks like a blank and parts no words is named, in the place of the error that it leads to",
        arguments: [
            ("\u{A0}", "no-break space (U+00A0)"), ("\u{202F}", "narrow no-break space (U+202F)"),
            ("\u{3000}", "ideographic space (U+3000)"), ("\u{2003}", "space (U+2003)"),
            ("\u{200B}", "zero-width space (U+200B)"), ("\u{FEFF}", "byte order mark (U+FEFF)"),
            ("\u{AD}", "soft hyphen (U+00AD)"), ("\u{200E}", "direction mark (U+200E)"),
            ("\u{2028}", "line separator (U+2028)"),
        ])
    func named(character: String, name: String) throws {
        for line in ["nopreempt\(character)", "\(character)nopreempt", "garp_master_delay\(character)5"] {
            let result = GuideFile.read(GuideFile.text(extra: line))
            let error = try #require(result.diagnostics.first)
            #expect(result.diagnostics.count == 1, "\(result.diagnostics)")
            #expect(error.severity == .error)
            #expect(error.message.contains(name), "\(error)")
            #expect(error.location.line == 12)
        }
        let column = try #require(GuideFile.read(GuideFile.text(extra: "priority\(character)7")).diagnostics.first)
        #expect(column.location.column == 13)
    }

    @Test("Also in a list, at the end of an interface's name, and as a byte of Latin-1")
    func places() {
        #expect(GuideFile.read(GuideFile.text(addresses: "192.0.2.1\u{A0}dev eth0")).errors(about: "U+00A0"))
        #expect(GuideFile.read(GuideFile.text(extra: "interface eth0\u{A0}")).errors(about: "U+00A0"))
        var bytes = Array(GuideFile.text(extra: "nopreemptX").utf8)
        bytes[bytes.lastIndex(of: UInt8(ascii: "X")) ?? 0] = 0xA0
        let files = LatinFile(bytes: bytes)
        #expect(ConfigurationReader.read("main", from: files).errors(about: "byte A0 of Latin-1"))
    }

    @Test("Where it does no harm it is a warning: a password may hold one; in comments and quotes nothing is told")
    func harmless() throws {
        let result = GuideFile.read(GuideFile.text(authentication: "auth_pass a\u{A0}b"))
        #expect(result.warnings(about: "U+00A0"))
        #expect(result.instance?.password == Array("a\u{A0}b".utf8))
        #expect(!"\(result.diagnostics)".contains("a\u{A0}b"), "no message shows a password")
        for line in ["auth_pass \"a\u{A0}b\"", "auth_pass ab # c\u{A0}d", "auth_pass ab !\u{200B}"] {
            #expect(GuideFile.read(GuideFile.text(authentication: line)).diagnostics.isEmpty, "\(line)")
        }
        #expect(GuideFile.read(GuideFile.text(authentication: "auth_pass pä55")).diagnostics.isEmpty)
    }

    @Test("Another error of the same line is told, too")
    func others() {
        let result = GuideFile.read(GuideFile.text(extra: "prioritty 7\u{A0}"))
        #expect(result.errors(about: "unknown keyword 'prioritty'"))
        #expect(result.warnings(about: "U+00A0"))
    }
}

private struct LatinFile: SourceFiles {
    var bytes: [UInt8]
    func read(_ path: String) throws(SourceError) -> [UInt8] { bytes }
    func expand(_ pattern: String) -> [String] { [] }
}
