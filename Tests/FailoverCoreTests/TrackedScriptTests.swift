import Addressing
import Configuration
import FailoverCore
import Reporting
import Testing
import VRRP

@Suite("Tracked scripts, and a runner that is not there")
struct TrackedScriptTests {
    private static let check = TrackerName(.script, "check")

    private static func tracked(weight: Int = 0, extra: String = "") throws -> Configuration {
        try TrackedHost.instance(
            root: "vrrp_script check {\nscript \"/bin/true\"\n}",
            "track_script {\ncheck weight \(weight)\n}\n\(extra)")
    }

    @Test("Without a weight it takes no part before the first result, and says nothing")
    func waits() throws {
        let host = TestHost(try Self.tracked())
        host.pass(.seconds(9))
        #expect(host.state == .fault && host.advertisements().isEmpty)
        let waits = host.core.isAwaited(host.core.routers[0])
        #expect(waits)
        host.give(.tracker(Self.check, .up))
        #expect(host.state == .backup)
        host.pass(.seconds(4))
        #expect(host.state == .master)
    }

    @Test("A result that is a failure is a fault, and no waiting any more")
    func fails() throws {
        let host = TestHost(try Self.tracked())
        host.give(.tracker(Self.check, .down(.failed("exit code 1"))))
        #expect(host.state == .fault)
        let waits = host.core.isAwaited(host.core.routers[0])
        #expect(!waits)
        #expect(host.status.reason.description == "script check fails: exit code 1")
    }

    @Test(
        "What a reload takes out and a later one puts back has said nothing yet, whatever it said before",
        arguments: [0, -30])
    func putBack(weight: Int) throws {
        let with = try Self.tracked(weight: weight)
        let without = try TrackedHost.instance(root: "vrrp_script check {\nscript \"/bin/true\"\n}", "")
        let host = TestHost(with)
        host.give(.tracker(Self.check, .down(.failed("exit code 1"))))
        host.reconfigure(without)
        host.pass(.seconds(10))
        #expect(host.state == .master)
        host.reconfigure(with)
        #expect(host.state == .master && host.status.priority == 100)
        host.give(.tracker(Self.check, .down(.failed("exit code 1"))))
        #expect(host.state == (weight == 0 ? .leaving : .master) && host.status.priority == 100 + weight)
    }

    @Test("With a weight nobody waits, and it counts from the first result on")
    func weighted() throws {
        let host = TestHost(try Self.tracked(weight: -30))
        host.pass(.seconds(4))
        #expect(host.state == .master && host.status.priority == 100)
        host.give(.tracker(Self.check, .down(.failed("exit code 1"))))
        #expect(host.status.priority == 70)
    }

    @Test("While nobody is there yet who could say it, one with a weight waits as well, and begins with his first word")
    func reporter() throws {
        let host = TestHost(try Self.tracked(weight: -30), starts: false)
        host.give(.reporter(.awaited))
        host.snapshot()
        host.pass(.seconds(5))
        #expect(host.state == .fault && host.advertisements().isEmpty)
        host.give(.reporter(.present))
        #expect(host.state == .backup)
        // And as the last resort, where nobody comes.
        let other = TestHost(try Self.tracked(weight: -30), starts: false)
        other.give(.reporter(.awaited))
        other.snapshot()
        other.give(.reporter(.missing))
        for _ in 0..<8 {
            other.hear(50)
            other.pass(.seconds(1))
        }
        #expect(other.state == .backup, "a lower master stays one")
        other.pass(.seconds(5))
        #expect(other.state == .master)
    }

    @Test("Where nobody is there who could say it, it is master, but only where it hears no other")
    func late() throws {
        let host = TestHost(try Self.tracked())
        host.give(.reporter(.missing))
        #expect(host.state == .backup)
        // A master of lower priority stays one.
        for _ in 0..<8 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        #expect(host.state == .backup)
        host.pass(.seconds(5))
        #expect(host.state == .master)
        // And one that comes back gets its addresses back.
        host.hear(50)
        #expect(host.state != .master)
    }

    @Test("With the first word it takes part as its priority says")
    func word() throws {
        let host = TestHost(try Self.tracked())
        host.give(.reporter(.missing))
        host.hear(50)
        host.give(.reporter(.present))
        host.give(.tracker(Self.check, .up))
        for _ in 0..<5 {
            host.hear(50)
            host.pass(.seconds(1))
        }
        #expect(host.state == .master)
    }

    @Test("A master goes on as one whoever has gone, with the last results")
    func master() throws {
        let host = TestHost(try Self.tracked())
        host.give(.tracker(Self.check, .up))
        host.pass(.seconds(5))
        #expect(host.state == .master)
        host.give(.reporter(.missing))
        host.hear(50)
        host.pass(.seconds(3))
        #expect(host.state == .master)
    }

    @Test("What an earlier run was told counts before anything is heard: it goes on as master")
    func adopted() throws {
        let left = InterfaceAddress(key: TestHost.key("192.0.2.1/32"), createdAt: 1)
        let host = TestHost(
            try Self.tracked(), remembered: [left.key: 1], extra: [left],
            adoptable: [0: TestHost.start - .milliseconds(500)], starts: false)
        host.give(.tracker(Self.check, .up))
        host.snapshot()
        #expect(host.state == .master)
    }

    @Test("While something else comes first nobody takes part")
    func held() throws {
        let host = TestHost(try TestFile.guide(), starts: false)
        host.core.hold(until: TestHost.start + .seconds(30))
        host.snapshot()
        host.pass(.seconds(20))
        #expect(host.state == .fault)
        host.core.hold(until: nil)
        host.core.reevaluate(at: host.now)
        #expect(host.state == .backup)
    }
}
