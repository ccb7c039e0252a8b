import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("What comes next, as people are told")
struct NextStepTests {
    private func next(_ host: TestHost) -> String { host.core.explain(host.core.routers[0], at: host.now).next }

    private func hearing(_ priority: UInt8, _ times: Int, extra: String = "") throws -> TestHost {
        let host = TestHost(try TestFile.guide(extra: extra))
        for _ in 0..<times {
            host.hear(priority)
            host.pass(.milliseconds(500))
        }
        return host
    }

    @Test("A backup of a better master waits for its silence")
    func follows() throws {
        #expect(next(try hearing(200, 1)) == "becomes master in 3.109 s, unless 192.0.2.13 is heard")
    }

    @Test("A master with a lower priority is preempted, whether it is heard or not")
    func preempts() throws {
        #expect(next(try hearing(50, 1)) == "becomes master in 3.109 s: 192.0.2.13 has the lower priority 50")
    }

    @Test("preempt_delay: the end of the delay counts, and what is waited for then")
    func delay() throws {
        let text = next(try hearing(50, 1, extra: "preempt_delay 12"))
        #expect(text == "becomes master in at most 15.109 s, or in 3.109 s if 192.0.2.13 falls silent")
    }

    @Test("nopreempt, or handed over: it waits for silence")
    func waits() throws {
        #expect(next(try hearing(50, 1, extra: "nopreempt")).hasSuffix("unless 192.0.2.13 is heard"))
        let host = try hearing(50, 1)
        host.handOver(HandoverOrder(requestedBy: "a", requestedAt: "t"))
        #expect(next(host).hasSuffix("unless 192.0.2.13 is heard"))
    }

    @Test("handover --never --for: it stays what it is, and for how long")
    func never() throws {
        let host = try hearing(50, 1)
        host.handOver(
            HandoverOrder(requestedBy: "a", requestedAt: "t", until: host.now + .seconds(20), neverClaims: true))
        #expect(next(host) == "stays backup until 'failoverctl resume Instance1', or for 20.000 s more")
    }

    @Test("A name is a word of the command that is to be typed, whatever it holds")
    func names() {
        #expect("Instance-1.a".asShellWord == "Instance-1.a")
        #expect("my inst".asShellWord == "'my inst'")
        #expect("$(id)".asShellWord == "'$(id)'")
        #expect("it's".asShellWord == "'it'\\''s'")
        // A quote and a combining mark are one letter to Swift, and two to the shell.
        #expect(Array("x'\u{301};id".asShellWord.unicodeScalars) == Array("'x'\\''\u{301};id'".unicodeScalars))
        #expect("-x".asShellWord == "-- '-x'")
    }
}
