import Configuration
import Testing

@Suite("How much may be read")
struct SizeTests {
    /// As many instances as make so many bytes, 255 to an interface.
    static func instances(_ bytes: Int, indent: String = "") -> (text: String, count: Int) {
        var text = ""
        var count = 0
        while text.utf8.count < bytes {
            let line = { (words: String) in "\(indent)\(words)\n" }
            text += "vrrp_instance I\(count) {\n" + line("interface eth\(count / 255)")
            text += line("virtual_router_id \(count % 255 + 1)") + line("virtual_ipaddress {")
            text += line("10.\(count / 250 / 250 % 250).\(count / 250 % 250).\(count % 250 + 1)") + line("}") + "}\n"
            count += 1
        }
        return (text, count)
    }

    @Test("Short lines count no more than they are long: one mebibyte of them below a limit of one and a bit is fine")
    func shortLines() throws {
        let (text, count) = Self.instances(1 << 20)
        var context = ReadingContext()
        context.mostBytes = text.utf8.count
        let files = MemoryFiles(["main": text])
        let result = ConfigurationReader.read("main", from: files, context: context)
        #expect(result.configuration?.instances.count == count, "\(result.diagnostics.prefix(3))")
        context.mostBytes -= 1
        let refused = ConfigurationReader.read("main", from: files, context: context)
        #expect(refused.diagnostics.count == 1)
        #expect(
            refused.errors(
                about: "'main' has \(text.utf8.count) bytes: they may have at most \(text.utf8.count - 1) bytes"))
    }

    @Test("Too much is one error with the size and the limit, whatever else is wrong or would be missing")
    func oneError() throws {
        var context = ReadingContext()
        context.mostBytes = 4 << 10
        let big = String(repeating: "# comment\n", count: 300)
        let files = MemoryFiles([
            "main": "prioritty 7\ninclude a\ninclude b\ninclude b\nvrrp_instance I {\n", "a": big, "b": big,
        ])
        let result = ConfigurationReader.read("main", from: files, context: context)
        let error = try #require(result.diagnostics.first)
        #expect(result.diagnostics.count == 1)
        #expect(error.location.line == 3)
        #expect(error.message.contains("'b' has 3000 bytes, so that all files together have 6060"), "\(error)")
        #expect(error.message.contains("at most 4 KiB (4096 bytes)"))
    }

    @Test("Lines are bounded, too; blank ones and comments do not count")
    func lines() {
        var context = ReadingContext()
        let blank = String(repeating: "\n  # comment\n", count: 1000)
        let files = MemoryFiles(["main": blank + GuideFile.text()])
        context.mostLines = 14
        #expect(ConfigurationReader.read("main", from: files, context: context).diagnostics.isEmpty)
        context.mostLines = 13
        let result = ConfigurationReader.read("main", from: files, context: context)
        #expect(result.diagnostics.count == 1)
        #expect(result.errors(about: "the files have more than 13 lines"))
    }

    @Test("What loops and definitions make of it is bounded all the same")
    func loops() throws {
        var context = ReadingContext()
        context.mostBytes = 4 << 10
        let result = ConfigurationReader.read(
            "main", from: MemoryFiles(["main": "~SEQ(a, 1, 60000) ~SEQ(b, 1, 60000) $X$a$b=1\nvrrp_instance {\n"]),
            context: context)
        #expect(result.diagnostics.count == 1)
        #expect(result.errors(about: "definitions and loops make more than 4 KiB"))
    }
}
