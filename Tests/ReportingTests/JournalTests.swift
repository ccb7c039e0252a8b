import Addressing
import Configuration
import FailoverCore
import Foundation
import Reporting
import Testing
import VRRP

@Suite("The journal")
struct JournalTests {
    /// One event of each kind.
    static let events: [Event] = [
        .stateChanged(
            instance: "Instance1", from: .backup, to: .master,
            reason: .outranked(by: IPAddress(192, 0, 2, 12), priority: 99)),
        .stateChanged(instance: "Instance1", from: .master, to: .backup, reason: .recovered),
        .stateChanged(instance: "Instance1", from: .master, to: .fault, reason: .fault(.noCarrier("eth0"))),
        .stateChanged(instance: "Instance1", from: .master, to: .stopped, reason: .stopping),
        .stateChanged(instance: "Instance1", from: .master, to: .leaving, reason: .leaving),
        .masterHeard(instance: "Instance1", address: IPAddress(192, 0, 2, 12), priority: 99),
        .contested(instance: "Instance1", by: IPAddress(192, 0, 2, 12), priority: 99),
        .splitBrain(instance: "Instance1", with: IPAddress(192, 0, 2, 12), lasted: .seconds(9), isWinner: true),
        .addressAdded(instance: "Instance1", address: prefix, interface: "eth0"),
        .addressRemoved(instance: "Instance1", address: prefix, interface: "eth0"),
        .addressRestored(instance: "Instance1", address: prefix, interface: "eth0"),
        .addressRefitted(instance: "Instance1", address: prefix, interface: "eth0"),
        .leftoverRemoved(address: prefix, interface: "eth0", isFromThisRun: false),
        .refused(.add, address: prefix, interface: "eth0", refusal: KernelRefusal(code: 13, text: "denied")),
        .addressIsHostsOwn(instance: "Instance1", address: prefix, interface: "eth0"),
        .detectionFailed(instance: "Instance1", address: prefix, interface: "eth0"),
        .packetsDropped(instance: "Instance1", reason: .password, from: IPAddress(192, 0, 2, 12), count: 3),
        .addressesDiffer(instance: "Instance1", from: IPAddress(192, 0, 2, 12)),
        .sendFailed(instance: "Instance1", failure: SendFailure(code: 1, text: "Operation not permitted")),
        .sendsAgain(instance: "Instance1", after: .seconds(9)),
        .anotherCluster(
            instance: "Instance1", from: IPAddress(192, 0, 2, 14), virtualRouterID: 10,
            addresses: [IPAddress(192, 0, 2, 9)], count: 3),
        .addressOnTwoHosts(
            instance: "Instance1",
            split: SplitReport(
                address: prefix, count: 2, lasted: .seconds(9), host: .advertiser(IPAddress(192, 0, 2, 13)),
                cause: .otherList)),
        .splitEnded(instance: "Instance1", with: .advertiser(IPAddress(192, 0, 2, 13)), lasted: .seconds(9)),
        .takeoverPostponed(instance: "Instance1", by: .seconds(1)),
        .lapsed(instance: "Instance1", after: .seconds(8)),
        .resumed(instance: "Instance1"),
        .packetsLost(interface: "eth0", count: 7),
        .addressConflict(
            instance: "Instance1", address: IPAddress(192, 0, 2, 1), interface: "eth0",
            hardwareAddress: MACAddress(rawValue: 0x02_0000_0000_0D)),
        .strayAddress(instance: "Instance1", address: prefix, interface: "eth0", isKept: false),
        .inboundFiltered(instance: "Instance1", interface: "eth0", count: 4, isReversePath: nil),
        .handoverEnded(instance: "Instance1"),
        .repaired(instance: "Instance1", .unfiledDeadline),
        .routingChanged(instance: "Instance1", .added, words: "route default via 192.0.2.254"),
        .routingChanged(instance: "Instance1", .removed, words: "route default via 192.0.2.254"),
        .routingChanged(instance: "Instance1", .restored, words: "rule from 192.0.2.1 table 100 priority 1000"),
        .routingChanged(
            instance: "Instance1", .refused(KernelRefusal(code: 101, text: "Network is unreachable")),
            words: "route default via 192.0.2.254"),
        .macvlanChanged(
            instance: "Instance1", .made(MACAddress(rawValue: 0x00_005E_0001_0A)), name: "vrrp.10"),
        .macvlanChanged(instance: "Instance1", .switchedOn, name: "vrrp.10"),
        .macvlanChanged(instance: nil, .leftoverRemoved, name: "vrrp.10"),
        .macvlanChanged(instance: "Instance1", .removedChanged, name: "vrrp.10"),
        .macvlanChanged(instance: nil, .deaf(reason: "no"), name: "vrrp.10"),
        .macvlanChanged(
            instance: "Instance1", .refused(.make, KernelRefusal(code: 95, text: "Operation not supported")),
            name: "vrrp.10"),
        .reloaded(changes: 3),
        .groupChanged(group: "G", from: .backup, to: .master),
        .priorityChanged(
            instance: "Instance1", from: 100,
            TrackedPriority(
                TrackingVerdict([
                    TrackedStatus(
                        tracker: TrackerName(.interface, "eth1"), weight: -10, state: .down(.link(.noCarrier)),
                        effect: .priority(-10))
                ]), of: 100)),
    ]
    static let prefix = IPPrefix(host: IPAddress(192, 0, 2, 1))
    private static let place = EventPlace(interface: "eth0", virtualRouterID: 10)

