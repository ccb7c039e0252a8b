import Addressing
import Configuration
import FailoverCore
import Kernel

/// What `--check` finds by looking at the host as it is now.
enum HostCheck {
    /// A warning for each shared address that the host has by itself: it answers for it whoever is master.
    static func warnings(about configuration: Configuration) -> [Diagnostic] {
        guard let monitor = try? RouteMonitor(), let (links, addresses) = try? monitor.snapshot() else { return [] }
        let table = KernelTable(links: links, addresses: addresses)
        return configuration.instances.flatMap { instance in
            instance.addresses.compactMap { shared -> Diagnostic? in
                guard let link = table.link(named: shared.interface),
                    let own = table.addresses(on: link.index).first(where: { address in
                        address.key.address == shared.prefix.address && address.origin == 0
                    })
                else { return nil }
                return Diagnostic(
                    severity: .warning,
                    location: shared.location,
                    message:
                        "\(own.key.prefix) is on \(link.name) already, as this host's own address: this host cannot "
                        + "give it up to another master (if another VRRP daemon added it, stop that daemon first)")
            }
        }
    }
}
