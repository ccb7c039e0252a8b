package import Addressing

/// A line of `virtual_routes` or `virtual_rules`: what comes and goes with the addresses of a virtual router.
package struct VirtualRouting: Hashable, Sendable {
    package var location: SourceLocation
    /// A route is here without its interface, whose number only the kernel knows.
    package var object: RoutingObject
    /// `dev` of a route; `nil` where it names none.
    package var interface: String?

    package init(location: SourceLocation, object: RoutingObject, interface: String? = nil) {
        self.location = location
        self.object = object
        self.interface = interface
    }

    /// The same wherever it stands in the file.
    package func isSame(as other: VirtualRouting) -> Bool { object == other.object && interface == other.interface }

    /// Such as "route default via 192.0.2.1", as ip(8) writes it.
    package var words: String { object.words(interface: interface) }
}
