import Addressing
import Configuration
import Foundation
import Testing

/// Each line of these tables was given to keepalived 2.2.7, and does here what it did there.
@Suite("Conditions, loops and definitions, as keepalived 2.2.7 reads them")
struct DialectTests {
    /// The last octets of the addresses that came out of lines in a list of addresses.
    static func octets(_ lines: String, before: String = "", id: String = "n1") -> [String]? {
        read(lines, before: before, id: id).configuration.map { configuration in
            configuration.instances.flatMap(\.addresses).map {
                String($0.prefix.address.description.split(separator: ".")[3])
            }
        }
    }

    static func read(
        _ lines: String, before: String = "", id: String = "n1", environment: [String: String] = [:],
        random: (@Sendable (ClosedRange<Int>) -> Int)? = { $0.upperBound }
    ) -> ConfigurationReader.Result {
        let text = """
            \(before)
            vrrp_instance one {
                interface eth0
                virtual_router_id 10
                virtual_ipaddress {
                    \(lines)
                }
            }
            """
        return ConfigurationReader.read(
            "/c/main.conf", from: MemoryFiles(["/c/main.conf": text]),
            context: ReadingContext(
                configurationID: id, environment: environment, workingDirectory: "/w", random: random))
    }

    @Test(
        "@id: exactly one line, compared literally",
        arguments: [
            ("@n1 192.0.2.2", ["2", "9"]), ("@n2 192.0.2.2", ["9"]), ("@^n1 192.0.2.2", ["9"]),
            ("@^n2 192.0.2.2", ["2", "9"]), ("  \t@n1\t192.0.2.2", ["2", "9"]), ("@N1 192.0.2.2", ["9"]),
            ("@n 192.0.2.2", ["9"]), ("@n11 192.0.2.2", ["9"]), ("@n1,n2 192.0.2.2", ["9"]),
            ("@n* 192.0.2.2", ["9"]), ("@\"n1\" 192.0.2.2", ["9"]), ("@ 192.0.2.2", ["9"]), ("@ n1 192.0.2.2", ["9"]),
            ("@^ 192.0.2.2", ["2", "9"]), ("@^", ["9"]), ("@", ["9"]), ("@n1 # c", ["9"]),
            ("@^^n1 192.0.2.2", ["2", "9"]),
            ("@n1 ~SEQ(i,1,2) 192.0.2.${i}", ["1", "2", "9"]), ("@n2 ~SEQ(i,1,2) 192.0.2.${i}", ["9"]),
            ("~SEQ(i,1,2) @n1 192.0.2.${i}", ["1", "2", "9"]), ("~SEQ(i,1,2) @n2 192.0.2.${i}", ["9"]),
        ])
    func conditions(line: String, expected: [String]) {
        #expect(Self.octets(line + "\n192.0.2.9") == expected)
    }

    @Test("A whole block needs the condition on every line; two openings can share one body")
    func conditionalBlocks() {
        let text =
            "@n1 vrrp_instance A {\n@n2 vrrp_instance B {\ninterface eth0\nvirtual_router_id 3\nvirtual_ipaddress {\n192.0.2.3\n}\n}"
        #expect(Self.read("192.0.2.9", before: text).configuration?.instances.map(\.name) == ["A", "one"])
        #expect(Self.read("192.0.2.9", before: text, id: "n2").configuration?.instances.map(\.name) == ["B", "one"])
        #expect(Self.read("192.0.2.9", before: text, id: "n3").hasErrors)
    }

    @Test(
        "~SEQ",
        arguments: [
            ("~SEQ(a,1,3)", ["1", "2", "3"]), ("~SEQ(a,3)", ["1", "2", "3"]), ("~SEQ(a,1,2,6)", ["1", "3", "5"]),
            ("~SEQ(a,3,1)", ["3", "2", "1"]), ("~SEQ(a,5,-2,1)", ["5", "3", "1"]),
            ("~SEQ(a,0x9,0xb)", ["9", "10", "11"]),
            ("~SEQ(a,010,011)", ["8", "9"]), ("~SEQ( a , 1 , 2 )", ["1", "2"]), ("~SEQ (a,1,2)", ["1", "2"]),
            ("~SEQ(a,2,2)", ["2"]), ("~SEQ(a,+1,2)", ["1", "2"]), ("~SEQ(a,${D},6)", ["5", "6"]),
            ("~SEQx(a,9,10)", ["9"]),
        ])
    func sequences(loop: String, expected: [String]) {
        // Hexadecimal values beyond 9 are no IPv4 octets.
        let octets = Self.octets("\(loop) @n1 192.0.2.${a}", before: "$D=5")
        #expect(loop.hasPrefix("~SEQx") ? octets == nil : octets == expected)
    }

