package import Addressing

/// What tells the interface of an instance whose file names none.
package struct InterfaceQuestion: Hashable, Sendable {
    /// `unicast_src_ip`: the interface is the one that has it. `nil` for the one that leads to a peer.
    package let source: IPAddress?
    /// In the file's order; none where the source tells.
    package let peers: [IPAddress]

    package init(source: IPAddress?, peers: [IPAddress]) {
        self.source = source
        self.peers = source == nil ? peers : []
    }

    /// The interface: never the loopback, and no macvlan of this program.
    /// - Parameters:
    ///   - present: the one in use: where several have the source address, it stays.
    ///   - holders: the links that have an address, in order.
    ///   - route: the link by which a packet to an address would leave.
    /// - Returns: `nil` where there is none now.
    package func answer(
        present: String? = nil, holders: (IPAddress) -> [Link], route: (IPAddress) -> Link?
    ) -> String? {
        guard let source else {
            for peer in peers {
                if let link = route(peer), Self.isUsable(link) { return link.name }
            }
            return nil
        }
        let names = holders(source).filter(Self.isUsable).map(\.name)
        return names.first { $0 == present } ?? names.first
    }

    private static func isUsable(_ link: Link) -> Bool { !link.isLoopback && link.mark == nil }

    /// Behind the interface's name: why it is that one.
    package var reason: String {
        source.map { "which has the source address \($0)" } ?? "by which a route leads to a peer"
    }

    /// Why none was found.
    package var failure: String { Self.failure(source: source) }

    package static func failure(source: IPAddress?) -> String {
        source.map { "no interface has the source address \($0)" } ?? "no route leads to a peer"
    }
}

extension InstanceConfiguration {
    /// What tells its interface; `nil` where the file does.
    package var interfaceQuestion: InterfaceQuestion? {
        findsInterface ? InterfaceQuestion(source: source, peers: unicast?.peers.map(\.address) ?? []) : nil
    }
}

/// Which links of a host have which addresses.
package struct HostInterfaces: Sendable {
    private let links: [InterfaceIndex: Link]
    private let holders: [IPAddress: [InterfaceIndex]]

    package init(links: some Sequence<Link>, addresses: some Sequence<InterfaceAddress>) {
        self.links = Dictionary(links.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        holders = Dictionary(grouping: addresses) { $0.key.address }.mapValues { $0.map(\.key.interface).sorted() }
    }

    /// - Parameter route: the interface by which a packet to an address would leave.
    package func answer(
        to question: InterfaceQuestion, present: String?, route: (IPAddress) -> InterfaceIndex?
    ) -> String? {
        question.answer(present: present, holders: { (holders[$0] ?? []).compactMap { links[$0] } }) { address in
            route(address).flatMap { links[$0] }
        }
    }
}
