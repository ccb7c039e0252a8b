import Addressing
import Configuration
import FailoverCore
import Reporting
import Scripts
import Testing
import VRRP

@Suite("What a session with the runner is told of a core")
struct TellingTests {
    private static let place = SourceLocation(file: "k.conf", line: 1, column: 1)
    private let now = Instant(sinceBoot: .seconds(100))
    private let group = NotificationDesk.Key(kind: .group, name: "G")

    /// A backup of two virtual routers, which are in a group.
    private func core() -> Core {
        var configuration = Configuration(
            instances: (1...2 as ClosedRange<UInt8>).map { number in
                var instance = InstanceConfiguration(
                    name: "VI\(number)", location: Self.place, interface: "eth0", virtualRouterID: number)
                instance.priority = 100
                return instance
            })
        configuration.groups = [SyncGroupConfiguration(name: "G", location: Self.place, members: ["VI1", "VI2"])]
        var core = Core(configuration, at: now)
        let eth0 = InterfaceIndex(rawValue: 2)
        let own = IPPrefix(host: IPAddress(192, 0, 2, 11))
        core.handle(
            .snapshot(
                links: [
                    Link(
                        index: eth0, name: "eth0", isAdministrativelyUp: true, isRunning: true,
                        hardwareAddress: MACAddress(rawValue: 0x02_0000_0000_01))
                ], addresses: [InterfaceAddress(key: AddressKey(interface: eth0, prefix: own))]), at: now)
        core.expire(at: now)
        return core
    }

    private func plan(withScripts: Bool) throws -> ScriptPlan {
        var scripting = ScriptingConfiguration()
        let script = NotifyScript(location: Self.place, command: try ScriptCommand(Array("/notify".utf8)))
        scripting.subjects = [(ScriptSubject.Kind.instance, "VI1"), (.instance, "VI2"), (.group, "G")].map {
            var subject = ScriptSubject(kind: $0, name: $1, location: Self.place)
            if withScripts { subject.notifications[.anyChange] = script }
            return subject
        }
        var digest = SHA256()
        digest.add([withScripts ? 1 : 0])
        return ScriptPlan(scripting, digest: digest.digest())
    }

    @Test("Scripts that a reload brings are told what virtual routers and groups are, once")
    func states() throws {
        let core = core()
        var session = RunnerSession(
            try plan(withScripts: false), book: NotificationBook(sequence: 0), wasUsed: false, at: now)
        session.noteStates(of: core)
        #expect(session.book.entries.isEmpty, "nobody wants to know")
        session.use(try plan(withScripts: true), at: now)
        session.noteStates(of: core)
        #expect(session.book.entries[group]?.state == .backup && session.book.entries[group]?.priority == 0)
        let instance = session.book.entries[NotificationDesk.Key(kind: .instance, name: "VI2")]
        #expect(instance?.state == .backup && instance?.priority == 100)
        let sequence = session.book.sequence
        session.noteStates(of: core)
        #expect(session.book.sequence == sequence)
    }
}
