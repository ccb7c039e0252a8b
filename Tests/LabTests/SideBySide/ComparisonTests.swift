import Foundation
import Testing

@Suite("What the side-by-side tests compare")
struct ComparisonTests {
    private let story = Story(
        name: "x", sentence: "x", file: "", steps: [], length: 10,
        meant: [
            Story.Difference(
                channel: "calls of V9", keepalived: ["[master]"], agent: ["[backup]", "[master]"], reason: "x")
        ])

    /// - Parameter calls: time, name and word, apart by a blank.
    private func recording(_ calls: String..., lines: String = "") -> Recording {
        var recording = Recording(begin: 100, length: 10)
        recording.addCalls(calls.map { $0.replacing(" ", with: "\t") + "\n" }.joined())
        recording.addLines(lines)
        return recording
    }

    private func differences(_ theirs: Recording, _ ours: Recording, meant: Bool = false) -> [String] {
        Comparison.differences(meant ? story : story.plain, keepalived: theirs, agent: ours)
    }

    @Test("The same at about the same time is no difference; an order, a word, a time and an absence are")
    func differences() {
        let first = recording("101 V1 backup", "102 V1 master")
        #expect(differences(first, recording("101.5 V1 backup", "102.5 V1 master")).isEmpty)
        #expect(differences(first, recording("101 V1 master", "102 V1 backup")).count == 1)
        #expect(differences(first, recording("101 V1 backup")).count == 1)
        #expect(differences(first, recording("101 V1 backup", "104 V1 master")).count == 1)
        #expect(differences(first, recording()).count == 1)
        let both = differences(first, recording("101 V1 backup", "102 V1 fault", "103 V2 master"))
        #expect(both.count == 2)
        #expect(both[0].contains("[master]") && both[0].contains("[fault]"), "both sides are shown")
    }

    @Test("What happens after the end of a story is not looked at")
    func end() {
        #expect(differences(recording("101 V1 backup"), recording("101 V1 backup", "110.5 V1 master")).isEmpty)
    }

    @Test("The objects of a FIFO are compared one by one")
    func lines() {
        let first = recording(lines: "INSTANCE \"A\" MASTER 1\nINSTANCE \"B\" BACKUP 1\nGROUP \"A\" MASTER 0\n")
        let second = recording(lines: "GROUP \"A\" MASTER 0\nINSTANCE \"B\" BACKUP 1\nINSTANCE \"A\" MASTER 1\n")
        #expect(differences(first, second).isEmpty)
        #expect(differences(first, recording(lines: "INSTANCE \"A\" MASTER 1\n")).count == 2)
        #expect(differences(first, recording(lines: "INSTANCE A MASTER 1\n")).count == 4)
    }

    @Test("A difference that is meant has to be there, as it is meant")
    func meant() {
        let theirs = recording("101 V9 master")
        #expect(differences(theirs, recording("101 V9 backup", "104 V9 master"), meant: true).isEmpty)
        #expect(differences(theirs, theirs, meant: true).count == 1)
        #expect(differences(recording(), recording(), meant: true).count == 1)
    }

    @Test("Who holds an address for a moment is on the way; who holds it at the end is not")
    func holders() {
        func settled(_ facts: (Double, String)...) -> [String] {
            Recording.settled(facts.map { Recording.Fact(time: $0.0, what: $0.1) }).map(\.what)
        }
        #expect(settled((1, "a"), (4, "nobody"), (4.6, "b"), (8, "ab"), (8.1, "a")) == ["a", "b", "a"])
        #expect(settled((1, "a"), (4, "nobody"), (4.1, "a")) == ["a"])
        #expect(settled((1, "a"), (4, "nobody")) == ["a", "nobody"])
    }

    @Test("A packet in a pcapng file: its time, its sender and its priority")
    func wire() {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        func block(_ kind: UInt32, _ body: [UInt8]) -> [UInt8] {
            let length = number(UInt32(body.count + 12))
            return number(kind) + length + body + length
        }
        var frame = [UInt8](repeating: 0, count: 44)
        frame[12] = 8
        frame[14] = 0x45
        frame[23] = 112
        frame.replaceSubrange(26..<30, with: [192, 0, 2, 11])
        frame.replaceSubrange(34..<37, with: [0x31, 10, 150])
        let interface = block(1, number(1) + number(0) + [9, 0, 1, 0, 9, 0, 0, 0] + number(0))
        let time: UInt64 = 7_500_000_000
        let packet = block(
            6,
            number(0) + number(UInt32(time >> 32)) + number(UInt32(truncatingIfNeeded: time)) + number(44) + number(44)
                + frame)
        let frames = WireFile.frames(in: block(0x0A0D_0D0A, number(0)) + interface + packet)
        #expect(frames.map(\.time) == [7.5])
        #expect(frames.first?.advertisement?.source == "192.0.2.11")
        #expect(frames.first?.advertisement?.id == 10)
        #expect(frames.first?.advertisement?.priority == 150)
        #expect(WireFile.frames(in: Array((interface + packet).dropLast(20))).isEmpty, "one that is cut off")
    }
}
