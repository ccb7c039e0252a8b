package import Configuration
import Kernel

/// What a check finds by looking at the host as it is now.
package enum HostCheck {
    /// Whether its interfaces are there and up is not asked: a file may be checked before they are.
    package static func warnings(about configuration: Configuration) -> [Diagnostic] {
        let settings = SystemSettings.warnings(about: configuration, SystemSettings.default6)
        guard let monitor = try? RouteMonitor(), let (links, addresses) = try? monitor.snapshot() else {
            return settings
        }
        return settings
            + HostNetwork(links: links, addresses: addresses).obstacles(to: configuration)
            .filter { $0.effect != .fault }
            .map { Diagnostic(severity: .warning, location: $0.location, message: $0.description) }
    }
}
