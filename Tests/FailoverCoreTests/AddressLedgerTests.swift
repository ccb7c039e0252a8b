import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("Whose each address is")
struct AddressLedgerTests {
    private let now = moment(.zero)
    private let key = Sample.key(1)

    @Test("What is counted and found quickly is what a walk through all would find", arguments: [1, 2, 3])
    func model(seed: UInt64) {
        var draws = Draws(seed: seed)
        var ledger = AddressLedger(remembered: [:])
        var standings: [AddressKey: AddressStanding] = [:]
        var alone: Set<AddressKey> = []
        let interfaces = [Sample.eth0, Sample.eth1]
        func anyKey(_ draws: inout Draws) -> AddressKey {
            let family = draws.pick(IPFamily.allCases)
            return Sample.key(
                UInt8(draws.below(6)), length: draws.pick([24, 32]), family, on: draws.pick(interfaces))
        }
        for step in 0..<1500 {
            let key = anyKey(&draws)
            switch draws.below(6) {
            case 0, 1, 2:
                let standing = draws.pick([AddressStanding.ours, .hosts, .stray, nil])
                ledger.set(standing, of: key)
                standings[key] = standing
            case 3:
                ledger.lose(key)
                standings[key] = nil
            case 4:
                let isPrivate = draws.below(2) == 0
                ledger.file(key, isPrivate: isPrivate)
                if isPrivate { alone.insert(key) } else { alone.remove(key) }
            default:
                guard draws.below(50) == 0 else { continue }
                if draws.below(2) == 0 {
                    ledger.forgetPrivate()
                    alone = []
                } else {
                    ledger.forgetInterface(Sample.eth1)
                    alone = alone.filter { $0.interface != Sample.eth1 }
                }
            }
            let asked = anyKey(&draws)
            #expect(ledger.standing(of: asked) == standings[asked], "step \(step)")
            #expect(ledger.isOurs(asked) == (standings[asked] == .ours))
            #expect(ledger.ownCount == standings.values.count { $0 == .ours }, "step \(step)")
            #expect(
                ledger.isHosts(asked)
                    == standings.contains {
                        $0.value == .hosts && $0.key.interface == asked.interface && $0.key.address == asked.address
                    }, "with whatever prefix length, step \(step)")
            #expect(
                ledger.hasPrivate(asked.family, on: asked.interface)
                    == alone.contains { $0.interface == asked.interface && $0.family == asked.family },
                "step \(step)")
            if step % 20 == 0 {
                #expect(Set(ledger.own) == Set(standings.filter { $0.value == .ours }.keys))
                #expect(Set(ledger.known) == Set(standings.keys))
                for interface in interfaces {
                    for family in IPFamily.allCases {
                        let hosts = standings.filter { $0.value == .hosts }.keys
                        let sources = ledger.sources(family, on: interface)
                        let all = alone.union(hosts).filter { $0.interface == interface && $0.family == family }
                        #expect(Set(sources) == all, "step \(step)")
                        #expect(sources.count == Set(sources).count, "each once")
                    }
                }
            }
        }
    }

    @Test("One that was only taken for ours is the host's when the kernel says that it was there before")
    func disowned() {
        var ledger = AddressLedger(remembered: [:])
        ledger.set(.ours, of: key)
        ledger.presume(key)
        #expect(ledger.disown(key) == true)
        #expect(ledger.standing(of: key) == .hosts && ledger.ownCount == 0)
        #expect(ledger.disown(key) == false, "once")
    }

    @Test("One that the kernel has confirmed, or that bears this program's mark, stays ours")
    func confirmed() {
        var ledger = AddressLedger(remembered: [:])
        ledger.set(.ours, of: key)
        #expect(ledger.disown(key) == false, "nobody had to presume it")
        ledger.presume(key)
        ledger.confirm(key)
        #expect(ledger.disown(key) == false)
        #expect(ledger.isOurs(key))
        // What went and came back is judged anew.
        ledger.presume(key)
        ledger.lose(key)
        ledger.set(.ours, of: key)
        #expect(ledger.disown(key) == false)
    }

    @Test("The state file has each address once, with the latest stamp; what is the same is no news")
    func remembered() {
        var ledger = AddressLedger(remembered: [key: 0])
        #expect(ledger.remember(key, createdAt: 0) == false)
        #expect(ledger.remember(key, createdAt: 77) == true)
        #expect(ledger.remember(Sample.key(2), createdAt: 78) == true)
        #expect(ledger.remembered == [key: 77, Sample.key(2): 78])
        #expect(ledger.forget(key) == true)
        #expect(ledger.forget(key) == false)
    }

    @Test("An interface counts as being set up for three seconds, each for itself")
    func settling() {
        var ledger = AddressLedger(remembered: [:])
        #expect(!ledger.isSettling(Sample.eth0, at: now))
        ledger.beginSettling(Sample.eth0, at: now)
        #expect(ledger.isSettling(Sample.eth0, at: now + .milliseconds(2999)))
        #expect(!ledger.isSettling(Sample.eth0, at: now + .seconds(3)))
        #expect(!ledger.isSettling(Sample.eth1, at: now))
        ledger.forgetInterface(Sample.eth0)
        #expect(!ledger.isSettling(Sample.eth0, at: now))
    }

    @Test("That the kernel marks addresses is known from the first mark on")
    func mark() {
        var ledger = AddressLedger(remembered: [:])
        #expect(!ledger.kernelMarks)
        ledger.noteMark()
        #expect(ledger.kernelMarks)
    }
}