    private static func catalog() throws -> [String: String] {
        let entries = try Repository.text("systemd/failover-agent.catalog").components(separatedBy: "\n-- ").dropFirst()
        return Dictionary(uniqueKeysWithValues: entries.map { (String($0.prefix(32)), String($0.dropFirst(32))) })
    }

    @Test("Every kind of event has an entry in the catalog")
    func catalogIsWhole() throws {
        let catalog = try Self.catalog()
        #expect(Set(catalog.keys).isSuperset(of: Event.Kind.allCases.map(\.declaration.messageID)))
        #expect(Set(Self.events.map(\.kind)) == Set(Event.Kind.allCases))
    }

    @Test("No two kinds share a MESSAGE_ID, and each is 32 hexadecimal digits")
    func identifiers() {
        let identifiers = Event.Kind.allCases.map(\.declaration.messageID)
        #expect(Set(identifiers).count == identifiers.count)
        #expect(identifiers.allSatisfy { $0.count == 32 && $0.allSatisfy("0123456789abcdef".contains) })
    }

    @Test("A kind is told at least once a minute", arguments: Event.Kind.allCases)
    func limits(kind: Event.Kind) {
        #expect(kind.declaration.mostInMinute > 0)
    }

    @Test("The catalog names only fields that its events have", arguments: events)
    func catalogFields(event: Event) throws {
        let entry = JournalEntry(event, at: Self.place)
        let text = try #require(try Self.catalog()[entry.messageID])
        let names = text.matches(of: /@([A-Z_]+)@/).map { String($0.1) }
        #expect(!names.isEmpty)
        for name in names {
            #expect(entry.fields.contains { $0.name == name }, "\(name) in \(event)")
        }
    }

    @Test("A change of state says of which instance, where, from what to what, why and because of whom")
    func stateChange() throws {
        let entry = JournalEntry(Self.events[0], at: Self.place)
        let fields = Dictionary(uniqueKeysWithValues: entry.fields.map { ($0.name, $0.value) })
        #expect(
            fields == [
                "INSTANCE": "Instance1", "INTERFACE": "eth0", "VIRTUAL_ROUTER_ID": "10", "OLD_STATE": "backup",
                "NEW_STATE": "master", "REASON": "192.0.2.12 advertises priority 99", "PEER": "192.0.2.12",
            ])
        #expect(entry.severity == .notice)
    }

    @Test("What repeats is told five times a minute, then with the number that was kept quiet about")
    func repeats() {
        var limiter = RepeatLimiter()
        let event = Self.events[10]
        let start = Instant(sinceBoot: .seconds(100))
        let answers = (0..<70).map { limiter.admit(event, at: start + .seconds($0)) }
        #expect(answers.prefix(5).allSatisfy { $0 == 0 })
        #expect(answers[5..<60].allSatisfy { $0 == nil })
        #expect(answers[60] == 55)
        #expect(limiter.admit(.resumed(instance: "Instance1"), at: start) == 0, "another kind has its own count")
    }

    @Test("What is over and was told whole takes no memory")
    func forgets() {
        var limiter = RepeatLimiter()
        let start = Instant(sinceBoot: .seconds(100))
        for number in 0..<5000 { _ = limiter.admit(.resumed(instance: "Instance\(number)"), at: start) }
        #expect(limiter.count == 5000)
        for _ in 0..<6 { _ = limiter.admit(.handoverEnded(instance: "Instance1"), at: start + .seconds(1)) }
        limiter.forgetWhatIsOver(at: start + .seconds(61))
        #expect(limiter.count == 1, "one was kept quiet about")
        #expect(limiter.admit(.handoverEnded(instance: "Instance1"), at: start + .seconds(70)) == 1)
    }
}
