import Configuration
import Scripts
import Testing
import VRRP

@Suite("Track files")
struct TrackFileTests {
    @Test(
        "The number is the one that keepalived reads",
        arguments: [
            ("0", 0), ("-5\n", -5), (" 7 \n", 7), ("+9", 9), ("\n\n8", 8), ("0x10", 16), ("0X1f\n", 31), ("010", 8),
            ("-0x2", -2),
            ("2147483648", 2_147_483_648), ("-2147483648", -2_147_483_648), ("0", 0), ("00", 0),
        ])
    func numbers(text: String, number: Int) {
        let value = TrackFileValue(Array(text.utf8))
        #expect(value.number == number)
        #expect(value.fault == nil)
    }

    @Test(
        "What keepalived passes over without a word is told; the number is still keepalived's",
        arguments: [
            ("", 0, TrackFileValue.Fault.empty), (" \n", 0, .empty), ("abc", 0, .noNumber), ("-", 0, .noNumber),
            ("- 5", 0, .noNumber),
            ("12abc", 12, .excess), ("3.9", 3, .excess), ("5 6", 5, .excess), ("1e2", 1, .excess), ("0x", 0, .excess),
            ("08", 0, .excess), ("0xg", 0, .excess),
        ])
    func told(text: String, number: Int, fault: TrackFileValue.Fault) {
        let value = TrackFileValue(Array(text.utf8))
        #expect(value.number == number)
        #expect(value.fault == fault)
    }

    @Test(
        "A number beyond 31 bits leaves the one before",
        arguments: ["99999999999", "2147483649", "-2147483649", "999999999999999999999999999999999", "0xfffffffff"])
    func tooLarge(text: String) {
        let value = TrackFileValue(Array(text.utf8))
        #expect(value.number == nil)
        #expect(value.fault == .outOfRange)
    }

    @Test("A file that is not there counts as 0, and is told")
    func missing() {
        #expect(TrackFileValue.missing.number == 0 && TrackFileValue.missing.fault == .missing)
        #expect(TrackFileValue.unreadable.number == 0 && TrackFileValue.unreadable.fault == .unreadable)
    }

    @Test("Only the beginning of a file is looked at, up to the first zero byte")
    func long() {
        #expect(TrackFileValue(Array("5".utf8) + [0] + Array("x".utf8)).fault == nil)
        let long = Array("7".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: 126) + Array("x".utf8)
        #expect(TrackFileValue(long).number == 7 && TrackFileValue(long).fault == nil)
    }
}

@Suite("Track processes")
struct ProcessTests {
    private func process(
        _ program: String, _ arguments: [String] = [], match: TrackProcessConfiguration.ArgumentMatch = .any,
        full: Bool = false, quorum: ClosedRange<Int> = 1...Int.max, fork: Duration = .zero, terminate: Duration = .zero
    ) -> TrackProcessConfiguration {
        var process = TrackProcessConfiguration(name: "p", location: place, program: Array(program.utf8))
        process.arguments = arguments.map { Array($0.utf8) }
        process.match = match
        process.comparesCommandLine = full || match != .any
        process.quorum = quorum
        process.forkDelay = fork
        process.terminateDelay = terminate
        return process
    }

    private func fits(_ process: TrackProcessConfiguration, _ name: String, _ words: [String]) -> Bool {
        let line: [UInt8] = words.flatMap { Array($0.utf8) + [UInt8(0)] }
        return ProcessPattern(process).fits(name: Array(name.utf8), commandLine: line)
    }

    @Test("Without arguments the name that the kernel keeps counts, of which there are 15 bytes")
    func name() {
        #expect(fits(process("haproxy"), "haproxy", ["/usr/sbin/haproxy", "-f", "x"]))
        #expect(!fits(process("haproxy"), "haproxy2", ["haproxy"]))
        #expect(fits(process("a-very-long-name-of-a-program"), "a-very-long-nam", []))
    }

