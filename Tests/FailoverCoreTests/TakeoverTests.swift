import Addressing
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Becoming and being master")
struct TakeoverTests {
    @Test("The address is acknowledged before anything is said, then advertisement and announcement follow at once")
    func order() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        #expect(host.state == .master)
        let kinds = host.log.compactMap { entry -> String? in
            switch entry.effect {
            case .addAddress: "add"
            case .advertise: "advertise"
            case .announce(_, _, let addresses, let rounds): "announce \(addresses.count) x \(rounds)"
            default: nil
            }
        }
        #expect(Array(kinds.prefix(3)) == ["add", "advertise", "announce 1 x 5"])
        let first = try #require(host.advertisements().first)
        #expect(first.at == .nanoseconds(3_609_375_000))
        #expect(host.announcements().first == first.at)
    }

    @Test("Advertisements are exactly an interval apart; it is announced again after 0.1 s and after 5 s")
    func rhythm() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(12))
        let times = host.advertisements().map(\.at)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == .seconds(1) })
        #expect(host.announcements().map { $0 - times[0] } == [.zero, .milliseconds(100), .seconds(5)])
    }

    @Test("garp_master_* change the announcements")
    func gratuitousARP() throws {
        let extra = "garp_master_delay 2\ngarp_master_repeat 3\ngarp_master_refresh 4\ngarp_master_refresh_repeat 2"
        let host = TestHost(try TestFile.guide(extra: extra))
        host.pass(.seconds(3.7) + .seconds(9))
        let rounds = host.log.compactMap { entry -> Int? in
            if case .announce(_, _, _, let rounds) = entry.effect { return rounds }
            return nil
        }
        #expect(rounds == [3, 3, 3, 2, 2])
        let start = try #require(host.advertisements().first).at
        #expect(
            host.announcements().map { $0 - start } == [
                .zero, .milliseconds(100), .seconds(2), .seconds(4), .seconds(8),
            ])
    }

    @Test("Without the kernel's answer nothing is said")
    func silentUntilAcknowledged() throws {
        let host = TestHost(try TestFile.guide())
        host.isSlow = true
        host.pass(.seconds(10))
        #expect(host.advertisements().isEmpty)
        #expect(host.state == .backup)
        #expect(host.requests.count == 1)
    }

    @Test("A claim finds an address that the table does not know: when the host yields a moment later, it goes at once")
    func unknownAddress() throws {
        let host = TestHost(try TestFile.guide())
        host.refuseAddition = { _ in KernelRefusal(code: 17, text: "File exists") }
        host.pass(.seconds(4))
        #expect(host.state == .backup, "the table is read anew first")
        host.replaceSilently(
            host.addresses + [
                InterfaceAddress(
                    key: TestHost.key("192.0.2.1/32"), origin: InterfaceAddress.ourOrigin, createdAt: 1001)
            ])
        host.snapshot()
        #expect(host.state == .master)
        host.hear(200)
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"), "the pause of the addition is over")
    }

    @Test("A refused address means no advertisement, fault with the kernel's words, and another try")
    func refused() throws {
        let host = TestHost(try TestFile.guide(addresses: ["192.0.2.1", "192.0.2.2"]))
        host.refuseAddition = { $0.address == IPAddress(192, 0, 2, 2) ? KernelRefusal(code: 1, text: "No.") : nil }
        host.pass(.seconds(3.7))
        #expect(host.advertisements().isEmpty)
        #expect(host.state == .fault)
        #expect(host.status.reason.description == "the kernel refused 192.0.2.2/32 on eth0: No.")
        #expect(!host.has("192.0.2.1/32"), "what was added is taken back")
        host.refuseAddition = { _ in nil }
        host.pass(.seconds(5))
        #expect(host.state == .master)
        #expect(host.has("192.0.2.1/32") && host.has("192.0.2.2/32"))
    }

    @Test("The owner is master at once")
    func owner() throws {
        let host = TestHost(try TestFile.guide(priority: 255))
        #expect(host.state == .master)
        #expect(host.advertisements().first?.at == .zero)
        #expect(host.status.reason == .claimed(.addressOwner))
    }

    @Test("A master that resigns is replaced after the skew time, and the reason is told")
    func resignation() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200)
        host.pass(.seconds(1))
        host.hear(0)
        host.pass(.milliseconds(610))
        #expect(host.state == .master)
        #expect(host.status.reason.description == "master 192.0.2.13 resigned")
    }

    @Test("A better router is yielded to: the address goes, no priority 0 is sent")
    func yields() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        #expect(host.has("192.0.2.1/32"))
        host.forgetLog()
        host.hear(101)
        #expect(host.state == .backup)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.advertisements().map(\.priority) == [100], "one last word that loses")
        #expect(host.status.reason.description == "192.0.2.13 advertises priority 101")
        #expect(host.status.master?.address.description == "192.0.2.13")
    }

    @Test("A losing master is answered at once and announced against, the latter not more than once a second")
    func contest() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.forgetLog()
        for _ in 0..<5 {
            host.pass(.milliseconds(100))
            host.hear(99)
        }
        #expect(host.advertisements().count == 5)
        #expect(host.announcements() == [.milliseconds(4100), .milliseconds(4200)], "its own may have come last")
        host.pass(.seconds(1))
        #expect(host.announcements().last == .milliseconds(5100), "the last ones came too soon for an answer at once")
        host.hear(99)
        #expect(host.announcements().count == 4)
    }

    @Test("A backup stops without a word")
    func backupStops() throws {
        let host = TestHost(try TestFile.guide())
        host.hear(200)
        host.give(.stop)
        #expect(host.advertisements().isEmpty)
        #expect(host.core.isFinished == true)
    }
}
