package import Configuration
import Kernel
import Synchronization

/// Where interfaces that a file does not name are looked for.
package enum InterfaceSearch: Sendable {
    /// The file is another host's.
    case nowhere
    /// On this host, as it is now.
    /// - Parameter known: what is in use: it stays where nothing else is found.
    case onThisHost(known: [InterfaceQuestion: String] = [:])

    /// For a reading context.
    var finder: (@Sendable (InterfaceQuestion) -> String?)? {
        guard case .onThisHost(let known) = self else { return nil }
        let host = InterfaceFinder()
        return { question in host.find(question, present: known[question]) ?? known[question] }
    }
}

/// Finds interfaces on this host, whose links and addresses are asked for once, and only where somebody wants to know.
private final class InterfaceFinder: Sendable {
    private let host = Mutex<HostInterfaces?>(nil)

    func find(_ question: InterfaceQuestion, present: String?) -> String? {
        host.withLock { host in
            if host == nil, let monitor = try? RouteMonitor(), let (links, addresses) = try? monitor.snapshot() {
                host = HostInterfaces(links: links, addresses: addresses)
            }
            return host?.answer(to: question, present: present) { address in
                IPv4Route.outgoingInterface(to: address)
            }
        }
    }
}
