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

extension EventPlace {
    init(_ configuration: InstanceConfiguration) {
        self.init(interface: configuration.interface, virtualRouterID: configuration.virtualRouterID)
    }
}

/// Something that has happened, and where.
package struct RecordedEvent: Hashable, Sendable {
    package let event: Event
    /// `nil` where it is about no virtual router.
    package let place: EventPlace?
}
