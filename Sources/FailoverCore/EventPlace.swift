import Configuration

/// The virtual router that an event is about, as the journal names it.
package struct EventPlace: Hashable, Sendable {
    package var interface: String
    package var virtualRouterID: UInt8

    package init(interface: String, virtualRouterID: UInt8) {
        self.interface = interface
        self.virtualRouterID = virtualRouterID
    }
}

extension Core {
    /// - Returns: `nil` where the event is about no virtual router, or about one that is not there any more.
    package func place(of event: Event) -> EventPlace? {
        guard let name = event.instance, let id = directory.router(named: name) else { return nil }
        let configuration = instances[id].configuration
        return EventPlace(interface: configuration.interface, virtualRouterID: configuration.virtualRouterID)
    }
}
