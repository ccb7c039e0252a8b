package import Addressing

/// Announcements by ARP that the kernel did not take.
package struct AnnouncementLoss: Hashable, Sendable, CustomStringConvertible {
    private let count: Int
    private let interface: InterfaceIndex
    private let reason: String

    /// - Parameters:
    ///   - count: how many, on all interfaces.
    ///   - interface: of the last one.
    ///   - reason: the system's, for the last one.
    package init(count: Int, interface: InterfaceIndex, reason: String) {
        self.count = count
        self.interface = interface
        self.reason = reason
    }

    package var description: String {
        "\(count) \(count == 1 ? "announcement" : "announcements") by ARP could not be sent, the last one through interface "
            + "\(interface): \(reason). Neighbours may look for the address elsewhere for longer"
    }
}