    @Test("Loops in loops: the left one is the outer one, and the right one may depend on it")
    func nestedLoops() {
        #expect(Self.octets("~SEQ(i,1,2) ~SEQ(j,${i},3) 192.0.2.${i}${j}") == ["11", "12", "13", "22", "23"])
        #expect(Self.octets("~LST(i,1,2) ~LST(j,8,9) 192.0.2.${i}${j}") == ["18", "19", "28", "29"])
    }

    @Test(
        "~LST",
        arguments: [
            ("~LST(a,3,5,7) 192.0.2.${a}", ["3", "5", "7"]),
            ("~LST({a,b},{1,2},{3,4}) 192.0.2.${a}${b}", ["12", "34"]),
            ("~LST({a, b}, {1, 2} , {3, 4}) 192.0.2.${a}${b}", ["12", "34"]),
            ("~LST( a , 1 , 2 ) 192.0.2.${a}", ["1", "2"]), ("~LST(a,4) 192.0.2.${a}", ["4"]),
            ("~LST({a,b},{1},{2,3}) 192.0.2.${a}${b}", ["1", "23"]), ("~LST(a,1,,3) 192.0.2.7${a}", ["71", "7", "73"]),
        ])
    func lists(line: String, expected: [String]) {
        #expect(Self.octets(line) == expected)
    }

    @Test(
        "Loops that are none",
        arguments: [
            "~SEQ(a,x,y) 1", "~SEQ(a) 1", "~SEQ() 1", "~SEQ(,1,2) 1", "~SEQ(a,1,2,3,4) 1", "~SEQ(a,1,-1,3) 1",
            "~SEQ(a,5,1,3) 1", "~SEQ(a,1,0,3) 1", "~SEQ(a,1,2 x", "~SEQx(a,-1,1) 1", "~LST(a,x y,z) 1", "~LST(a) 1",
            "~LST(a,{1,2},3) 1", "~LST({a,b}{1,2}) 1", "~LST({a,b},{1,2,3}) 1", "~SEQ(a,1,99999999) 192.0.2.1",
            "~SEQ(a,999999999999,9999999999999999999) 1", "~FOO(a,1,2) x", "~",
        ])
    func wrongLoops(line: String) {
        #expect(Self.read(line).hasErrors)
    }

    @Test(
        "Definitions: late, recursive, in quotes, too",
        arguments: [
            ("$O=$P\n$P=4\n$P=7", "192.0.2.${O}", "7"), ("$B=192.0.2.${S}\n$S=3", "${B}", "3"),
            ("$A=192.0.2.5/32 dev eth0", "$A", "5"), ("$A=192.0.2.5", "\"${A}\"", "5"),
            ("$A=1\n$A=", "192.0.2.${A}7", "7"),
            ("$A= 192.0.2.6 # six", "$A # x", "6"), ("@n2 $A=1\n@n1 $A=2", "192.0.2.${A}", "2"),
            ("$I=@n1", "$I 192.0.2.8\n@n2 1.1.1.1", "8"), ("$_K=8", "192.0.2.${_K}", "8"),
        ])
    func definitions(before: String, line: String, octet: String) {
        #expect(Self.octets(line, before: before) == [octet])
    }