    @Test("With full_command or arguments the command line counts, word for word")
    func commandLine() {
        #expect(fits(process("/usr/sbin/x", full: true), "y", ["/usr/sbin/x", "-d"]))
        #expect(!fits(process("x", full: true), "x", ["/usr/sbin/x"]))
        let exact = process("/x", ["-a", "b c"], match: .exact)
        #expect(fits(exact, "x", ["/x", "-a", "b c"]))
        #expect(!fits(exact, "x", ["/x", "-a", "b c", "more"]))
        #expect(!fits(exact, "x", ["/x", "-a"]))
        let partial = process("/x", ["-a"], match: .partial)
        #expect(fits(partial, "x", ["/x", "-a", "more"]))
        #expect(!fits(partial, "x", ["/x", "-ab"]))
        let initial = process("/x", ["-a", "/var"], match: .initial)
        #expect(fits(initial, "x", ["/x", "-a", "/var/log"]))
        #expect(!fits(initial, "x", ["/x", "-a"]))
        #expect(!fits(initial, "x", ["/x", "-b", "/var"]))
        #expect(fits(process("/x", match: .exact), "x", ["/x"]))
        #expect(!fits(process("/x", match: .exact), "x", ["/x", "-a"]), "none may follow")
        #expect(fits(process("/x", [""], match: .exact), "x", ["/x", ""]), "an empty argument is one")
        #expect(!fits(process("x", full: true), "kworker", []), "a kernel thread has no command line")
    }

    @Test("As many processes as the quorum wants, and no more than the most")
    func quorum() {
        var quorum = ProcessQuorum(process("x", quorum: 2...3), count: 1)
        #expect(!quorum.isMet)
        #expect(quorum.change(count: 2, at: at(0)) && quorum.isMet)
        #expect(quorum.change(count: 3, at: at(0)) == false)
        #expect(quorum.change(count: 4, at: at(0)) && !quorum.isMet)
        #expect(quorum.change(count: 3, at: at(0)) && quorum.isMet)
        let none = ProcessQuorum(process("x", quorum: 0...0), count: 0)
        #expect(none.isMet, "it must not run")
    }

    @Test("What is there at the start counts at once")
    func start() {
        #expect(ProcessQuorum(process("x", fork: .seconds(5)), count: 1).isMet)
    }

    @Test(
        "More processes wait for fork_delay, fewer for terminate_delay, and a count that returns in time has not happened"
    )
    func delays() {
        var quorum = ProcessQuorum(process("x", fork: .seconds(2), terminate: .seconds(5)), count: 1)
        #expect(quorum.change(count: 0, at: at(10)) == false)
        #expect(quorum.isMet && quorum.deadline == at(15))
        #expect(quorum.change(count: 1, at: at(14)) == false)
        #expect(quorum.isMet && quorum.deadline == nil)
        #expect(quorum.change(count: 0, at: at(20)) == false)
        #expect(quorum.expire(at: at(24.9)) == false)
        #expect(quorum.expire(at: at(25)) && !quorum.isMet)
        #expect(quorum.change(count: 1, at: at(30)) == false)
        #expect(quorum.deadline == at(32))
        #expect(quorum.change(count: 2, at: at(31)) == false, "the first one counts")
        #expect(quorum.expire(at: at(32)) && quorum.isMet)
    }

    @Test("A reload keeps what counts; another verdict waits for its delay")
    func reload() {
        var quorum = ProcessQuorum(process("x"), count: 1)
        #expect(quorum.change(to: process("x", quorum: 2...9, terminate: .seconds(3)), at: at(0)) == false)
        #expect(quorum.isMet && quorum.deadline == at(3))
        #expect(quorum.expire(at: at(3)) && !quorum.isMet)
        #expect(quorum.change(to: process("x"), at: at(4)) && quorum.isMet)
    }

    @Test("A delay that runs goes on over reloads: it does not begin anew with each of them")
    func reloadInDelay() {
        let configuration = process("x", terminate: .seconds(5))
        var quorum = ProcessQuorum(configuration, count: 1)
        #expect(quorum.change(count: 0, at: at(10)) == false)
        for seconds in [12, 14] as [Double] {
            #expect(quorum.change(to: configuration, at: at(seconds)) == false)
            #expect(quorum.deadline == at(15))
        }
        #expect(quorum.change(to: process("x", terminate: .seconds(0.5)), at: at(14)) == false)
        #expect(quorum.deadline == at(14.5), "a shorter one counts")
    }
}
