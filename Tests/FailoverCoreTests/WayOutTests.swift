import Testing
import VRRP

@testable import FailoverCore

@Suite("The way out of a virtual router")
struct WayOutTests {
    private let order = HandoverOrder(requestedBy: "alice", requestedAt: "2026-01-01T00:00:00Z")

    @Test("A handover is under way until another host is master; the order stands after that")
    func handover() {
        var wayOut = WayOut()
        #expect(wayOut.outcome == .done, "nothing to be done is done")
        wayOut.stand(back: order)
        wayOut.beginHandover()
        #expect(wayOut.outcome == .underWay)
        wayOut.endHandover()
        #expect(wayOut.outcome == .done)
        #expect(wayOut.order == order)
        wayOut.stand(back: nil)
        #expect(wayOut.order == nil)
    }

    @Test("Nobody took over: an order that was not carried out is void, and how long it was waited is told")
    func nobody() {
        var wayOut = WayOut()
        wayOut.stand(back: order)
        wayOut.beginHandover()
        #expect(wayOut.noteNobodyTookOver(after: .seconds(7)) == true)
        #expect(wayOut.order == nil)
        #expect(wayOut.outcome == .nobodyTookOver(after: .seconds(7)))
    }

    @Test("An order by which this host is only the last resort stands when nobody takes over")
    func lastResort() {
        var wayOut = WayOut()
        wayOut.stand(back: order)
        wayOut.beginHandover()
        wayOut.endHandover()
        #expect(wayOut.noteNobodyTookOver(after: .seconds(7)) == false)
        #expect(wayOut.order == order)
        #expect(wayOut.outcome == .done)
    }

    @Test("A fault ends a handover as done, and leaves nothing to be said")
    func faultDuringHandover() {
        var wayOut = WayOut()
        wayOut.stand(back: order)
        wayOut.beginHandover()
        wayOut.oweFarewell(1)
        wayOut.noteFault()
        #expect(wayOut.outcome == .done)
        #expect(wayOut.order == order)
        #expect(wayOut.farewell == nil)
        #expect(!wayOut.isOver, "it comes back when the fault is gone")
    }

    @Test("Who leaves for good has left with a fault, too")
    func faultDuringStop() {
        var wayOut = WayOut()
        wayOut.leaveForGood()
        #expect(wayOut.isForGood && !wayOut.isOver)
        wayOut.noteFault()
        #expect(wayOut.isOver)
        var ended = WayOut()
        ended.end()
        #expect(ended.isOver)
    }

    @Test("Wanted again while it was on its way out, it does not leave for good")
    func recalled() {
        var wayOut = WayOut()
        wayOut.leaveForGood()
        wayOut.stay()
        wayOut.noteFault()
        #expect(!wayOut.isOver)
    }

    @Test("A fault that awaits it where its leaving ends is taken once, and no other fault waits behind one that came")
    func awaitedFault() {
        var wayOut = WayOut()
        #expect(wayOut.takeFault() == false)
        wayOut.leaveForFault()
        #expect(wayOut.takeFault() == true)
        #expect(wayOut.takeFault() == false)
        wayOut.leaveForFault()
        wayOut.noteFault()
        #expect(wayOut.takeFault() == false)
    }
}
