package import Addressing
package import Configuration

/// Instances whose interface the file does not name.
extension Core {
    /// They, with the interface in use, which is empty for none.
    package var searchers: [(name: String, interface: String, question: InterfaceQuestion)] {
        instances.order.compactMap { id in
            guard instances[id].configuration.findsInterface,
                let question = instances[id].configuration.interfaceQuestion
            else { return nil }
            return (instances[id].name, instances[id].configuration.interface, question)
        }
    }

    /// The interfaces that were found.
    package var foundInterfaces: [InterfaceQuestion: String] {
        Dictionary(
            searchers.filter { !$0.interface.isEmpty }.map { ($0.question, $0.interface) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension KernelTable {
    /// The links that have an address, in order.
    package func holders(of address: IPAddress) -> [Link] {
        copies(of: address).map(\.interface).sorted().compactMap { link($0) }
    }
}
