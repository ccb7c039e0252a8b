import Addressing
import FailoverCore
import Testing
import VRRP

@Suite("What is heard")
struct CorePacketTests {
    @Test("Fifteen advertisements with a wrong password, each 0.4 s: the master's own stay a second apart")
    func wrongPassword() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.forgetLog()
        for _ in 0..<15 {
            host.hear(1, password: "wrong")
            host.pass(.milliseconds(400))
        }
        let times = host.advertisements().map(\.at)
        #expect(times.count == 6)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .seconds(1) })
        #expect(host.status.counters.dropped == [.password: 15])
        let reports = host.events.filter { if case .packetsDropped = $0 { true } else { false } }
        #expect(reports.count == 1)
    }

    @Test("A dropped packet touches no timer of a backup, whatever is wrong with it")
    func droppedChangesNothing() throws {
        let host = TestHost(try TestFile.guide())
        let deadline = host.nextTimer
        host.pass(.seconds(1))
        host.hear(200, password: "wrong")
        host.hear(200, password: nil)
        host.hear(200, interval: .seconds(2))
        host.hear(200, from: "0.0.0.0")
        host.hear(200, from: "192.0.2.14", addresses: ["192.0.2.9"])
        host.hear([0x45, 1, 2])
        #expect(host.nextTimer == deadline)
        #expect(host.status.master == nil)
        #expect(
            host.status.counters.dropped == [
                .password: 1, .authenticationType: 1, .interval: 1, .source: 1, .anotherCluster: 1,
            ])
        #expect(host.core.strays == [.truncated: 1])
    }

    @Test("Packets of other virtual routers are counted apart")
    func unknownRouter() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200, vrid: 11)
        #expect(host.core.strays == [.unknownVirtualRouter: 1])
        #expect(host.status.counters.advertisementsReceived == 0)
    }

    @Test("Another list of addresses is followed all the same, and told once a sender")
    func addressesDiffer() throws {
        let host = TestHost(try TestFile.guide())
        for _ in 0..<3 { host.hear(200, addresses: ["192.0.2.1", "192.0.2.2"]) }
        #expect(host.status.master?.priority == 200)
        #expect(host.status.counters.addressListDifferences == 3)
        #expect(
            host.events.filter { $0 == .addressesDiffer(instance: "Instance1", from: IPAddress(192, 0, 2, 13)) }.count
                == 1)
    }

    @Test("Packets are taken from beside the IP layer only when it would drop them: from an address of this host")
    func tapped() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200, from: "192.0.2.1", tapped: true)
        #expect(host.status.master == nil)
        host.pass(.seconds(4))
        #expect(host.state == .master)
        host.hear(200, from: "192.0.2.1", tapped: true)
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("While packets are unread, a backup does not call the master dead")
    func undrained() throws {
        let host = TestHost(try TestFile.guide())
        let late = host.now + .seconds(10)
        let unread = host.withCore { core in
            core.expire(at: late, undrained: [TestHost.eth0: host.now + .seconds(1)])
            return core.takeEffects()
        }
        #expect(unread.isEmpty)
        // A flood that came after the deadline says nothing about the master.
        let read = host.withCore { core in
            core.expire(at: late, undrained: [TestHost.eth0: late - .seconds(1)])
            return core.takeEffects()
        }
        #expect(!read.isEmpty)
    }
}

extension TestHost {
    /// When the core has to look at something next, but for its advertisements.
    var nextTimer: Instant? { withCore { $0.nextTimer() } }
}
