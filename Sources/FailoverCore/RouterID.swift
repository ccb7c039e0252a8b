/// A virtual router of this run of the program, from its birth to its end, wherever a reload puts it. Never stored, never shown.
package struct RouterID: Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }
}
