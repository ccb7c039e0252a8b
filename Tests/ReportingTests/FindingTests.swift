import Addressing
import Configuration
import Control
import FailoverCore
import Foundation
import Reporting
import Testing
import VRRP

@Suite("Findings: a code for programs, a sentence and advice for people")
struct FindingTests {
    private static let peer = IPAddress(192, 0, 2, 13)
    private static let lowered = TrackedStatus(
        tracker: TrackerName(.interface, "eth1"), weight: -10, state: .down(.link(.noCarrier)), effect: .priority(-10))
    private static let prefix = IPPrefix(host: IPAddress(192, 0, 2, 1))

    /// One of each, with what is told of it.
    static let all: [(FindingCode, String, String?)] = [
        (
            .takesNoPart(.fault(.noCarrier("eth0")), .noCarrier("eth0")),
            "takes no part: interface eth0 has no carrier",
            "check the cable or the switch's port: ip -br link show eth0"
        ),
        (
            .leavesFor(.noCarrier("eth1")),
            "gives up its addresses as soon as another host has them: interface eth1 has no carrier",
            "check the cable or the switch's port: ip -br link show eth1"
        ),
        (
            .lastTakeoverRefused(.noCarrier("eth0")),
            "the last takeover failed, and the next one may: interface eth0 has no carrier",
            "check the cable or the switch's port: ip -br link show eth0"
        ),
        (
            .waitsForGroup("G", member: "V2", master: peer, since: .seconds(30)),
            "no host has been master for 30.000 s: this one waits for V2, of the same sync group G, whose master is 192.0.2.13",
            "on 192.0.2.13: failoverctl explain; it may have other members in its sync group G, or the network of one member is cut "
                + "between the hosts"
        ),
        (
            .trackerDown(
                lowered, TrackedPriority(TrackingVerdict([lowered]), of: 100)),
            "interface eth1 has no carrier: the priority is 90, and 100 in the configuration",
            "check the cable or the switch's port: ip -br link show eth1"
        ),
        (
            .addressOnTwoHosts(
                SplitReport(
                    address: prefix, count: 3, lasted: .milliseconds(4100), host: .advertiser(peer),
                    cause: .rejected(.password)), interface: "eth0"),
            "192.0.2.1/32 and 2 more have been on two hosts for 4.100 s, this one and 192.0.2.13; cause: this host rejects its "
                + "advertisements: password differs",
            "make 'auth_pass' the same (its first 8 bytes count) in both files, then: failoverctl reload"
        ),
        (
            .inboundFiltered(interface: "eth0", isReversePath: true),
            "the reverse path filter (rp_filter) of eth0 drops the advertisements that arrive",
            "sysctl -w net.ipv4.conf.eth0.rp_filter=2, and the same in /etc/sysctl.d; or let the route to the "
                + "other host leave by eth0"
        ),
        (
            .peerUnreached(peer, SendFailure(code: 113, text: "No route to host"), interface: "eth0"),
            "advertisements to 192.0.2.13 can't be sent: No route to host", "ip route get 192.0.2.13 oif eth0"
        ),
        (
            .cannotSend(
                SendFailure(
                    code: 90, text: "Message too long",
                    size: SendFailure.Size(length: 1036, mtu: 1000, addresses: 250, fitting: 241)),
                interface: "eth0", isLastResort: true),
            "takes no part but as the last resort: advertisements can't be sent: Message too long: with 250 addresses an "
                + "advertisement has 1036 bytes, the interface's MTU is 1000, and 241 addresses would fit",
            "ip link set dev eth0 mtu 1036 or more; or divide the addresses among instances of at most 241"
        ),
        (.handedOver(by: "alice (uid 0)"), "handed over by alice (uid 0)", "failoverctl resume 'my inst'"),
        (
            .otherNumber(peer, 11, own: 10),
            "192.0.2.13 advertises an address of this instance as virtual router 11, not 10",
            "make 'virtual_router_id' the same in both files, then: failoverctl reload"
        ),
        (
            .addressContested(prefix, interface: "eth0"), "192.0.2.1/32 is contested: somebody takes it away",
            "see when, and so who: ip -timestamp monitor address dev eth0"
        ),
        (
            .strayAddress(prefix, interface: "eth0", isHostsOwn: false),
            "192.0.2.1/32 is on eth0, although this host is not master: it answers for it",
            "ip addr del 192.0.2.1/32 dev eth0"
        ),
        (.addressMissing(prefix, interface: "eth0"), "192.0.2.1/32 is not on eth0", "ip addr show dev eth0"),
        (
            .anotherCluster(peer, virtualRouterID: 10, addresses: [IPAddress(192, 0, 2, 9)], lately: 60),
            "192.0.2.13 uses virtual_router_id 10, too, for other addresses: 192.0.2.9 (60 advertisements in the last minute)",
            "if it belongs to another cluster, give one of the two another 'virtual_router_id'; if it belongs to this one, a list "
                + "was mistyped: make 'virtual_ipaddress' the same in both files; then: failoverctl reload"
        ),
        (
            .otherAddressesRejected(
                peer, .password, virtualRouterID: 10, addresses: [IPAddress(192, 0, 2, 9)], lately: 60),
            "192.0.2.13 uses virtual_router_id 10, too, for other addresses: 192.0.2.9; its advertisements are rejected: "
                + "password differs (60 in the last minute)",
            "if it belongs to another cluster, give one of the two another 'virtual_router_id', then: failoverctl reload"
        ),
        (
            .advertisementsRejected(peer, .truncated, lately: 2),
            "rejecting advertisements from 192.0.2.13: the packet is cut short (2 in the last minute)", nil
        ),
        (
            .routeMissing(words: "route default via 192.0.2.254", .refused(reason: "Network is unreachable")),
            "route default via 192.0.2.254 is not set: the kernel refuses it: Network is unreachable",
            "name a gateway that is in a network of an interface which is up, or write 'dev INTERFACE onlink'; it is tried again by itself"
        ),
        (
            .routeMissing(words: "route 198.51.100.0/24 dev eth7", .noInterface("eth7")),
            "route 198.51.100.0/24 dev eth7 is not set: there is no interface eth7", "ip link show dev eth7"
        ),
        (
            .routeMissing(words: "route 2001:db8::/32 dev eth0", .occupied),
            "route 2001:db8::/32 dev eth0 is not set: this host has another route to the same destination with the same metric",
            "where it is the same one, delete one of the two; else write another 'metric', then: failoverctl reload"
        ),
        (
            .routeContested(words: "rule from 192.0.2.1 table 100 priority 1000", isRule: true),
            "rule from 192.0.2.1 table 100 priority 1000 is contested: somebody takes it away",
            "see when, and so who: ip -timestamp monitor rule"
        ),
        (
            .sameSource(peer), "192.0.2.13, from which this host sends, is another host's source, too",
            "give each host a source of its own: take 'mcast_src_ip' or 'unicast_src_ip' out of one file, or write that host's "
                + "address there, then: failoverctl reload"
        ),
        (
            .addressesNowhere(master: peer),
            "192.0.2.13 is master, and advertises none of this instance's addresses: they are on no host",
            "make 'virtual_ipaddress' the same in both files, then: failoverctl reload; ten minutes after it sent the same list "
                + "last, this host takes it for another cluster's"
        ),
        (
            .addressListDiffers(peer), "192.0.2.13 advertises another list of addresses",
            "make 'virtual_ipaddress' the same in both files, in number and addresses, then: failoverctl reload"
        ),
        (
            .intervalDiffers(peer, .seconds(3), own: .seconds(1)),
            "192.0.2.13 advertises every 3.000 s, and this host is to every 1.000 s",
            "make 'advert_int' the same in both files, then: failoverctl reload"
        ),
        (
            .otherMaster(peer), "192.0.2.13 is master, too",
            "see why it does not hear this host, on that host: failoverctl explain 'my inst'"
        ),
    ]

