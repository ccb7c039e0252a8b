import Addressing
import Control
import FailoverCore
import Testing
import VRRP

@testable import AgentRuntime

@Suite("The history lasts for days: what goes on or repeats itself is one event")
struct HistoryTests {
    private let history = History(epoch: .seconds(1))

    private func note(_ event: Event, _ fields: [String: String] = [:], at seconds: Int) {
        let entry = JournalEntry(
            severity: .warning, message: event.description,
            fields: fields.map { JournalEntry.Field(name: $0.key, value: $0.value) })
        history.note(event, entry, at: Instant(sinceBoot: .seconds(seconds)), epoch: .seconds(seconds))
    }

    private var texts: [String] {
        (history.first..<history.first + history.count).compactMap { history.event($0)?.text }
    }

    private func split(_ seconds: Int) -> Event {
        .addressOnTwoHosts(instance: "a", with: "192.0.2.13", lasted: .seconds(seconds), text: "\(seconds) s")
    }

    @Test("A split that is told again is the same event, with the time when it was seen last")
    func goesOn() {
        note(split(4), at: 10)
        note(split(60), at: 66)
        #expect(texts == ["a: 60 s"])
        #expect(history.event(history.last)?.until != nil)
        #expect(history.event(history.last)?.seconds == 60)
    }

    @Test("After its end another one is another event")
    func another() {
        note(split(4), at: 10)
        note(.splitEnded(instance: "a", with: "192.0.2.13", lasted: .seconds(4)), at: 30)
        note(split(5), at: 40)
        #expect(texts.count == 3)
        #expect(texts.first == "a: 4 s")
    }

    @Test("Packets dropped for one reason from one host are one event; for another reason, or much later, they are not")
    func packets() {
        func drop(_ reason: DropReason, at seconds: Int) {
            note(
                .packetsDropped(instance: "a", reason: reason, from: IPv4Address(192, 0, 2, 13), count: 60),
                ["PEER": "192.0.2.13", "REASON": reason.rawValue], at: seconds)
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
            let prefix = try #require(IPv4Prefix("10.66.0.\(number)/32"))
            note(.addressAdded(instance: "a", address: prefix, interface: "eth0"), ["INTERFACE": "eth0"], at: 10)
        }
        #expect(history.count == 1)
        #expect(texts.first?.hasSuffix("and 249 more addresses before") == true)
        note(
            .addressAdded(instance: "a", address: try #require(IPv4Prefix("10.66.0.1/32")), interface: "eth0"),
            ["INTERFACE": "eth0"], at: 20)
        #expect(history.count == 2)
    }
}
