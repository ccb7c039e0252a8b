import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("What is tracked, and what it makes of a virtual router")
struct TrackersTests {
    private let now = moment(.zero)
    private static let eth1 = TrackerName(.interface, "eth1")
    private static let down = TrackerState.down(.link(.noCarrier))

    private func line(_ weight: Int, reversed: Bool = false, _ tracker: TrackerName = eth1) -> TrackLine {
        TrackLine(location: Sample.location, tracker: tracker, weight: weight, isReversed: reversed)
    }

    @Test(
        "A weight above 0 counts while it is up, one below 0 while it is down, 0 is a fault; 'reverse' turns the sign, not the side",
        arguments: [
            (20, false, TrackingEffect.priority(20), TrackingEffect.none), (-20, false, .none, .priority(-20)),
            (20, true, .priority(-20), .none), (-20, true, .none, .priority(20)), (0, false, .none, .fault),
            (0, true, .fault, .none),
        ])
    func sides(weight: Int, isReversed: Bool, up: TrackingEffect, down: TrackingEffect) {
        #expect(line(weight, reversed: isReversed).effect(of: .up) == up)
        #expect(line(weight, reversed: isReversed).effect(of: Self.down) == down)
    }

    @Test(
        "A number is multiplied; −254 and less is a fault, more than 253 counts as that, and none is too large to reckon with"
    )
    func numbers() {
        #expect(line(2).effect(of: .number(5)) == .priority(10))
        #expect(line(-2).effect(of: .number(5)) == .priority(-10))
        #expect(line(2, reversed: true).effect(of: .number(5)) == .priority(-10))
        #expect(line(1).effect(of: .number(0)) == .none)
        #expect(line(1).effect(of: .number(-253)) == .priority(-253))
        #expect(line(1).effect(of: .number(-254)) == .fault)
        #expect(line(1).effect(of: .number(254)) == .priority(253))
        #expect(line(2).effect(of: .number(.max)) == .priority(253))
        #expect(line(-2).effect(of: .number(.max)) == .fault)
        #expect(line(2).effect(of: .number(.min)) == .fault)
        #expect(line(-2).effect(of: .number(.min)) == .priority(253))
        #expect(line(2, reversed: true).effect(of: .number(.min)) == .priority(253))
        for number in [-3, 7] { #expect(line(0).effect(of: .number(number)) == .fault) }
        #expect(line(0).effect(of: .number(0)) == .none)
        #expect(line(0, reversed: true).effect(of: .number(0)) == .fault)
    }

    private func priority(_ base: UInt8, _ deltas: Int...) -> UInt8 {
        let parts = deltas.map { TrackedStatus(tracker: Self.eth1, state: .up, effect: .priority($0)) }
        return TrackingVerdict(parts).priority(of: base)
    }

    @Test(
        "The effective priority lies from 1 to 254; the sum itself has no bounds; an owner stays one, and nobody becomes one"
    )
    func priorities() {
        #expect(priority(100, -10) == 90)
        #expect(priority(100, 100, 100) == 254)
        #expect(priority(100, 100, 100, -150) == 150)
        #expect(priority(100, -253) == 1)
        #expect(priority(100, -253, 253) == 100)
        #expect(priority(255, -10) == 255)
        #expect(priority(1, -1) == 1)
        #expect(priority(254, 1) == 254)
    }

    @Test("What has said nothing yet keeps out who does not take part, and nobody else; a weight waits for it")
    func unknown() {
        var trackers = Trackers()
        trackers.track([Self.eth1])
        let verdict = trackers.verdict([line(0)])
        #expect(verdict.parts.map(\.effect) == [.awaited])
        #expect(verdict.reasons(isRunning: false).count == 1 && verdict.reasons(isRunning: true).isEmpty)
        #expect(trackers.verdict([line(20)]).sum == 0)
        #expect(trackers.verdict([line(-20)]).sum == 0)
    }

    @Test("It is news when it says something else, and it is told since when it has been so")
    func news() {
        var trackers = Trackers()
        #expect(trackers.note(.up, of: Self.eth1, at: now) == false, "nobody tracks it")
        trackers.track([Self.eth1])
        #expect(trackers.note(.up, of: Self.eth1, at: now) == true)
        #expect(trackers.note(.up, of: Self.eth1, at: now + .seconds(1)) == false)
        #expect(trackers.verdict([line(0)]).parts[0].since == now)
        #expect(trackers.note(Self.down, of: Self.eth1, at: now + .seconds(2)) == true)
        #expect(trackers.note(.down(.link(.missing)), of: Self.eth1, at: now + .seconds(3)) == true, "in other words")
        #expect(trackers.verdict([line(0)]).parts[0].since == now + .seconds(2), "down all the while")
    }

    @Test("What is tracked before and after a reload keeps what it has said; what is not is forgotten")
    func carriedOver() {
        let script = TrackerName(.script, "check")
        var trackers = Trackers()
        trackers.track([Self.eth1, script])
        _ = trackers.note(.down(.failed("exit status 1")), of: script, at: now)
        trackers.track([script])
        #expect(trackers.state(of: script) == .down(.failed("exit status 1")))
        #expect(trackers.verdict([line(-5, script)]).parts[0].since == now)
        #expect(!trackers.contains(Self.eth1))
        trackers.track([])
        trackers.track([script])
        #expect(trackers.state(of: script) == .unknown)
    }
}

@Suite("Interfaces that count as down, or up again, only after a while")
struct LinkDelaysTests {
    private let now = moment(.zero)

