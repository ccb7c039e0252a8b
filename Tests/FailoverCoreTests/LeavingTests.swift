import Addressing
import Configuration
import FailoverCore
import Testing
import VRRP

@Suite("Leaving without a gap")
struct LeavingTests {
    private func leavingHost(version: Int = 2) throws -> TestHost {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.forgetLog()
        host.give(.stop)
        return host
    }

    @Test("Priority 0 goes out; the address stays, and nothing more is said")
    func begin() throws {
        let host = try leavingHost()
        #expect(host.advertisements().map(\.priority) == [0])
        #expect(host.state == .leaving)
        host.pass(.milliseconds(900))
        host.hear(0)
        host.hear(3)
        #expect(host.advertisements().map(\.priority) == [0])
        #expect(host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == false)
    }

    @Test("When the successor announces the address, it goes 10 ms later, and the agent is done")
    func announced() throws {
        let host = try leavingHost()
        host.pass(.milliseconds(613))
        host.hear(99)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(9))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(1))
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
        #expect(host.log.last?.effect == .finished)
    }

    @Test("Of several addresses each goes when it is announced, and the last one ends it, however slowly they come")
    func paced() throws {
        let all = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
        let host = TestHost(try TestFile.guide(addresses: all))
        host.pass(.seconds(4))
        host.give(.stop)
        host.pass(.milliseconds(613))
        host.hear(99, addresses: all)
        for address in all {
            host.pass(.milliseconds(200))
            #expect(host.has("\(address)/32"))
            host.hearAnnouncement(address)
            host.pass(.milliseconds(9))
            #expect(host.has("\(address)/32"))
            host.pass(.milliseconds(1))
            #expect(!host.has("\(address)/32"))
        }
        #expect(host.core.isFinished == true)
    }

    @Test("A primary address that its successor has announced goes without the others, which stay until their turn")
    func pacedPrimary() throws {
        let host = TestHost(try TestFile.guide(addresses: ["203.0.113.1/24", "203.0.113.2/24"]))
        host.pass(.seconds(4))
        host.give(.stop)
        host.pass(.milliseconds(613))
        host.hear(99, addresses: ["203.0.113.1", "203.0.113.2"])
        host.hearAnnouncement("203.0.113.1")
        host.pass(.milliseconds(10))
        #expect(!host.has("203.0.113.1/24"))
        #expect(host.has("203.0.113.2/24"))
        host.hearAnnouncement("203.0.113.2")
        host.pass(.milliseconds(10))
        #expect(host.core.isFinished == true)
    }

    @Test("An address that is not advertised keeps nobody: whether it was announced, nobody hears")
    func excluded() throws {
        let host = TestHost(try TestFile.guide(extra: "virtual_ipaddress_excluded {\n192.0.2.9\n}"))
        host.pass(.seconds(4))
        #expect(host.has("192.0.2.9/32"))
        host.give(.stop)
        host.pass(.milliseconds(613))
        host.hear(99)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(10))
        #expect(!host.has("192.0.2.9/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("Of several addresses one is never announced: a second after the one before, or five in all, it goes")
    func neverAnnounced() throws {
        let all = ["192.0.2.1", "192.0.2.2"]
        let host = TestHost(try TestFile.guide(addresses: all))
        host.pass(.seconds(4))
        host.give(.stop)
        host.pass(.milliseconds(613))
        host.hear(99, addresses: all)
        host.hearAnnouncement("192.0.2.1")
        host.pass(.milliseconds(999))
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.has("192.0.2.2/32"))
        host.pass(.milliseconds(1))
        #expect(!host.has("192.0.2.2/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("Without an announcement it goes 250 ms after the successor's first advertisement")
    func advertised() throws {
        let host = try leavingHost()
        host.pass(.milliseconds(613))
        host.hear(99)
        host.pass(.milliseconds(200))
        host.hear(99)
        host.pass(.milliseconds(49))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(1))
        #expect(host.core.isFinished == true)
    }

    @Test("A successor that is keepalived gets one advertisement of priority 1 after the removal; an agent gets none")
    func farewell() throws {
        for isAgent in [false, true] {
            let host = try leavingHost()
            host.pass(.milliseconds(613))
            host.hear(99, isAgent: isAgent)
            host.pass(.milliseconds(250))
            #expect(host.advertisements().map(\.priority) == (isAgent ? [0] : [0, 1]))
            let removal = host.log.firstIndex { if case .removeAddress = $0.effect { true } else { false } }
            let last = host.log.lastIndex { if case .advertise = $0.effect { true } else { false } }
            if !isAgent { #expect(try #require(removal) < #require(last)) }
        }
    }

    @Test(
        "Nobody takes over: a second priority 0 after the largest skew time and 0.2 s, and after as long again the end")
    func nobody() throws {
        let host = try leavingHost()
        let wait = Duration.nanoseconds(996_093_750) + .milliseconds(200)
        host.pass(wait)
        #expect(host.advertisements().map(\.priority) == [0, 0])
        #expect(host.has("192.0.2.1/32"))
        host.pass(wait)
        #expect(host.core.isFinished == true)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.advertisements().count == 2)
    }

    @Test("Who loses and speaks long before its skew time was master already: asked by priority 0, it is the successor")
    func contender() throws {
        let host = try leavingHost()
        // The skew time of priority 99 is 613 ms; half of it counts.
        host.pass(.milliseconds(306))
        host.hear(99)
        host.pass(.milliseconds(249))
        #expect(host.advertisements().map(\.priority) == [0])
        host.pass(.milliseconds(1))
        #expect(host.advertisements().map(\.priority) == [0, 0])
        host.hear(99)
        host.pass(.milliseconds(249))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(1))
        #expect(host.core.isFinished == true)
    }

    @Test("It has yielded meanwhile to what was said before: the address stays until somebody takes over")
    func contenderYields() throws {
        let host = try leavingHost()
        host.pass(.milliseconds(1))
        host.hear(99)
        host.pass(.milliseconds(250))
        #expect(host.advertisements().map(\.priority) == [0, 0])
        host.pass(.milliseconds(613))
        #expect(host.has("192.0.2.1/32"))
        host.hear(99)
        host.pass(.milliseconds(250))
        #expect(host.core.isFinished == true)
    }

    @Test("Who beats it yields to nothing that it has said, and is the successor at once")
    func better() throws {
        let host = try leavingHost()
        host.pass(.milliseconds(1))
        host.hear(101)
        host.pass(.milliseconds(250))
        #expect(host.core.isFinished == true)
        #expect(host.advertisements().count { $0.priority == 0 } == 1)
    }

    @Test("What somebody takes away meanwhile is not put back")
    func noDefence() throws {
        let host = try leavingHost()
        host.give(.addressRemoved(TestHost.key("192.0.2.1/32")))
        host.pass(.milliseconds(500))
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("Told twice, it goes at once")
    func twice() throws {
        let host = try leavingHost()
        host.give(.stop)
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("The cable comes out meanwhile: the end")
    func carrier() throws {
        let host = try leavingHost()
        host.give(.link(TestHost.link(running: false)))
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
    }

    @Test("A kernel that does not answer holds the end for a second at most")
    func bounded() throws {
        let host = try leavingHost()
        host.isSlow = true
        host.pass(.seconds(5))
        #expect(host.core.isFinished == false)
        host.pass(.seconds(1))
        #expect(host.core.isFinished == true)
    }

    @Test("Version 3 with long intervals waits 5 s in all")
    func longIntervals() throws {
        var configuration = try TestFile.guide()
        configuration.instances[0].version = 3
        configuration.instances[0].password = nil
        configuration.instances[0].advertisementInterval = .seconds(40)
        let host = TestHost(configuration)
        host.pass(.seconds(170))
        #expect(host.state == .master)
        host.give(.stop)
        host.pass(.milliseconds(4999))
        #expect(host.has("192.0.2.1/32"))
        host.pass(.milliseconds(1))
        #expect(host.core.isFinished == true)
    }

    @Test("Somebody else's announcement is no successor's: without an advertisement nobody has taken over")
    func stranger() throws {
        let host = try leavingHost()
        host.pass(.milliseconds(100))
        host.hearAnnouncement("192.0.2.1", from: 0x02_0000_0000_99)
        host.pass(.milliseconds(500))
        #expect(host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == false)
        host.hear(99)
        host.pass(.milliseconds(10))
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("A master that has nothing to take off says its last word at once when it yields")
    func lastWord() throws {
        // The host has the shared address of its own.
        let host = TestHost(try TestFile.guide(), own: ["192.0.2.12/24", "192.0.2.1/24"])
        host.hear(90)
        host.pass(.seconds(20))
        #expect(host.state == .master)
        host.forgetLog()
        host.hear(200)
        #expect(host.state == .backup)
        #expect(host.advertisements().map(\.priority) == [100])
        #expect(host.requests.isEmpty)
    }

    @Test("A stall outlasts the time for a stop, with packets unread: the address is off before the end")
    func stalledStop() throws {
        let host = TestHost(try TestFile.guide())
        host.pass(.seconds(4))
        host.give(.stop)
        #expect(host.state == .leaving)
        let late = host.now + .seconds(10)
        host.ask { core, _ in core.expire(at: late, undrained: [TestHost.eth0: TestHost.start]) }
        #expect(!host.has("192.0.2.1/32"))
        #expect(host.core.isFinished == true)
    }
}
