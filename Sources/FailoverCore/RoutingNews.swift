package import Addressing

/// What there is to know about routes and rules beside the answers to requests.
package enum RoutingNews: Hashable, Sendable {
    /// All of ours in the kernel's tables, from a dump: at the start, and where the core asks for it.
    case table([RoutingObject])
    /// Somebody else has removed one of ours, or put another one in its place.
    case disturbed(RoutingObject)
    /// Events were lost, or something happened of which the kernel tells nothing.
    case doubtful
}
