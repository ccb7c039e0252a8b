import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("The places of the virtual routers")
struct InstanceTableTests {
    private func instance(_ number: UInt8) -> Instance {
        Instance(Sample.configuration("router \(number)", id: number), at: moment(.zero))
    }

    /// Works the worklist off.
    private func settle(_ table: inout InstanceTable) -> Set<RouterID> {
        var all: Set<RouterID> = []
        while let id = table.popTouched() { all.insert(id) }
        return all
    }

    @Test("An id of a router that has gone finds nothing, although another one has its place")
    func gone() {
        var table = InstanceTable()
        let one = table.insert(instance(1))
        let two = table.insert(instance(2))
        #expect(table.remove(one) == nil, "nothing was filed about it")
        #expect(!table.contains(one))
        let three = table.insert(instance(3))
        #expect(three.slot == one.slot)
        #expect(!table.contains(one) && table.contains(two) && table.contains(three))
        #expect(table[three].name == "router 3" && table[three].id == three)
        #expect(table.remove(one) == nil)
        #expect(table.contains(three), "who has gone can't go again in another one's stead")
        #expect(!table.contains(RouterID(rawValue: 0)) && !table.contains(RouterID(rawValue: -1)))
    }

    @Test("No two routers of a run have the same id, however many come and go; places are used again")
    func unique() {
        var draws = Draws(seed: 5)
        var table = InstanceTable()
        var present: [RouterID: UInt8] = [:]
        var seen: Set<RouterID> = []
        for step in 0..<2000 {
            if present.count < 10, draws.below(2) == 0 {
                let number = UInt8(draws.below(255))
                let id = table.insert(instance(number))
                #expect(seen.insert(id).inserted, "step \(step)")
                #expect(RouterID(rawValue: id.rawValue) == id)
                present[id] = number
            } else if let id = present.keys.sorted().first {
                _ = table.remove(id)
                present[id] = nil
            }
            for (id, number) in present { #expect(table[id].configuration.virtualRouterID == number) }
        }
        #expect(seen.allSatisfy { table.contains($0) == (present[$0] != nil) })
        #expect(seen.map(\.slot).max() ?? 0 < 10)
    }

    @Test("Whoever changes a router has put it on the worklist by that, once; whoever looks has not")
    func worklist() {
        var table = InstanceTable()
        let ids = (1...3).map { table.insert(instance($0)) }
        #expect(settle(&table) == Set(ids), "a new one has never been filed")
        table[ids[1]].participation.wait(until: moment(.seconds(1)))
        table[ids[1]].participation.stopWaiting()
        _ = table[ids[0]].name
        _ = table.deadline(.retry, of: ids[2])
        _ = table.file(ids[2])
        #expect(table.popTouched() == ids[1])
        #expect(table.popTouched() == nil)
    }

    @Test("A router that comes to the place of one that has gone is worked off as any new one")
    func successorOnWorklist() {
        var table = InstanceTable()
        let old = table.insert(instance(1))
        #expect(settle(&table) == [old])
        table[old].participation.wait(until: moment(.seconds(1)))
        _ = table.remove(old)
        let new = table.insert(instance(2))
        #expect(settle(&table) == [new])
        table[new].participation.wait(until: moment(.seconds(1)))
        #expect(settle(&table) == [new])
    }

    @Test("A router that comes to the place of one that has gone inherits no timer that was due")
    func successorOfDue() {
        var table = InstanceTable()
        let old = table.insert(instance(1))
        #expect(table.noteDue(.retry, of: old) == true)
        _ = table.remove(old)
        let new = table.insert(instance(2))
        #expect(table.noteDue(.probe, of: new) == true, "the first one of it")
        var due = table.takeDue(of: new)
        #expect(due.popFirst() == .probe)
        #expect(due.popFirst() == nil)
    }

    @Test("The order is the one that it was given, whatever place each has")
    func order() {
        var table = InstanceTable()
        let ids = (1...4).map { table.insert(instance($0)) }
        #expect(table.count == 0, "a new one has no rank yet")
        table.arrange([ids[2], ids[0], ids[3]])
        #expect(table.order == [ids[2], ids[0], ids[3]])
        #expect(table.count == 3)
    }

    @Test(
        "Of a router's timers those are filed anew whose owners have changed; all of those of a state when it is another"
    )
    func filing() {
        var table = InstanceTable()
        let id = table.insert(instance(1))
        let first = table.file(id)
        #expect(first.changed == .all && first.old == nil)
        #expect(table.file(id).changed == [])
        table[id].participation.wait(until: moment(.seconds(1)))
        table[id].announcing.planSettledEcho(at: moment(.seconds(2)))
        let second = table.file(id)
        #expect(second.changed == TimerKinds.ofAnnouncing.union(TimerKinds(.retry)))
        #expect(second.old == first.new)
        _ = table[id].election.startup(source: Sample.address(11), at: moment(.zero))
        let third = table.file(id)
        #expect(third.new.state == .backup)
        #expect(third.changed.isSuperset(of: .ofStates))
        #expect(table.noteDue(.retry, of: id) == true)
        #expect(table.noteDue(.echo, of: id) == false, "not the first one that is due")
        #expect(table.file(id).changed == TimerKinds(.retry).union(TimerKinds(.echo)), "it may run again, or not")
        #expect(table.remove(id) == third.new)
    }
}
