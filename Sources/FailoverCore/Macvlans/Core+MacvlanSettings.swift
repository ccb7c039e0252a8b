import Addressing
import VRRP

/// The settings of the interface on which a macvlan lies: changed while one is there, and put back afterwards.
extension Core {
    /// The parent answers for its own addresses alone, and never names the shared ones: else the neighbours learn its hardware address for
    /// them.
    private static let settings = ARPSettings(ignore: 1, announce: 2)

    /// What the parent's settings were before any of ours was changed, as far as they have to be changed.
    func settingsToLend(of parent: InterfaceIndex) -> ARPSettings {
        for index in table.ownMacvlans(on: parent) {
            if let mark = table.link(index)?.mark { return mark.lent }
        }
        let present = presentSettings(of: parent)
        var lent = ARPSettings()
        if (present.ignore ?? 0) == 0 { lent.ignore = 0 }
        if (present.announce ?? 0) < 2 { lent.announce = present.announce ?? 0 }
        return lent
    }

    private func presentSettings(of parent: InterfaceIndex) -> ARPSettings {
        macvlans.requests.settings(of: parent, now: table.link(parent)?.arp ?? ARPSettings())
    }

    /// Sets those of the parent's settings that have to be others.
    mutating func lendSettings(of macvlan: Link) {
        guard let mark = macvlan.mark, let link = table.link(mark.parent) else { return }
        let (parent, lent) = (mark.parent, mark.lent)
        let present = presentSettings(of: parent)
        var settings = ARPSettings()
        if lent.ignore != nil, present.ignore != Self.settings.ignore { settings.ignore = Self.settings.ignore }
        if lent.announce != nil, present.announce != Self.settings.announce {
            settings.announce = Self.settings.announce
        }
        if !settings.isEmpty { ask(.set(settings, on: parent), of: nil, named: link.name) }
    }

    /// The kernel tells nobody when somebody changes them by /proc/sys, and neighbours learn a wrong hardware address then: they are set
    /// again every half minute.
    mutating func renewSettings(at now: Instant) {
        guard !table.ownMacvlans.isEmpty, stopDeadline == nil,
            macvlans.settingsSetAt.map({ now - $0 >= Self.settingsPeriod }) ?? true
        else { return }
        macvlans.settingsSetAt = now
        var done: Set<InterfaceIndex> = []
        for index in table.ownMacvlans {
            guard let macvlan = table.link(index), macvlan.isAdministrativelyUp, let mark = macvlan.mark,
                !mark.lent.isEmpty, let parent = table.link(mark.parent), done.insert(mark.parent).inserted
            else { continue }
            let settings = ARPSettings(
                ignore: mark.lent.ignore.map { _ in Self.settings.ignore } ?? nil,
                announce: mark.lent.announce.map { _ in Self.settings.announce } ?? nil)
            ask(.set(settings, on: mark.parent), of: nil, named: parent.name)
        }
    }

    private static let settingsPeriod = Duration.seconds(30)

    /// What goes back to the parent with the deletion of a macvlan; `nil` where others stay on it.
    /// - Parameter others: that are deleted with it.
    func settingsToRestore(with macvlan: Link, besides others: [InterfaceIndex] = []) -> MacvlanMark? {
        guard let mark = macvlan.mark, !mark.lent.isEmpty, !macvlans.requests.isMaking(on: mark.parent),
            table.ownMacvlans(on: mark.parent).allSatisfy({ index in
                index == macvlan.index || others.contains(index) || macvlans.requests.isDeleting(index)
            })
        else { return nil }
        return mark
    }

    /// The last macvlan of an interface has gone, by somebody else's hand perhaps: its settings are as they were.
    mutating func restoreSettings(after macvlan: Link) {
        guard let mark = macvlan.mark, let link = table.link(mark.parent),
            table.ownMacvlans(on: mark.parent).isEmpty
        else { return }
        let present = presentSettings(of: mark.parent)
        var settings = ARPSettings()
        if let ignore = mark.lent.ignore, present.ignore != ignore { settings.ignore = ignore }
        if let announce = mark.lent.announce, present.announce != announce { settings.announce = announce }
        if !settings.isEmpty { ask(.set(settings, on: mark.parent), of: nil, named: link.name) }
    }
}