    @Test("A definition of several lines: each line for itself, conditions and definitions within at their use")
    func severalLines() {
        let body =
            "$M= \\\n192.0.2.1 \\\n  # comment \\\n@n1 192.0.2.2 \\\n@n2 192.0.2.3 \\\n$X=4 \\\n192.0.2.${X} \\\n192.0.2.${N}"
        #expect(Self.octets("$N=5\n$M\n$N=6\n192.0.2.${X}${N}", before: body) == ["1", "2", "4", "5", "46"])
        #expect(
            Self.octets("~SEQ(N,7,8) $M", before: "$M=\\\n192.0.2.${N} \\\n192.0.2.1${N}") == ["7", "17", "8", "18"])
    }

    @Test("Its first line goes on with what stands before it; in the middle of a line it is no definition")
    func joined() {
        let result = Self.read("192.0.2.1", before: "$M=\\\npriority 77 \\\nnopreempt").configuration
        #expect(result != nil)
        let used = GuideFile.read(
            GuideFile.text(state: "BACKUP", extra: "garp_master_delay $M", before: "$M=7 \\\nnopreempt"))
        #expect(used.instance?.gratuitousARP.delay == .seconds(7))
        #expect(used.instance?.preempts == false)
        #expect(Self.read("192.0.2.1 $M dev eth0", before: "$M=1 \\\n2").hasErrors)
    }

    @Test("The manual's nested example, and what an empty line does")
    func nestedDefinitions() {
        let text = "$IN=\\\n192.0.2.${A}${B} \\\n192.0.2.${B}\n$OUT=\\\n$B=1 \\\n$IN \\\n$B=2 \\\n$IN"
        #expect(Self.octets("$A=9\n$OUT", before: text) == ["91", "1", "92", "2"])
        let ended = Self.read("$M", before: "$M=\\\n192.0.2.1 \\\n\nglobal_defs {\n}")
        #expect(ended.configuration != nil)
        #expect(ended.warnings(about: "empty line"))
    }

    @Test("A definition of several lines that leads to itself ends with an error")
    func endless() {
        #expect(Self.read("$M", before: "$M=\\\n192.0.2.1 \\\n$M").hasErrors)
        #expect(Self.read("$M", before: "$M=\\\n$N \\\n$N\n$N=\\\n$M \\\n$M").hasErrors)
    }

    @Test("Definitions and loops that multiply each other end with an error, and soon")
    func explosion() {
        let names = (0..<30).map { "M\($0)" }
        let doubling = zip(names, names.dropFirst()).map { "$\($0)=\\\n$\($1) \\\n$\($1)" }.joined(separator: "\n")
        #expect(Self.read("$M0", before: doubling + "\n$M29=\\\n1 \\\n2").hasErrors)
        #expect(Self.read("~SEQ(a,1,60000) ~SEQ(b,1,60000) ~SEQ(c,1,60000) 192.0.2.1").hasErrors)
    }

    @Test("A password that is a definition of several lines is shown by no diagnostic")
    func secret() {
        let result = Self.read("$PASS", before: "$PASS=\\\nhunter2x \\\nhunter3x")
        #expect(result.hasErrors)
        #expect(!result.diagnostics.contains { "\($0)".contains("hunter") })
    }

    @Test("The predefined ones")
    func predefined() {
        func name(_ text: String) -> String? {
            let text =
                "vrrp_instance \"\(text)\" {\ninterface eth0\nvirtual_router_id 9\nvirtual_ipaddress {\n192.0.2.7\n}\n}"
            return Self.read("192.0.2.1", before: text, environment: ["SITE": "north"]).configuration?.instances.first?
                .name
        }
        #expect(name("${_INSTANCE}") == "n1")
        #expect(name("${_PWD}/x") == "/c/x")
        #expect(name("a${_HASH}b${_BANG}c") == "a#b!c")
        #expect(name("${_ENV SITE}-1") == "north-1")
        #expect(name("${_RANDOM 7 9}") == "9")
        #expect(name("${_RANDOM 7}") == "32767")
        #expect(name("${_RANDOM}") == "32767")
        #expect(name("${_RANDOM 9 7}") == "${_RANDOM 9 7}")
        #expect(name("${_NOTHING}") == "${_NOTHING}")
        #expect(Self.octets("192.0.2.${_RANDOM 7 9}") == ["9"])
    }

    @Test(
        "A random number is drawn by the reader's generator, between the bounds of the file, and without one there is none"
    )
    func random() {
        let low = Self.read("192.0.2.${_RANDOM 5 9}", random: { $0.lowerBound }).configuration
        #expect(low?.instances.first?.addresses.map(\.prefix.address) == [IPAddress(192, 0, 2, 5)])
        #expect(Self.read("192.0.2.${_RANDOM 5 9}", random: nil).hasErrors)
    }
}

