import Addressing
package import Configuration
import Kernel

/// What a check finds by looking at the host as it is now.
package enum HostCheck {
    package static func warnings(about configuration: Configuration) -> [Diagnostic] {
        guard let monitor = try? RouteMonitor(), let (links, addresses) = try? monitor.snapshot() else { return [] }
        return configuration.instances.compactMap { lengthWarning(about: $0, links) }
            + ownAddresses(in: configuration, links, addresses)
            + networkWarnings(about: configuration, links, addresses)
    }

    /// What an interface does not carry is not sent.
    private static func lengthWarning(about instance: InstanceConfiguration, _ links: [Link]) -> Diagnostic? {
        guard let link = links.first(where: { $0.name == instance.interface }),
            let problem = instance.lengthProblem(mtu: link.mtu)
        else { return nil }
        return Diagnostic(severity: .warning, location: instance.location, message: problem)
    }

    /// What the networks that the host is in already make of a shared address.
    private static func networkWarnings(
        about configuration: Configuration, _ links: [Link], _ addresses: [InterfaceAddress]
    ) -> [Diagnostic] {
        let indexes = Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
        let own = Dictionary(grouping: addresses.filter { $0.origin == 0 }) { $0.key.interface }
        return configuration.instances.flatMap(\.addresses).compactMap { shared in
            guard let index = indexes[shared.interface] else { return nil }
            func warn(_ message: String) -> Diagnostic {
                Diagnostic(severity: .warning, location: shared.location, message: message)
            }
            for present in own[index] ?? [] {
                let prefix = present.key.prefix
                if prefix.length < 31, prefix.contains(shared.prefix.address) {
                    if shared.prefix.address == prefix.network {
                        return warn(
                            "\(shared.prefix.address) is the address of the network \(prefix) on \(shared.interface)")
                    }
                    if shared.prefix.address == prefix.broadcast {
                        return warn(
                            "\(shared.prefix.address) is the broadcast address of \(prefix) on \(shared.interface)")
                    }
                }
                if prefix.sharesNetwork(with: shared.prefix), present.scope != shared.scope.rawValue {
                    return warn(
                        "the kernel refuses \(shared.prefix) with scope \(shared.scope): \(prefix) on \(shared.interface) is of the same "
                            + "network and has another scope")
                }
            }
            return nil
        }
    }

    /// A warning for each shared address that the host has by itself: it answers for it whoever is master.
    private static func ownAddresses(
        in configuration: Configuration, _ links: [Link], _ addresses: [InterfaceAddress]
    ) -> [Diagnostic] {
        let indexes = Dictionary(links.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
        let own = Dictionary(
            addresses.filter { $0.origin == 0 }.map { ($0.key.address, [$0.key]) }, uniquingKeysWith: +)
        return configuration.instances.flatMap(\.addresses).compactMap { shared in
            guard let index = indexes[shared.interface],
                let key = own[shared.prefix.address]?.first(where: { $0.interface == index })
            else { return nil }
            return Diagnostic(
                severity: .warning,
                location: shared.location,
                message:
                    "\(key.prefix) is on \(shared.interface) already, as this host's own address: this host cannot "
                    + "give it up to another master (if another VRRP daemon added it, stop that daemon first)")
        }
    }
}
