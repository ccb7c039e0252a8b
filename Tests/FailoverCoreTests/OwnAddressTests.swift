import Addressing
import Configuration
import Reporting
import Testing
import VRRP

@testable import FailoverCore

@Suite("The host's own addresses are safe")
struct OwnAddressTests {
    static let forms = [
        ["192.0.2.12/24", "192.0.2.1/24"], ["192.0.2.12/24", "192.0.2.1/32"], ["192.0.2.1/24"], ["192.0.2.1/32"],
    ]

    @Test("A native copy is never removed: not at the start, not as backup, not at the stop", arguments: forms)
    func neverRemoved(own: [String]) throws {
        let host = TestHost(try TestFile.guide(state: "MASTER"), own: own)
        host.hear(200)
        host.pass(.seconds(1))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        host.hear(200)
        #expect(host.state == .backup)
        host.give(.stop)
        for address in own { #expect(host.has(address)) }
        #expect(host.requests.isEmpty, "nothing is added beside it, nothing removed")
        #expect(host.core.isFinished == true)
    }

    @Test("It is reported once and shown", arguments: forms)
    func reported(own: [String]) throws {
        let host = TestHost(try TestFile.guide(), own: own)
        host.snapshot()
        host.pass(.seconds(20))
        let reports = host.events.filter { if case .addressIsHostsOwn = $0 { true } else { false } }
        #expect(reports.count == 1)
        #expect(host.status.addresses.map(\.isHostsOwn) == [true])
        #expect(host.status.addresses.map(\.isPresent) == [true])
    }

    @Test("A host whose only address is the shared one sends from it")
    func soleSource() throws {
        let host = TestHost(try TestFile.guide(), own: ["192.0.2.1/24"])
        host.pass(.seconds(4))
        guard
            case .advertise(_, _, _, _, let packet)? = host.log.map(\.effect).first(where: {
                if case .advertise = $0 { true } else { false }
            })
        else {
            Issue.record("no advertisement")
            return
        }
        #expect(Array(packet[12..<16]) == [192, 0, 2, 1])
    }

    @Test("The address in use stays the source while it is there, also beside one that would come first at a start")
    func steadySource() throws {
        let host = TestHost(
            try TestFile.guide(), own: ["192.0.2.1/24"],
            extra: [InterfaceAddress(key: TestHost.key("192.0.2.12/24"), isSecondary: true, createdAt: 1)])
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("198.51.100.5/24"), createdAt: 2)))
        host.forgetLog()
        host.pass(.seconds(1))
        let sources = host.log.compactMap { entry in
            if case .advertise(_, _, _, _, let packet) = entry.effect { Array(packet[12..<16]) } else { nil }
        }
        #expect(sources == [[192, 0, 2, 12]])
    }

    @Test("If the native copy goes while this host is master, the agent puts its own in place")
    func nativeGoes() throws {
        let host = TestHost(try TestFile.guide(), own: ["192.0.2.12/24", "192.0.2.1/24"])
        host.pass(.seconds(4))
        host.give(.addressRemoved(TestHost.key("192.0.2.1/24")))
        #expect(host.has("192.0.2.1/32"))
        #expect(host.state == .master)
    }

    @Test(
        "What an earlier run left behind is removed at the start, marked by the kernel or by the state file",
        arguments: [true, false])
    func leftovers(marked: Bool) throws {
        let key = TestHost.key("192.0.2.1/32")
        let left = InterfaceAddress(key: key, origin: marked ? InterfaceAddress.ourOrigin : 0, createdAt: 77)
        let host = TestHost(try TestFile.guide(), remembered: marked ? [:] : [key: 77], extra: [left])
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("The state file does not claim an address that was made anew since")
    func stamp() throws {
        let key = TestHost.key("192.0.2.1/32")
        let host = TestHost(
            try TestFile.guide(), remembered: [key: 77], extra: [InterfaceAddress(key: key, createdAt: 78)])
        #expect(host.has("192.0.2.1/32"))
        #expect(host.status.addresses[0].isHostsOwn)
    }

    @Test("Addresses of ours that the file no longer names go, too")
    func oldConfiguration() throws {
        let left = InterfaceAddress(key: TestHost.key("192.0.2.99/32"), origin: InterfaceAddress.ourOrigin)
        let host = TestHost(try TestFile.guide(), extra: [left])
        #expect(!host.has("192.0.2.99/32"))
        #expect(host.has("192.0.2.12/24"))
    }

    @Test(
        "What somebody adds to a backup while it runs is removed if it equals the file, and only then",
        arguments: [
            ("192.0.2.1/32", false, true), ("192.0.2.1/24", false, false), ("192.0.2.1/32", true, false),
        ])
    func stray(text: String, isLeased: Bool, isRemoved: Bool) throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200)
        for _ in 0..<10 {
            host.pass(.seconds(1))
            host.hear(200)
        }
        host.give(.address(InterfaceAddress(key: TestHost.key(text), hasFiniteLifetime: isLeased)))
        #expect(host.has(text) != isRemoved)
    }

    @Test(
        "What the host has put where ours was stays, though its removal was decided before that was read",
        arguments: [true, false])
    func replaced(isInFile: Bool) throws {
        let (key, other) = (TestHost.key("192.0.2.1/32"), TestHost.key("192.0.2.2/32"))
        let leased = InterfaceAddress(key: key, hasFiniteLifetime: true)
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1", "192.0.2.2"]))
        host.pass(.seconds(4))
        #expect(host.has("192.0.2.1/32") && host.has("192.0.2.2/32"))
        let end = Input.link(TestHost.link(running: false))
        if isInFile {
            host.core.handle(end, at: host.now)
        } else {
            host.core.reconfigure(try TestFile.guide(addresses: ["192.0.2.2"]), at: host.now)
        }
        host.core.handle(.addressRemoved(key), at: host.now)
        host.core.handle(.address(leased), at: host.now)
        host.replaceSilently(host.addresses.filter { $0.key != key } + [leased])
        host.carryOut()
        #expect(host.has("192.0.2.1/32"))
        if !isInFile { host.give(end) }
        host.pass(.seconds(10))
        #expect(host.has("192.0.2.1/32"))
        #expect(!host.addresses.contains { $0.key == other }, "ours goes as ever")
    }

    @Test("What comes while the interface is being set up is the host's")
    func setUp() throws {
        let host = TestHost(try TestFile.guide(), own: [], links: [TestHost.link(up: false, running: false)])
        host.pass(.seconds(60))
        host.give(.link(TestHost.link()))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"))))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.1/32"))))
        #expect(host.has("192.0.2.1/32"))
        #expect(host.status.addresses[0].isHostsOwn)
    }

    @Test("keepalived's leftovers, by their mark, are removed")
    func keepaliveds() throws {
        let left = InterfaceAddress(key: TestHost.key("192.0.2.1/32"), origin: 18)
        let host = TestHost(try TestFile.guide(), extra: [left])
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("On a kernel that marks nothing, an address is ours because it was asked for")
    func oldKernel() throws {
        let host = TestHost(try TestFile.guide())
        host.marksAddresses = false
        host.pass(.seconds(4))
        #expect(host.log.contains { if case .remember = $0.effect { true } else { false } })
        host.hear(200)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.log.contains { if case .forget = $0.effect { true } else { false } })
    }

    @Test(
        "There, an address that somebody else adds in the same moment is not ours", arguments: [true, false])
    func sameMoment(isLeased: Bool) throws {
        let host = TestHost(try TestFile.guide())
        host.marksAddresses = false
        host.isSlow = true
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.1/32"), hasFiniteLifetime: isLeased)))
        guard case .addAddress(let id, _)? = host.requests.first else {
            Issue.record("nothing was asked for")
            return
        }
        host.give(.completed(id, .refused(KernelRefusal(code: 17, text: "File exists"))))
        #expect(host.state == .master)
        host.isSlow = false
        host.hear(200)
        #expect(host.state == .backup)
        #expect(host.has("192.0.2.1/32"))
    }

    @Test("Before an address with secondaries goes, promote_secondaries is set, and the removal waits for the answer")
    func secondaries() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/24"]), own: [], extra: [])
        // The shared address came first; the host's own address of the same network is its secondary.
        host.give(.address(InterfaceAddress(key: TestHost.key("198.51.100.1/24"))))
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"), isSecondary: true)))
        host.forgetLog()
        host.hear(200)
        guard host.requests.count == 2, case .promoteSecondaries = host.requests[0],
            case .removeAddress = host.requests[1]
        else {
            Issue.record("\(host.requests)")
            return
        }
        #expect(!host.has("192.0.2.1/24"))
    }

    @Test(
        "promote_secondaries is as it was when this program has gone, also when it was killed; what was set before stays set",
        arguments: [true, false], [true, false])
    func promotionRestored(wasSet: Bool, isKilled: Bool) throws {
        var link = TestHost.link()
        link.promotesSecondaries = wasSet
        let file = try TestFile.guide(addresses: ["192.0.2.1/24"])
        let host = TestHost(file, own: [], links: [link])
        host.give(.address(InterfaceAddress(key: TestHost.key("198.51.100.1/24"))))
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"), isSecondary: true)))
        host.hear(200)
        #expect(host.links[0].promotesSecondaries == true)
        if isKilled {
            let remembered = host.core.ledger.remembered
            let next = TestHost(
                Configuration(), own: [], remembered: remembered, links: host.links,
                extra: host.addresses)
            #expect(next.links[0].promotesSecondaries == wasSet)
        } else {
            host.give(.stop)
            #expect(host.links[0].promotesSecondaries == wasSet)
            #expect(host.core.isFinished == true)
        }
    }

    @Test("Killed before the kernel has put promote_secondaries back, this program leaves that to its next run")
    func promotionKept() throws {
        var link = TestHost.link()
        link.promotesSecondaries = false
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/24"]), own: [], links: [link])
        host.give(.address(InterfaceAddress(key: TestHost.key("198.51.100.1/24"))))
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"), isSecondary: true)))
        host.hear(200)
        let key = AddressKey.promotion(of: TestHost.eth0)
        #expect(host.core.ledger.remembered.keys.contains(key))
        // It is not answered; nothing else is asked for any more.
        host.isSlow = true
        host.give(.stop)
        #expect(host.linkOrders == [.setPromotion(false, on: TestHost.eth0)])
        #expect(host.core.ledger.remembered.keys.contains(key))
        #expect(host.core.isFinished == false)
    }

    @Test("An address that cannot be removed without its secondaries stays, and is tried again")
    func promotionRefused() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1/24"]), own: ["198.51.100.1/24"])
        host.pass(.seconds(4))
        host.give(.address(InterfaceAddress(key: TestHost.key("192.0.2.12/24"), isSecondary: true)))
        host.isSlow = true
        host.hear(200)
        #expect(!host.requests.contains { if case .removeAddress = $0 { true } else { false } })
    }
}

