import Addressing

extension HostObstacle: CustomStringConvertible {
    /// A sentence for people.
    package var description: String {
        switch code {
        case .listTooLong(let addresses, let length, let mtu, let fitting, let interface):
            "'\(instance)': an advertisement with \(addresses) addresses has \(length) bytes, and the MTU of "
                + "\(interface) is \(mtu): it can't be sent; at most \(fitting) addresses fit. Raise the MTU, or divide the "
                + "addresses among instances"
        case .noSource(let address): fault("this host does not have the source address \(address)")
        case .noInterface(let name): fault("interface \(name) does not exist")
        case .noInterfaceFound(let source): fault(InterfaceQuestion.failure(source: source))
        case .interfaceDown(let name): fault("interface \(name) is down or has no carrier")
        case .foreignLink(let name):
            fault("there is a \(name) already, and this agent has not made it") + "; write another name behind "
                + "'use_vmac', or stop the program that made it and delete it (ip link delete dev \(name))"
        case .hostsOwn(let prefix, let interface):
            "\(prefix) is on \(interface) already, as this host's own address: this host cannot "
                + "give it up to another master (if another VRRP daemon added it, stop that daemon first)"
        case .networkAddress(let address, let prefix, let interface):
            "\(address) is the address of the network \(prefix) on \(interface)"
        case .broadcastAddress(let address, let prefix, let interface):
            "\(address) is the broadcast address of \(prefix) on \(interface)"
        case .otherScope(let shared, let scope, let prefix, let interface):
            "the kernel refuses \(shared) with scope \(scope): \(prefix) on \(interface) is of the same "
                + "network and has another scope"
        }
    }

    private func fault(_ cause: String) -> String {
        "'\(instance)': \(cause): the instance is in fault, without its addresses, until that has changed"
    }
}
