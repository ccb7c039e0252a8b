import Testing

@testable import FailoverCore

@Suite("Values that are seldom there")
struct SeldomTests {
    private struct Long: Equatable {
        var words = (0, 0, 0, 0)
        var name = "n"

        static func == (left: Long, right: Long) -> Bool { left.words == right.words && left.name == right.name }
    }

    private struct Holder {
        @Seldom var value: Long?
    }

    @Test("They take 8 bytes while they are not there")
    func room() {
        #expect(MemoryLayout<Holder>.size == 8)
        #expect(MemoryLayout<Long?>.size > 8)
        #expect(Holder().value == nil)
    }

    @Test("They are kept, changed and taken away as any other, and a copy is its own")
    func change() {
        var holder = Holder(value: Long(words: (1, 2, 3, 4)))
        let copy = holder
        holder.value?.words.2 = 7
        holder.value?.name = "m"
        #expect(holder.value == Long(words: (1, 2, 7, 4), name: "m"))
        #expect(copy.value == Long(words: (1, 2, 3, 4)))
        holder.value = nil
        #expect(holder.value == nil)
        holder.value?.name = "nobody"
        #expect(holder.value == nil)
        #expect(copy.value != nil)
    }
}
