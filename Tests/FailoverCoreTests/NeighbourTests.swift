import Addressing
import Configuration
import FailoverCore
import Testing
import VRRP

@Suite("Another host answers for the address")
struct NeighbourTests {
    private func master(_ change: (inout Configuration) -> Void = { _ in }) throws -> TestHost {
        var configuration = try TestFile.guide()
        change(&configuration)
        let host = TestHost(configuration)
        host.pass(.seconds(14))
        host.forgetLog()
        return host
    }

    private func isConflict(_ event: Event) -> Bool { if case .addressConflict = event { true } else { false } }

    @Test("It is recorded once, shown, and answered with one announcement in ten seconds")
    func conflict() throws {
        let host = try master()
        for _ in 0..<25 {
            host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
            host.pass(.seconds(1))
        }
        #expect(host.events.count(where: isConflict) == 1)
        #expect(host.announcements().count == 3)
        #expect(host.status.addresses[0].conflict?.hardwareAddress == MACAddress(rawValue: 0x02_0000_0000_99))
        #expect(host.status.counters.defences == 3)
        host.pass(.seconds(180))
        #expect(host.status.addresses[0].conflict == nil)
    }

    @Test("Who does not answer the next question any more is forgotten a second after it")
    func over() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.milliseconds(5999))
        #expect(host.core.status(of: host.core.routers[0], at: host.now).addresses[0].conflict != nil)
        host.pass(.milliseconds(1))
        #expect(host.core.status(of: host.core.routers[0], at: host.now).addresses[0].conflict == nil)
        #expect(host.core.health(at: host.now).level == .ok)
    }

    @Test("The last one who speaks is believed: a claim that comes too soon after an answer is answered later")
    func later() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.seconds(5))
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.milliseconds(5099))
        #expect(host.announcements().count == 1)
        host.pass(.milliseconds(1))
        #expect(host.announcements().count == 2)
        host.pass(.seconds(20))
        #expect(host.announcements().count == 2)
    }

    @Test("A burst is answered when it is over, by one announcement")
    func burst() throws {
        let host = try master()
        for _ in 0..<5 {
            host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
            host.pass(.milliseconds(1))
        }
        #expect(host.announcements().isEmpty)
        host.pass(.milliseconds(94))
        #expect(host.announcements().isEmpty)
        host.pass(.milliseconds(1))
        #expect(host.announcements().count == 1)
        host.pass(.seconds(30))
        #expect(host.announcements().count == 1)
    }

    @Test("A master of the same virtual router that yields without a word: its claim is answered five seconds later")
    func silentLoser() throws {
        let host = try master()
        host.hear(50)
        host.pass(.seconds(1))
        host.hearAnnouncement("192.0.2.1")
        host.forgetLog()
        host.pass(.milliseconds(3999))
        #expect(host.announcements().isEmpty)
        host.pass(.milliseconds(1))
        // The other one is the contest's own second burst.
        #expect(host.announcements().count == 2)
        #expect(host.status.counters.defences == 1)
    }

    @Test("Two that have become master at a time: who stays it says so once more when it is settled")
    func bothNew() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        #expect(host.state == .master)
        let since = try #require(host.advertisements().first).at
        host.hearAnnouncement("192.0.2.1")
        host.hearAnnouncement("192.0.2.1")
        host.forgetLog()
        host.pass(.seconds(2) - (host.now - TestHost.start - since) - .milliseconds(1))
        #expect(host.announcements().isEmpty)
        host.pass(.milliseconds(1))
        #expect(host.announcements().count == 1)
        #expect(!host.events.contains(where: isConflict))
    }

    @Test("A claim while this master is new does not put off what a contest calls for a moment later")
    func contestAfterClaim() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(200))
        host.forgetLog()
        host.hear(50)
        #expect(host.announcements().count == 1)
        host.pass(.milliseconds(100))
        #expect(host.announcements().count == 2)
    }

    @Test("A virtual MAC that speaks up, too, does not save another one from the answer")
    func virtualAfterReal() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.milliseconds(50))
        host.hearAnnouncement("192.0.2.1", from: 0x00_005E_0001_33)
        host.pass(.milliseconds(50))
        #expect(host.announcements().count == 1)
    }

    @Test("arp_defend off: seen, and not answered")
    func silent() throws {
        let host = try master { $0.defendsAddresses = false }
        host.hearAnnouncement("192.0.2.1")
        #expect(host.events.count(where: isConflict) == 1)
        host.pass(.seconds(20))
        #expect(host.announcements().isEmpty)
    }

    @Test("Not answered: a virtual MAC, and a master of the same virtual router that goes on advertising")
    func notDefended() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1", from: 0x00_005E_0001_0A)
        host.pass(.seconds(1))
        #expect(host.announcements().isEmpty)
        let other = try master()
        other.hear(50)
        other.pass(.seconds(1))
        other.forgetLog()
        for _ in 0..<20 {
            other.hear(50)
            other.hearAnnouncement("192.0.2.1")
            other.pass(.milliseconds(200))
        }
        #expect(other.status.counters.defences == 0)
        let new = TestHost(try TestFile.guide())
        new.pass(.seconds(4))
        new.forgetLog()
        new.hearAnnouncement("192.0.2.1", from: 0x00_005E_0001_0A)
        new.pass(.seconds(4))
        #expect(!new.events.contains(where: isConflict))
        #expect(new.announcements().isEmpty)
    }

    @Test("This host's own announcements, and those of a backup's master, are no conflict")
    func own() throws {
        let host = try master()
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_0C)
        #expect(host.events.isEmpty)
        host.hear(200)
        host.hearAnnouncement("192.0.2.1")
        #expect(!host.events.contains(where: isConflict))
    }

    @Test("It asks two seconds after a takeover, and then every half minute")
    func probes() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(70))
        let start = try #require(host.advertisements().first).at
        let times = host.log.compactMap { entry -> Duration? in
            if case .probe = entry.effect { return entry.at - TestHost.start - start }
            return nil
        }
        #expect(times == [.seconds(2), .seconds(32), .seconds(62)])
    }
}

