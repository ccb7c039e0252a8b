package import Addressing
import Configuration

/// An interface that the configuration names, as the kernel has it.
package struct InterfaceStatus: Hashable, Sendable {
    package struct Address: Hashable, Sendable {
        package var prefix: IPPrefix
        package var owner: Owner
        /// It leaves by itself unless it is renewed.
        package var hasFiniteLifetime: Bool
    }

    /// Who has put an address there.
    package enum Owner: String, Hashable, Sendable {
        case agent
        case host
        /// A shared address that somebody added while this host was not its master.
        case stray
    }

    package var name: String
    /// `nil` while there is none of that name.
    package var link: Link?
    package var addresses: [Address]
    /// The instances that it matters to.
    package var instances: [String]
}

extension Core {
    /// The interfaces that the configuration names, sorted.
    package var interfaceNames: [String] { directory.interfaceNames }

    package func interfaceStatus(named name: String) -> InterfaceStatus {
        let link = table.link(named: name)
        let addresses = link.map { table.addresses(on: $0.index) } ?? []
        return InterfaceStatus(
            name: name, link: link,
            addresses: addresses.map { address in
                let owner: InterfaceStatus.Owner =
                    switch ledger.standing(of: address.key) {
                    case .ours: .agent
                    case .stray: .stray
                    case .hosts, nil: .host
                    }
                return InterfaceStatus.Address(
                    prefix: address.key.prefix, owner: owner, hasFiniteLifetime: address.hasFiniteLifetime)
            },
            instances: directory.routers(concernedBy: name).map { instances[$0].name })
    }
}