    @Test("Each says what is wrong and what to do", arguments: all.indices)
    func texts(index: Int) {
        let (code, text, advice) = Self.all[index]
        let finding = Health.Finding(level: .warning, instance: "my inst", code: code)
        #expect(finding.text == text)
        #expect(finding.advice == advice)
    }

    @Test("None is missing here, and no two have one name")
    func whole() {
        #expect(Set(Self.all.map(\.0.name)) == Set(FindingName.allCases))
        let names =
            FindingName.allCases.map(\.rawValue) + AgentFinding.Name.allCases.map(\.rawValue)
            + Shortage.Name.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
    }

    @Test("The description of the interface, also as a file, names every code, every counter")
    func description() throws {
        let file = try Repository.text("docs/io.failoveragent.Agent.varlink")
        for text in [AgentInterface.description, file] {
            let start = try #require(text.range(of: "What programs know it by:")).upperBound
            let end = try #require(text.range(of: "code: ?string")).lowerBound
            let words = Set(text[start..<end].split { !$0.isLetter }.map(String.init))
            for name in FindingName.allCases { #expect(words.contains(name.rawValue), "\(name)") }
            for name in AgentFinding.Name.allCases { #expect(words.contains(name.rawValue), "\(name)") }
            for name in Shortage.Name.allCases { #expect(words.contains(name.rawValue), "\(name)") }
            for counter in Counter.allCases { #expect(text.contains(" \(counter): int"), "\(counter)") }
        }
    }
}

/// The files of the checkout.
enum Repository {
    static func text(_ path: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../" + path).standardized
        return try String(contentsOf: file, encoding: .utf8)
    }
}
