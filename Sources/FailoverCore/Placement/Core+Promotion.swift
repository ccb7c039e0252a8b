import Addressing

/// promote_secondaries, which is set so that the removal of a primary address leaves its secondaries, is as it was when nothing of this
/// program is left.
extension Core {
    /// It is about to be set. That is kept as addresses are, so that another run can put it back.
    mutating func notePromotion(of interface: InterfaceIndex) {
        if table.link(interface)?.promotesSecondaries == false { remember(.promotion(of: interface), createdAt: 0) }
    }

    /// Puts it back where this program has set it, once no address of this program is on the host.
    mutating func restorePromotions() {
        guard stopDeadline != nil || instances.order.isEmpty, hasSnapshot, requests.isEmpty, ledger.ownCount == 0 else {
            return
        }
        for key in ledger.remembered.keys.filter(\.isOfPromotion).sorted() {
            guard let link = table.link(key.interface) else {
                forget(key)
                continue
            }
            let order = LinkOrder.setPromotion(false, on: key.interface)
            if !macvlans.requests.all.contains(where: { $0.order == order }) { ask(order, named: link.name) }
        }
    }

    /// The kernel has answered. Before that a program that is killed leaves it to the next run.
    mutating func promotionAnswered(_ order: LinkOrder) {
        if case .setPromotion(false, let interface) = order { forget(.promotion(of: interface)) }
    }
}

extension AddressKey {
    /// Stands among remembered addresses for an interface whose promote_secondaries this program has set: nobody has 0.0.0.0/0.
    static func promotion(of interface: InterfaceIndex) -> AddressKey {
        let address = IPAddress.unspecified(.ipv4)
        return AddressKey(
            interface: interface, prefix: IPPrefix(address: address, length: 0) ?? IPPrefix(host: address))
    }

    var isOfPromotion: Bool { self == .promotion(of: interface) }
}
