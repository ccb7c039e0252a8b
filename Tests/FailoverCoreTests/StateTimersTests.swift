import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("Timers that run in some states alone")
struct StateTimersTests {
    /// A master with something planned of every kind that a master has.
    private func busyMaster() throws -> Instance {
        let configuration = try #require(
            try TestFile.guide(extra: "virtual_routes {\n default via 192.0.2.254\n}").instances.first)
        let now = TestHost.start
        let key = TestHost.key("192.0.2.1/32")
        var instance = Instance(configuration, at: now)
        instance.election.adopt(source: IPAddress(192, 0, 2, 12), at: now)
        instance.claims.probeSoon(spread: .zero, at: now)
        _ = instance.claims.note(MACAddress(rawValue: 13), over: key, mayDefend: true, at: now)
        instance.placement.planRenewal(at: now + .seconds(1))
        instance.placement[0].planRefit(at: now + .seconds(1))
        instance.placement[0].wait(until: now + .seconds(1))
        instance.routing?.beginTenure(at: now)
        instance.stand(back: HandoverOrder(requestedBy: "root", requestedAt: "now", until: now + .seconds(60)))
        #expect(instance.isMaster)
        return instance
    }

    @Test("Those that a change of the state files anew are just those that the state decides about")
    func states() throws {
        let master = try busyMaster()
        var leaving = master
        _ = leaving.election.leave(at: TestHost.start + .seconds(1))
        #expect(leaving.isLeaving)
        var kinds: TimerKinds = []
        for kind in TimerKind.allCases where master.deadline(kind) != leaving.deadline(kind) {
            kinds.insert(TimerKinds(kind))
        }
        #expect(kinds == .ofStates)
        // None of them looks equal because it does not run at all.
        for kind in TimerKind.allCases where TimerKinds.ofStates.contains(kind) && kind != .election {
            #expect(master.deadline(kind) != nil, "\(kind)")
        }
        #expect(leaving.deadline(.addressRetry) != nil)
    }

    @Test("Each owner that changes has its own timers filed anew, and no others")
    func owners() throws {
        var instance = try busyMaster()
        func unfiled(after change: (inout Instance) -> Void) -> TimerKinds {
            change(&instance)
            return instance.takeUnfiled()
        }
        _ = instance.takeUnfiled()
        let now = TestHost.start
        #expect(unfiled { _ in }.isEmpty)
        #expect(unfiled { $0.claims.dropDefences(at: now) } == .ofClaims)
        #expect(unfiled { $0.placement.endPauses() } == .ofPlacement)
        #expect(unfiled { $0.announcing.stop() } == .ofAnnouncing)
        #expect(unfiled { $0.wayOut.end() } == TimerKinds(.handoverEnd))
        #expect(unfiled { $0.participation.stopWaiting() } == TimerKinds(.retry))
        #expect(unfiled { $0.sending.forget() } == .ofSending)
        #expect(unfiled { $0.routing?.endLooks() } == TimerKinds(.routing))
        #expect(unfiled { $0.split = nil } == TimerKinds(.splitEnd))
        #expect(unfiled { $0.election.noteLostPackets() } == .ofElection)
        #expect(unfiled { $0.noteFired(.resend) } == TimerKinds(.resend))
    }
}