@Suite("Addresses that others take away")
struct RestorationTests {
    private func master(_ addresses: [String] = ["192.0.2.1"]) throws -> TestHost {
        let host = TestHost(try TestFile.guide(addresses: addresses))
        host.pass(.seconds(10))
        host.forgetLog()
        return host
    }

    @Test("A deleted address is back at once and announced, the others untouched, without a change of state")
    func restored() throws {
        let host = try master(["192.0.2.1", "192.0.2.2", "192.0.2.3"])
        host.give(.addressRemoved(TestHost.key("192.0.2.2/32")))
        #expect(host.has("192.0.2.2/32"))
        #expect(host.requests.count == 1)
        #expect(host.announcements().count == 1)
        #expect(host.advertisements().isEmpty)
        #expect(host.state == .master)
    }

    @Test("One that keeps disappearing is put back with growing pauses")
    func pauses() throws {
        let host = try master()
        var times: [Duration] = []
        for _ in 0..<9 {
            let before = host.now
            host.give(.addressRemoved(TestHost.key("192.0.2.1/32")))
            while !host.has("192.0.2.1/32") { host.pass(.milliseconds(5)) }
            times.append(host.now - before)
        }
        #expect(times.prefix(4).allSatisfy { $0 == .zero })
        #expect(times == times.sorted())
        #expect(try #require(times.last) <= .milliseconds(1005))
        #expect(try #require(times.last) >= .milliseconds(300))
        #expect(host.status.addresses[0].isContested)
        #expect(host.advertisements().allSatisfy { $0.priority == 100 })
    }

    @Test("Missing for more than half of ten seconds: mastership is given up, with the reason, and tried again later")
    func givenUp() throws {
        let host = try master()
        for _ in 0..<40 where host.state == .master {
            while !host.has("192.0.2.1/32"), host.state == .master { host.pass(.milliseconds(5)) }
            host.give(.addressRemoved(TestHost.key("192.0.2.1/32")))
        }
        #expect(host.state == .fault)
        #expect(host.status.reason.description.hasPrefix("somebody takes 192.0.2.1/32 away from eth0 again and again"))
        #expect(host.advertisements().last?.priority == 0)
        #expect(host.now - TestHost.start < .seconds(20))
        host.pass(.seconds(20))
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32"))
    }

    @Test("After lost events the whole table is compared")
    func snapshot() throws {
        let host = try master()
        // Removed while nobody was told.
        let rest = host.addresses.filter { $0.key != TestHost.key("192.0.2.1/32") }
        host.replaceSilently(rest)
        host.snapshot()
        #expect(host.has("192.0.2.1/32"))
        #expect(host.state == .master)
    }
}
