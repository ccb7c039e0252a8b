import Addressing
import FailoverCore
import Testing
import VRRP

@testable import Reporting

@Suite("What is told of packets, in the words of their family")
struct FamilyTextTests {
    private static func text(_ reason: DropReason, from source: String) throws -> [String] {
        let source = try #require(IPAddress(source))
        let event = Event.packetsDropped(instance: "V", reason: reason, from: source, count: 1)
        let finding = Health.Finding(
            level: .warning, instance: "V", code: .advertisementsRejected(source, reason, lately: 2))
        let split = SplitReport(
            address: nil, count: 1, lasted: .seconds(9), host: .advertiser(source), cause: .rejected(reason))
        return ["\(event)", finding.text, "\(split)"]
    }

    @Test(
        "IPv4 has a TTL, IPv6 a hop limit",
        arguments: [("192.0.2.13", "TTL", "hop limit"), ("fe80::13", "hop limit", "TTL")])
    func timeToLive(source: String, name: String, other: String) throws {
        for text in try Self.text(.timeToLive, from: source) { #expect(text.contains(name) && !text.contains(other)) }
    }

    @Test("No colon follows a source that may end in colons", arguments: ["::", "0.0.0.0", "ff02::1"])
    func source(_ source: String) throws {
        let texts = try Self.text(.source, from: source)
        #expect(texts[0] == "V: dropped an advertisement from \(source), which no host can have as its address")
        #expect(
            texts[1]
                == "rejecting advertisements from \(source), which no host can have as its address (2 in the last minute)"
        )
    }

    @Test(
        "What between the hosts may keep advertisements away",
        arguments: [
            ("224.0.0.18", "a switch that drops multicast to 224.0.0.18"),
            ("239.1.1.1", "IGMP snooping on a switch without a querier, which forwards 239.1.1.1 to nobody"),
            ("ff02::12", "MLD snooping on a switch without a querier, which forwards ff02::12 to nobody"),
        ])
    func snooping(group: String, words: String) throws {
        let group = try #require(IPAddress(group))
        let peer = OtherHost.advertiser(group)
        let causes: [SplitCause] = [
            .unheardThere(group: group), .silentPeer(group, group: group),
            .copy(MACAddress(rawValue: 0x02_0000_0000_0D), group: group),
        ]
        for cause in causes {
            #expect(cause.advice(for: "V", on: "eth0", with: peer).hasSuffix("between the two: \(words)"))
        }
    }
}
