/// A virtual router of this run of the program, from its birth to its end, whatever a reload makes of it.
///
/// Everything that outlives a call refers to a router so: requests to the kernel, timers, failures to send, role records, what
/// is paced. An id is never stored and never shown: files and people know fingerprints and names.
package struct RouterID: Hashable, Sendable {
    /// Its place in the table, for as long as it lives.
    let slot: Int32
    /// How many routers had the place before: who asks for one that has gone must not get its successor.
    let generation: Int32

    init(slot: Int32, generation: Int32) {
        self.slot = slot
        self.generation = generation
    }

    /// Both in one number, for whoever has to carry it through a system call.
    package var rawValue: Int { Int(generation) << 32 | Int(slot) }

    package init(rawValue: Int) {
        slot = Int32(truncatingIfNeeded: rawValue)
        generation = Int32(truncatingIfNeeded: rawValue >> 32)
    }
}

extension RouterID: Comparable {
    package static func < (left: RouterID, right: RouterID) -> Bool {
        (left.slot, left.generation) < (right.slot, right.generation)
    }
}
