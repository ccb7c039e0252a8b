import Addressing
import Configuration
import Testing

@testable import AgentRuntime

@Suite("Whether an instance that names no interface is to have another one")
struct InterfaceMoveTests {
    private let question = InterfaceQuestion(source: IPAddress(192, 0, 2, 11), peers: [])
    private let other = InterfaceQuestion(source: nil, peers: [IPAddress(192, 0, 2, 12)])

    @Test("The first one that is found, and another one; never none, and not the same")
    func reasons() {
        func moves(_ present: String, _ found: String?) -> [String] {
            InterfaceMove.all([("V", present, question)]) { _, _ in found }.map(\.new)
        }
        #expect(moves("", "eth0") == ["eth0"])
        #expect(moves("eth0", "eth1") == ["eth1"])
        #expect(moves("eth0", "eth0") == [])
        #expect(moves("eth0", nil) == [])
        #expect(moves("", nil) == [])
    }

    @Test("A question is asked once for all instances that have it; and the journal says which, and why")
    func several() {
        var asked = 0
        let moves = InterfaceMove.all([("A", "eth0", question), ("B", "eth0", question), ("C", "", other)]) {
            question, present in
            asked += 1
            return question == self.question ? "eth1" : "eth2"
        }
        #expect(asked == 2)
        #expect(
            moves.map(\.words) == [
                "'A': the interface is eth1, which has the source address 192.0.2.11; it was eth0",
                "'B': the interface is eth1, which has the source address 192.0.2.11; it was eth0",
                "'C': the interface is eth2, by which a route leads to a peer; there was none",
            ])
    }
}
