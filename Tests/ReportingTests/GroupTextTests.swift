import FailoverCore
import Reporting
import Testing

@Suite("Sync groups, in words")
struct GroupTextTests {
    @Test("Another member's fault names the member, the group and what it is, and advises what that one would")
    func fault() {
        let fault = Fault.memberOfGroup("G", member: "Instance2", .noCarrier("eth1"))
        #expect(fault.description == "member Instance2 of the sync group G: interface eth1 has no carrier")
        #expect(
            Reason.group("G", member: "Instance2").description
                == "member Instance2 of the sync group G can't be master here")
    }

    @Test("A group's state is told with the one before, but the first")
    func state() {
        #expect(Event.groupChanged(group: "G", from: nil, to: .backup).description == "sync group G: backup")
        #expect(
            Event.groupChanged(group: "G", from: .backup, to: .master).description == "sync group G: backup → master")
    }

    @Test("One that waits names those for which it does")
    func waits() {
        #expect(
            NextStep.waitsForGroup("G", members: ["A", "B"]).description
                == "becomes master when the whole sync group G can: it waits for A, B")
    }
}