    private func delays(down: Duration = .milliseconds(500), up: Duration = .milliseconds(1500)) -> LinkDelays {
        var delays = LinkDelays()
        delays.change(to: ["eth1": LinkDelay(down: down, up: up)])
        return delays
    }

    @Test("A break that is shorter than the delay leaves no trace")
    func short() {
        var delays = delays()
        #expect(delays.judge(nil, of: "eth1", at: now) == nil)
        #expect(delays.judge(.noCarrier, of: "eth1", at: now + .seconds(1)) == nil)
        #expect(delays.nextAt == now + .milliseconds(1500))
        #expect(delays.judge(nil, of: "eth1", at: now + .milliseconds(1300)) == nil)
        #expect(delays.nextAt == nil)
    }

    @Test("A longer one counts at its end, and what is up again after that counts later still")
    func long() {
        var delays = delays()
        _ = delays.judge(nil, of: "eth1", at: now)
        _ = delays.judge(.noCarrier, of: "eth1", at: now)
        #expect(
            delays.judge(.switchedOff, of: "eth1", at: now + .milliseconds(400)) == nil, "the delay does not begin anew"
        )
        #expect(delays.due(at: now + .milliseconds(499)).isEmpty)
        #expect(delays.due(at: now + .milliseconds(500)) == ["eth1"])
        #expect(delays.judge(.switchedOff, of: "eth1", at: now + .milliseconds(500)) == .switchedOff)
        #expect(delays.judge(nil, of: "eth1", at: now + .seconds(1)) == .settling)
        #expect(delays.counted(nil, of: "eth1") == .settling)
        #expect(delays.nextAt == now + .milliseconds(2500))
        #expect(delays.judge(nil, of: "eth1", at: now + .milliseconds(2499)) == .settling)
        #expect(delays.judge(nil, of: "eth1", at: now + .milliseconds(2500)) == nil)
        #expect(delays.nextAt == nil)
    }

    @Test("Down again while it waits to count as up: the wait begins anew with the next time that it is up")
    func flapping() {
        var delays = delays()
        for (trouble, at) in [(nil, 0), (.noCarrier, 1000), (.noCarrier, 1500), (nil, 2000)] as [(LinkTrouble?, Int)] {
            _ = delays.judge(trouble, of: "eth1", at: now + .milliseconds(at))
        }
        #expect(delays.judge(.noCarrier, of: "eth1", at: now + .milliseconds(3000)) == .noCarrier)
        #expect(delays.nextAt == nil)
        #expect(delays.judge(nil, of: "eth1", at: now + .milliseconds(3100)) == .settling)
        #expect(delays.nextAt == now + .milliseconds(4600))
    }

    @Test("One that was never up counts as up at once, and one that is gone counts as gone at once")
    func first() {
        var delays = delays()
        #expect(delays.judge(.missing, of: "eth1", at: now) == .missing)
        #expect(delays.judge(nil, of: "eth1", at: now) == nil)
        #expect(delays.judge(.missing, of: "eth1", at: now) == .missing)
        #expect(delays.judge(nil, of: "eth1", at: now) == .settling)
    }

    @Test("An interface without a delay is what the kernel says")
    func others() {
        var delays = delays()
        #expect(delays.judge(.noCarrier, of: "eth2", at: now) == .noCarrier)
        #expect(delays.counted(nil, of: "eth2") == nil)
        #expect(delays.nextAt == nil)
    }
}