@Suite("include and its variants")
struct IncludeVariantTests {
    private static func read(_ line: String, _ files: [String: String] = [:]) -> ConfigurationReader.Result {
        GuideFile.read(GuideFile.text(before: line), with: files)
    }

    @Test(
        "What is missing: told by all, an error for some",
        arguments: [
            ("include", false, false), ("includer", false, false), ("includem", true, false), ("includew", true, true),
            ("includeb", false, false), ("includea", true, true),
        ])
    func missing(keyword: String, file: Bool, pattern: Bool) {
        #expect(Self.read("\(keyword) x.conf").hasErrors == file)
        #expect(Self.read("\(keyword) *.nothing").hasErrors == pattern)
        #expect(Self.read("\(keyword) x.conf").diagnostics.count == 1)
        #expect(Self.read("\(keyword) *.nothing").diagnostics.count == 1)
    }

    @Test("Every alternative in braces is looked for; one that is missing is an error for includeb and includea")
    func braces() {
        let files = ["/c/f1": "global_defs {\n}"]
        for (keyword, isError) in [("include", false), ("includew", false), ("includeb", true), ("includea", true)] {
            let result = Self.read("\(keyword) f{1,9}", files)
            #expect(result.hasErrors == isError)
            #expect(result.diagnostics.count == 1)
        }
    }

    @Test("include_check holds for the lines after it, not for other files")
    func checks() {
        #expect(Self.read("global_defs {\ninclude_check\n}\ninclude x.conf").hasErrors)
        #expect(Self.read("global_defs {\ninclude_check match\n}\ninclude *.no").hasErrors == false)
        #expect(Self.read("global_defs {\ninclude_check wildcard_match\n}\ninclude *.no").hasErrors)
        #expect(Self.read("global_defs {\ninclude_check +match -match\n}\ninclude x").hasErrors == false)
        #expect(Self.read("global_defs {\ninclude_check mach\n}").hasErrors)
        #expect(Self.read("include f", ["/c/f": "global_defs {\ninclude_check\n}"]).hasErrors == false)
    }

    @Test("Paths: definitions and conditions work, blanks and quotes belong to the path")
    func paths() {
        let file = ["/c/g/a b": "global_defs {\nvrrp_version 9\n}"]
        for line in ["include g/a b", "$D=g\ninclude ${D}/a b", "include ${_PWD}/g/a b # c", "@^no include g/a b"] {
            #expect(Self.read(line, file).errors(about: "vrrp_version"), "\(line)")
        }
        #expect(Self.read("@no include g/a b", file).diagnostics.isEmpty)
        #expect(Self.read("include \"g/a b\"", file).warnings(about: "can't read"))
        #expect(Self.read("include").hasErrors)
    }

    @Test(
        "What comes through a pipe lies in no folder: what it includes is looked for in the working directory",
        arguments: ["/dev/stdin", "/dev/fd/63", "/proc/self/fd/0"])
    func includeFromPipe(path: String) {
        let files = MemoryFiles([path: "include parts/one.conf\n", "parts/one.conf": GuideFile.text()])
        let result = ConfigurationReader.read(path, from: files)
        #expect(result.instance?.name == "Instance1", "\(result.diagnostics)")
        #expect(result.diagnostics.isEmpty)
    }
}

@Suite("The manual page")
struct ManualTests {
    @Test("failover-agent.conf(5) explains every keyword that works")
    func keywords() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/man/failover-agent.conf.5").standardized
        let explained = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .compactMap { $0.firstMatch(of: /^\.BI? ([^ ]+)/).map { String($0.1).replacing("\\-", with: "-") } }
        let working = KeywordTable.markdown.matches(of: /\| `([^`]+)` \| works/).map { String($0.1) }
        #expect(working.count > 60)
        for keyword in working {
            #expect(explained.contains(keyword), "\(keyword)")
        }
    }
}
