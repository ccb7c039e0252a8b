import Foundation
import Testing

@Suite("Addresses on real interfaces")
struct AddressTests {
    static let forms = [["192.0.2.11/24", "192.0.2.1/24"], ["192.0.2.11/24", "192.0.2.1"], ["192.0.2.1/24"]]

    /// Not with keepalived where the shared address is the only one: while a keepalived is master, its kernel drops what
    /// comes from that address, and it never hears that the first host is back.
    static let pairs = forms.map { (own: $0, peer: "agent") } + forms.dropLast().map { (own: $0, peer: "keepalived") }

    @Test(
        "The first host has the shared address natively: the pair works and the native copy stays", arguments: pairs)
    func native(own: [String], peer: String) throws {
        let lab = try Lab("ab", addressed: false)
        defer { lab.tearDown() }
        for address in own { try lab.on("a", "addr", "add", address, "dev", "eth0") }
        try lab.on("b", "addr", "add", "192.0.2.12/24", "dev", "eth0")
        let before = lab.addresses("a")
        let first = try lab.agent("a", Guide.primary)
        if peer == "agent" { try lab.agent("b", Guide.secondary) } else { try lab.keepalived("b", Guide.secondary) }
        try lab.wait("a is master") { lab.state("a") == "master" }
        Thread.sleep(forTimeInterval: 1.5)
        #expect(lab.addresses("b") == ["192.0.2.12/24"])
        let shown = try #require(try lab.status("a").first?["addresses"] as? [[String: Any]])
        #expect(shown.first?["hostsOwn"] as? Bool == true)

        let check = try lab.start(
            "a", ["\(Lab.binaries)/failover-agent", "--check", "--config", lab.write(Guide.primary, as: "check.conf")])
        #expect(check.waitForExit() == 0)
        #expect(check.output.contains("cannot give it up"))

        try lab.cut("a")
        try lab.wait("b holds it") { lab.addresses("b").contains { $0.hasPrefix("192.0.2.1/") || $0 == "192.0.2.1" } }
        #expect(lab.addresses("a") == before)
        try lab.mend("a")
        try lab.wait("a is master again") { lab.state("a") == "master" }
        try lab.wait("b gave it back") { lab.addresses("b") == ["192.0.2.12/24"] }
        #expect(first.stop() == 0)
        #expect(lab.addresses("a") == before)
    }

    @Test("A check tells of a native copy, whichever program is asked")
    func nativeCopyIsTold() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let file = try lab.write(Guide.file(priority: 100, password: nil), as: "a.conf")
        let questions = [["failover-agent", "--check", "--config", file], ["failoverctl", "check", file]]
        func answers(_ more: String...) throws -> [(code: Int32, output: String)] {
            try questions.map { question in
                let program = try lab.start("a", ["\(Lab.binaries)/\(question[0])"] + question.dropFirst() + more)
                return (program.waitForExit(), program.output)
            }
        }
        for answer in try answers("--strict") {
            #expect(answer.code == 0)
            #expect(answer.output == "")
        }
        try lab.on("a", "addr", "add", "192.0.2.1/24", "dev", "eth0")
        for answer in try answers() {
            #expect(answer.code == 0)
            #expect(answer.output.contains("192.0.2.1/24 is on eth0 already, as this host's own address"))
        }
        for answer in try answers("--strict") { #expect(answer.code == 1) }
    }

    @Test("A backup with a native copy leaves it alone")
    func nativeBackup() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        try lab.on("b", "addr", "add", "192.0.2.1/32", "dev", "eth0")
        try lab.agent("a", Guide.primary)
        let second = try lab.agent("b", Guide.secondary)
        try lab.wait("a is master") { lab.state("a") == "master" }
        Thread.sleep(forTimeInterval: 1.5)
        #expect(lab.holders() == "ab")
        #expect(second.stop() == 0)
        #expect(lab.holders() == "ab")
    }

    @Test("No removal takes another address along: promote_secondaries is set first")
    func secondaries() throws {
        let lab = try Lab("a", addressed: false)
        defer { lab.tearDown() }
        try lab.on("a", "addr", "add", "198.51.100.11/24", "dev", "eth0")
        let program = try lab.agent("a", Guide.file(priority: 100, addresses: ["192.0.2.1/24"]))
        try lab.waitForHolder("a")
        try lab.on("a", "addr", "add", "192.0.2.50/24", "dev", "eth0")
        #expect(program.stop() == 0)
        #expect(lab.addresses("a") == ["198.51.100.11/24", "192.0.2.50/24"])
    }

    @Test("A deleted address is back, the others are untouched, nobody else becomes master")
    func deleted() throws {
        let lab = try Lab("ab")
        defer { lab.tearDown() }
        let addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
        try lab.agent("a", Guide.file(priority: 100, addresses: addresses))
        try lab.agent("b", Guide.file(priority: 99, addresses: addresses))
        try lab.waitForHolder("a", "192.0.2.3")
        Thread.sleep(forTimeInterval: 1)
        try lab.on("a", "addr", "del", "192.0.2.2/32", "dev", "eth0")
        try lab.waitForHolder("a", "192.0.2.2", within: 1)
        Thread.sleep(forTimeInterval: 2)
        #expect(lab.addresses("b") == ["192.0.2.12/24"])
        let counters = try #require(try lab.status("a").first?["counters"] as? [String: Any])
        #expect(counters["becameMaster"] as? Int == 1)
        #expect(counters["resignationsSent"] as? Int == 0)
    }

    @Test("The host's own address goes for long: the shared one answers until the other host has it")
    func ownAddressGoes() throws {
        let lab = try Lab("abc")
        defer { lab.tearDown() }
        // With the prefix of the network the host still has a route to its clients.
        try lab.agent("a", Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1/24"]))
        try lab.waitForHolder("a")
        try lab.agent("b", Guide.file(priority: 99, addresses: ["192.0.2.1/24"]))
        Thread.sleep(forTimeInterval: 3)
        let prober = try lab.probe("c")
        Thread.sleep(forTimeInterval: 0.5)
        try lab.on("a", "addr", "del", "192.0.2.11/24", "dev", "eth0")
        try lab.waitForHolder("b", within: 10)
        try lab.wait("a waits for an address", within: 5) { lab.state("a") == "fault" }
        Thread.sleep(forTimeInterval: 0.5)
        let (answers, outage) = prober.finish()
        #expect(answers > 300)
        #expect(outage < Prober.unnoticed)
    }

    @Test("Lost events: stopped during thousands of changes, the agent reads the table anew and repairs it")
    func overrun() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let program = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        program.signal(SIGSTOP)
        let lines = (0..<12_000).map { number in
            let address = "10.\(number / 250 % 250).\(number % 250).1/32"
            return "addr add \(address) dev lo\naddr del \(address) dev lo\n"
        }
        let batch = try lab.write(lines.joined() + "addr del 192.0.2.1/32 dev eth0\n", as: "batch")
        try lab.on("a", "-batch", batch)
        #expect(lab.holders() == "")
        program.signal(SIGCONT)
        try lab.waitForHolder("a", within: 2)
        #expect(program.output.contains("reading the whole table"))
    }

    @Test("Killed: the next start removes what was left, before anything else; a file that names it no longer, too")
    func leftovers() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        let program = try lab.agent("a", Guide.primary)
        try lab.waitForHolder("a")
        program.end(SIGKILL)
        #expect(lab.holders() == "a")
        try lab.agent("a", Guide.file(priority: 100, addresses: ["192.0.2.77"]))
        try lab.wait("the leftover is gone", within: 2) { lab.holders() == "" }
    }
}
