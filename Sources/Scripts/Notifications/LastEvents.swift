/// The numbers of the last events of an object: what is said once more, after a new connection, is no news.
package struct LastEvents: Hashable, Sendable {
    private var state: UInt64?
    private var other: UInt64?

    package init() {}

    /// - Returns: whether it is news.
    package mutating func take(_ event: NotifyEvent) -> Bool {
        if event.state.isState {
            defer { state = event.sequence }
            return state != event.sequence
        }
        defer { other = event.sequence }
        return other != event.sequence
    }
}
