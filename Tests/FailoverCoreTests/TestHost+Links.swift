import Addressing
import VRRP

@testable import FailoverCore

/// Links that the core makes and switches, as Linux does it.
extension TestHost {
    func answer(_ order: LinkOrder) -> RequestResult {
        if let refusal = refuseLink(order) { return .refused(refusal) }
        switch order {
        case .make(let macvlan):
            guard !links.contains(where: { $0.name == macvlan.name }) else {
                return .refused(KernelRefusal(code: 17, text: "File exists"))
            }
            madeLinks += 1
            var link = Link(
                index: InterfaceIndex(rawValue: 100 + madeLinks), name: macvlan.name, isAdministrativelyUp: false,
                isRunning: false, hardwareAddress: macvlan.hardwareAddress)
            link.isMacvlan = true
            link.isPrivate = true
            // The event comes before the mark is set, and of a link that is off no event tells of that.
            core.handle(.link(link), at: now)
            link.alias = macvlan.mark.text
            links.append(link)
        case .switchOn(let index): return turn(index, on: true)
        case .switchOff(let index):
            for key in addresses.map(\.key) where key.interface == index && key.family == .ipv6 { lose(key) }
            return turn(index, on: false)
        case .delete, .deleteAll:
            let (indices, marks) = order.deletion
            defer { for mark in marks { set(mark.lent, on: mark.parent) } }
            let found = indices.filter { index in links.contains { $0.index == index } }
            guard !found.isEmpty else { return Self.noSuchLink }
            for index in found {
                for key in addresses.map(\.key) where key.interface == index { lose(key) }
                links.removeAll { $0.index == index }
                core.handle(.linkRemoved(index), at: now)
            }
        case .setPromotion(let isOn, let index):
            guard let place = links.firstIndex(where: { $0.index == index }) else { return Self.noSuchLink }
            links[place].promotesSecondaries = isOn
        case .setMTU(let bytes, let index):
            guard let place = links.firstIndex(where: { $0.index == index }) else { return Self.noSuchLink }
            links[place].mtu = bytes
            core.handle(.link(links[place]), at: now)
        case .set(let settings, let index):
            guard links.contains(where: { $0.index == index }) else { return Self.noSuchLink }
            set(settings, on: index)
        }
        return .done
    }

    private func set(_ settings: ARPSettings, on index: InterfaceIndex) {
        guard let place = links.firstIndex(where: { $0.index == index }) else { return }
        links[place].arp.ignore = settings.ignore ?? links[place].arp.ignore
        links[place].arp.announce = settings.announce ?? links[place].arp.announce
        core.handle(.link(links[place]), at: now)
    }

    private static let noSuchLink = RequestResult.refused(KernelRefusal(code: 19, text: "No such device"))

    private func turn(_ index: InterfaceIndex, on: Bool) -> RequestResult {
        guard let place = links.firstIndex(where: { $0.index == index }) else { return Self.noSuchLink }
        links[place].isAdministrativelyUp = on
        links[place].isRunning = on
        core.handle(.link(links[place]), at: now)
        return .done
    }

    private func lose(_ key: AddressKey) {
        addresses.removeAll { $0.key == key }
        core.handle(.addressRemoved(key), at: now)
    }

    func link(named name: String) -> Link? { links.first { $0.name == name } }

    /// What was asked about links since the log began, in order.
    var linkOrders: [LinkOrder] {
        log.compactMap { entry in
            if case .link(_, let order) = entry.effect { order } else { nil }
        }
    }
}
