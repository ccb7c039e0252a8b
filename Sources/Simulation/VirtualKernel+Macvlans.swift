import Addressing
import FailoverCore
import VRRP

/// Macvlans as Linux keeps them.
extension VirtualKernel {
    static let firstMacvlan: Int32 = 1000

    private static func refused(_ code: Int32, _ text: String) -> RequestResult {
        .refused(KernelRefusal(code: code, text: text))
    }

    /// Macvlans lie on eth0.
    static func parent(of interface: InterfaceIndex) -> InterfaceIndex {
        interface.rawValue > firstMacvlan ? eth0 : interface
    }

    func macvlan(of router: Int) -> Link? { macvlans.first { $0.name == Scenario.macvlan(of: router) } }

    /// Whether an interface answers for what is on it: a macvlan that is off does not.
    func isOn(_ interface: InterfaceIndex) -> Bool {
        macvlans.first { $0.index == interface }?.isAdministrativelyUp ?? true
    }

    /// Carries out a change of links.
    /// - Returns: the answer, and the events that come before it.
    mutating func perform(_ order: LinkOrder) -> (RequestResult, [Input]) {
        switch order {
        case .make(let macvlan): return make(macvlan)
        case .switchOn(let index):
            guard let place = macvlans.firstIndex(where: { $0.index == index }) else { return (Self.noSuchLink, []) }
            let isTaken = macvlans.contains {
                $0.index != index && $0.isAdministrativelyUp && $0.hardwareAddress == macvlans[place].hardwareAddress
                    && $0.mark?.parent == macvlans[place].mark?.parent
            }
            if isTaken { return (Self.refused(98, "Address already in use"), []) }
            macvlans[place].isAdministrativelyUp = true
            macvlans[place].isRunning = true
            return (.done, [.link(macvlans[place])])
        case .switchOff(let index):
            guard let place = macvlans.firstIndex(where: { $0.index == index }) else { return (Self.noSuchLink, []) }
            macvlans[place].isAdministrativelyUp = false
            macvlans[place].isRunning = false
            let gone = addresses.filter { $0.key.interface == index && $0.key.family == .ipv6 }.map(\.key)
            return (.done, gone.flatMap { remove($0) } + [.link(macvlans[place])])
        case .delete, .deleteAll:
            let (links, marks) = order.deletion
            defer { for mark in marks { set(mark.lent, on: mark.parent) } }
            let found = links.filter { index in macvlans.contains { $0.index == index } }
            return found.isEmpty ? (Self.noSuchLink, []) : (.done, found.flatMap { delete($0) })
        case .setPromotion, .setMTU: return (.done, [])
        case .set(let settings, let index):
            set(settings, on: index)
            return (.done, [])
        }
    }

    private mutating func set(_ settings: ARPSettings, on index: InterfaceIndex) {
        let old = arp[index] ?? ARPSettings(ignore: 0, announce: 0)
        arp[index] = ARPSettings(ignore: settings.ignore ?? old.ignore, announce: settings.announce ?? old.announce)
    }

    private static let noSuchLink = refused(19, "No such device")

    private mutating func make(_ macvlan: Macvlan) -> (RequestResult, [Input]) {
        guard !macvlans.contains(where: { $0.name == macvlan.name }) else {
            return (Self.refused(17, "File exists"), [])
        }
        macvlansMade += 1
        var link = Link(
            index: InterfaceIndex(rawValue: Self.firstMacvlan + macvlansMade), name: macvlan.name,
            isAdministrativelyUp: false, isRunning: false, hardwareAddress: macvlan.hardwareAddress)
        link.isMacvlan = true
        link.isPrivate = true
        // The event tells of it as it was made; the mark comes later, and of a link that is off no event tells.
        let event = Input.link(link)
        link.alias = macvlan.mark.text
        macvlans.append(link)
        return (.done, [event])
    }

    /// A link goes, and with it what is on it.
    /// - Returns: the events.
    mutating func delete(_ index: InterfaceIndex) -> [Input] {
        let gone = addresses.filter { $0.key.interface == index }.map(\.key)
        let events = gone.flatMap { remove($0) }
        macvlans.removeAll { $0.index == index }
        return events + [.linkRemoved(index)]
    }
}
