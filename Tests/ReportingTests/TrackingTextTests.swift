import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("What is tracked, in words")
struct TrackingTextTests {
    private func part(_ name: String, _ state: TrackerState, _ effect: TrackingEffect) -> TrackedStatus {
        TrackedStatus(tracker: TrackerName(.interface, name), state: state, effect: effect)
    }

    private func text(_ configured: UInt8, _ parts: TrackedStatus...) -> String {
        TrackedPriority(TrackingVerdict(parts), of: configured).description
    }

    @Test("A priority is told as a sum with its reasons; where nothing is added, as a number")
    func sums() {
        #expect(text(100) == "100")
        #expect(text(100, part("eth1", .up, .none)) == "100")
        #expect(
            text(100, part("eth1", .down(.link(.switchedOff)), .priority(-10)), part("eth2", .up, .priority(20)))
                == "110 = 100 − 10 + 20: interface eth1 is down; interface eth2 is up")
    }

    @Test("A sum beyond what a priority can be says so")
    func limits() {
        #expect(text(100, part("eth1", .up, .priority(200))) == "254 = 100 + 200, at most 254: interface eth1 is up")
        #expect(
            text(100, part("eth1", .down(.link(.missing)), .priority(-253)))
                == "1 = 100 − 253, at least 1: interface eth1 does not exist")
    }

    @Test("Each kind and each state has words")
    func words() {
        #expect(part("eth1", .down(.link(.settling)), .fault).words.contains("interface_up_down_delays"))
        let script = TrackerName(.script, "check")
        func words(_ state: TrackerState) -> String {
            TrackedStatus(tracker: script, state: state, effect: .none).words
        }
        #expect(words(.unknown) == "script check has decided nothing yet")
        #expect(words(.up) == "script check is well")
        #expect(words(.down(.failed("exit status 2"))) == "script check fails: exit status 2")
        #expect(words(.number(7)) == "script check has the number 7")
        #expect(Set([.interface, .script, .file, .process].map(\TrackerName.Kind.word)).count == 4)
    }
}
