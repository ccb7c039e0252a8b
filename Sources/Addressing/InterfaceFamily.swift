/// One family of IP addresses on one interface: what the two families have there is apart.
package struct InterfaceFamily: Hashable, Comparable, Sendable {
    package var interface: InterfaceIndex
    package var family: IPFamily

    package init(_ interface: InterfaceIndex, _ family: IPFamily) {
        self.interface = interface
        self.family = family
    }

    /// By interface, then by family.
    package static func < (left: Self, right: Self) -> Bool {
        (left.interface, left.family) < (right.interface, right.family)
    }
}
