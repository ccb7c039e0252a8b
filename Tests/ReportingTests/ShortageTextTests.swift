import Addressing
import FailoverCore
import Reporting
import Testing

@Suite("What there is too little room for, in words")
struct ShortageTextTests {
    /// One of each, with how its sentence begins and ends, and the advice.
    static let all: [(Shortage, String, String, String?)] = [
        (.noStateFile, "no state is kept", "since the start", nil),
        (
            .addressesNotKept(count: 2, reason: "disk full"),
            "2 of the addresses that this agent has added are not remembered: disk full. Where",
            "on their interface",
            "make room: df /run/failover-agent"
        ),
        (.noRoleFile(reason: "no room"), "no roles are kept: no room", "no room", nil),
        (
            .rolesNotKept(count: 9, reason: "disk full"),
            "the roles of 9 virtual routers are not kept: disk full. When",
            "another host takes their addresses", "make room: df /run/failover-agent"
        ),
        (.noHandoverFile(reason: "no room"), "handovers are not kept: no room", "no room", nil),
        (
            .handoversNotKept(count: 3, reason: "disk full"), "the 3 handovers are not kept: disk full. A restart",
            "ends them", "make room: df /var/lib/failover-agent"
        ),
        (
            .configurationNotKept(reason: "disk full"), "the accepted configuration is not kept: disk full. When",
            "with the new file all the same", "make room: df /var/lib/failover-agent"
        ),
        (
            .scriptsNotKept(reason: "disk full"), "what scripts have said is not kept: disk full. After a restart",
            "once more for the same state", "make room: df /run/failover-agent"
        ),
        (
            .socketsNotKept(interfaces: 1, kept: 5, most: 10, possible: 3400),
            "the receive sockets of 1 interface are not kept over a restart of the agent, those of 5 are: systemd keeps 10 ",
            "stay all the same", "systemctl edit failover-agent: [Service] FileDescriptorStoreMax=3400"
        ),
        (
            .socketsNotKept(interfaces: 2, kept: 5, most: 3400, possible: nil),
            "the receive sockets of 2 interfaces are",
            "stay all the same", nil
        ),
        (
            .receiveBuffersSmall(room: 256, needed: 1275, milliseconds: 50, bytes: 1_000_000),
            "a receive socket holds 256 advertisements, and 1275 may arrive within 50 ms: when", "takeovers put off",
            "sysctl -w net.core.rmem_max=1000000, outside of containers; then: systemctl restart failover-agent"
        ),
    ]

    @Test("Each says what is not kept, why, what that means and what to do", arguments: all.indices)
    func texts(index: Int) {
        let (shortage, begin, end, advice) = Self.all[index]
        #expect(shortage.text.hasPrefix(begin), "\(shortage.text)")
        #expect(shortage.text.hasSuffix(end), "\(shortage.text)")
        #expect(shortage.advice == advice)
        #expect(shortage.level == .warning)
    }

    @Test("None is missing here, and each end is told in words of its own")
    func whole() {
        #expect(Set(Self.all.map(\.0.name)) == Set(Shortage.Name.allCases))
        #expect(Set(Shortage.Name.allCases.map(\.endText)).count == Shortage.Name.allCases.count)
        #expect(Shortage.Name.handoversNotKept.endText == "the handovers: there is room for all of them again")
    }

    @Test("Announcements that could not be sent, one or many")
    func announcements() {
        func text(_ count: Int) -> String {
            "\(AnnouncementLoss(count: count, interface: InterfaceIndex(rawValue: 2), reason: "full"))"
        }
        #expect(text(1).hasPrefix("1 announcement by ARP could not be sent, the last one through interface 2: full. "))
        #expect(text(18).hasPrefix("18 announcements by ARP could not be sent"))
    }
}