@Suite("A firewall on this host")
struct HearingTests {
    @Test("What is seen beside it and not heard is told; what is heard ends it")
    func filtered() throws {
        let host = TestHost(try TestFile.guide())
        host.see(vrid: 10, times: 3)
        #expect(
            host.events.contains(
                .inboundFiltered(instance: "Instance1", interface: "eth0", count: 3, isReversePath: false)))
        #expect(host.status.isInboundFiltered)
        host.see(vrid: 10, times: 1)
        #expect(host.status.isInboundFiltered, "one alone says nothing new")
        host.see(vrid: 10, times: 3) { host.hear(99) }
        #expect(!host.status.isInboundFiltered)
    }

    @Test("Packets with another password are heard: no firewall")
    func dropped() throws {
        let host = TestHost(try TestFile.guide())
        host.see(vrid: 10, times: 3) { host.hear(99, password: "other") }
        #expect(!host.status.isInboundFiltered)
    }
}

@Suite("Addresses with a lease")
struct LeaseTests {
    @Test("They are added with a lifetime, and renewed three times within it while this host is master")
    func renewal() throws {
        var configuration = try TestFile.guide()
        configuration.addressLease = .seconds(6)
        let host = TestHost(configuration)
        host.pass(.seconds(4))
        let assignment = host.log.lazy.compactMap { entry -> AddressAssignment? in
            if case .addAddress(_, let assignment) = entry.effect { return assignment }
            return nil
        }.first
        #expect(assignment?.lifetime == 6)
        host.forgetLog()
        host.pass(.seconds(10))
        let renewals = host.log.filter { if case .renewAddress = $0.effect { true } else { false } }
        #expect(renewals.count == 5)
        #expect(zip(renewals, renewals.dropFirst()).allSatisfy { $1.at - $0.at == .seconds(2) })
        host.hear(200)
        host.forgetLog()
        host.pass(.seconds(3))
        #expect(!host.log.contains { if case .renewAddress = $0.effect { true } else { false } })
    }
}

@Suite("Two masters at a time")
struct SplitBrainTests {
    private func splits(_ host: TestHost) -> [Event] {
        host.events.filter { if case .splitBrain = $0 { true } else { false } }
    }

    @Test("The one that yields removes its address, then says one last word with its own priority")
    func lastWord() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200)
        host.pass(.seconds(20))
        #expect(host.state == .master)
        host.forgetLog()
        host.hear(200)
        #expect(host.state == .backup)
        #expect(host.advertisements().map(\.priority) == [100])
        let kinds = host.log.compactMap { entry -> String? in
            switch entry.effect {
            case .removeAddress: "remove"
            case .advertise: "advertise"
            default: nil
            }
        }
        #expect(kinds == ["remove", "advertise"])
        guard case .splitBrain(_, let peer, let span, false)? = splits(host).first else {
            Issue.record("no split brain was recorded")
            return
        }
        #expect(peer == IPAddress(192, 0, 2, 13))
        #expect(span > .seconds(15))
    }

    @Test("The one that wins announces at once, and records it")
    func winner() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(20))
        host.forgetLog()
        host.hear(50)
        #expect(host.announcements().count == 1)
        #expect(splits(host).count == 1)
    }

    @Test("A preempted master's last word is no split brain")
    func preemption() throws {
        let host = TestHost(try TestFile.guide())
        for _ in 0..<4 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
        host.forgetLog()
        host.hear(50)
        #expect(splits(host).isEmpty)
    }
}
