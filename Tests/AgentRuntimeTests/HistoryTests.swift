import Addressing
import Control
import FailoverCore
import Testing
import VRRP

@testable import AgentRuntime

@Suite("The history lasts for days: what goes on or repeats itself is one event")
struct HistoryTests {
    private let history = History(epoch: .seconds(1))

    private func note(_ event: Event, at seconds: Int) {
        let place = EventPlace(interface: "eth0", virtualRouterID: 10)
        history.note(event, at: place, now: Instant(sinceBoot: .seconds(seconds)), epoch: .seconds(seconds))
    }

    private var texts: [String] {
        (history.first..<history.first + history.count).compactMap { history.event($0)?.text }
    }

    private func split(_ seconds: Int) -> Event {
        .addressOnTwoHosts(
            instance: "a",
            split: SplitReport(
                address: nil, count: 1, lasted: .seconds(seconds), host: .advertiser(IPAddress(192, 0, 2, 13)),
                cause: .otherList))
    }

    @Test("A split that is told again is the same event, with the time when it was seen last")
    func goesOn() {
        note(split(4), at: 10)
        note(split(60), at: 66)
        #expect(texts.map { $0.contains("two hosts for 60.000 s") } == [true])
        #expect(history.event(history.last)?.until != nil)
        #expect(history.event(history.last)?.seconds == 60)
    }

    @Test("After its end another one is another event")
    func another() {
        note(split(4), at: 10)
        note(.splitEnded(instance: "a", with: .advertiser(IPAddress(192, 0, 2, 13)), lasted: .seconds(4)), at: 30)
        note(split(5), at: 40)
        #expect(texts.count == 3)
        #expect(texts.first?.contains("two hosts for 4.000 s") == true)
    }

    @Test("Packets dropped for one reason from one host are one event; for another reason, or much later, they are not")
    func packets() {
        func drop(_ reason: DropReason, at seconds: Int) {
            note(
                .packetsDropped(instance: "a", reason: reason, from: IPAddress(192, 0, 2, 13), count: 60),
                at: seconds)
        }
        for minute in 1...60 { drop(.password, at: 60 * minute) }
        #expect(history.count == 1)
        drop(.interval, at: 3600)
        #expect(history.count == 2)
        drop(.password, at: 5000)
        #expect(history.count == 3)
    }

    @Test("Addresses that come in one change are one event, which counts them")
    func addresses() throws {
        for number in 1...250 {
            let prefix = try #require(IPPrefix("10.66.0.\(number)/32"))
            note(.addressAdded(instance: "a", address: prefix, interface: "eth0"), at: 10)
        }
        #expect(history.count == 1)
        #expect(texts.first?.hasSuffix("and 249 more addresses before") == true)
        note(
            .addressAdded(instance: "a", address: try #require(IPPrefix("10.66.0.1/32")), interface: "eth0"),
            at: 20)
        #expect(history.count == 2)
    }

    @Test("An event is told with the virtual router's place, and a change of state with how long the one before lasted")
    func whole() throws {
        note(.stateChanged(instance: "a", from: .fault, to: .backup, reason: .started), at: 10)
        note(
            .stateChanged(
                instance: "a", from: .backup, to: .master,
                reason: .claimed(.masterSilent(IPAddress(192, 0, 2, 13), after: .milliseconds(3609)))), at: 25)
        #expect(history.event(history.first)?.seconds == nil)
        let report = try #require(history.event(history.last))
        #expect(report.seconds == 15)
        #expect(report.kind == "becameMaster")
        #expect(report.severity == "notice")
        #expect(report.instance == "a")
        #expect(report.time == "1970-01-01T00:00:25.000Z")
        #expect(report.text == "a: backup → master: nothing was heard from master 192.0.2.13 for 3.609 s")
        #expect(report.until == nil)
        #expect(
            report.fields == [
                "INSTANCE": "a", "INTERFACE": "eth0", "VIRTUAL_ROUTER_ID": "10", "OLD_STATE": "backup",
                "NEW_STATE": "master", "REASON": "nothing was heard from master 192.0.2.13 for 3.609 s",
                "PEER": "192.0.2.13",
            ])
    }

    @Test("The oldest make room, and what repeats one of them is new")
    func ring() {
        note(.packetsLost(interface: "eth0", count: 1), at: 10)
        for _ in 0..<1023 { note(.resumed(instance: "a"), at: 10) }
        note(.packetsLost(interface: "eth0", count: 2), at: 11)
        #expect(history.count == 1024, "it is the first one again")
        note(.resumed(instance: "b"), at: 12)
        #expect(history.event(history.first - 1) == nil)
        #expect(history.last - history.first == 1023)
        note(.packetsLost(interface: "eth0", count: 3), at: 13)
        #expect(history.count == 1026)
        #expect(history.event(history.last)?.text == "eth0: the receive socket was full, 3 packets lost")
        history.makeRoom(forInstances: 200)
        #expect(history.event(history.last - 1)?.instance == "b")
        #expect(history.last - history.first == 1023)
        note(.resumed(instance: "c"), at: 14)
        #expect(history.last - history.first == 1024, "there is room now")
        #expect(history.event(history.last)?.instance == "c")
    }

    @Test("An entry is small: a host of thousands of virtual routers keeps eight of each")
    func small() {
        #expect(MemoryLayout<HistoryEntry>.stride <= 104)
    }
}
