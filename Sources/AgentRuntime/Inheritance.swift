import Addressing
import EventLoop
import Glibc
import Kernel
import VRRP

/// The receive sockets that systemd keeps from process to process: what comes while none runs waits in them.
final class Inheritance {
    private var waiting: [String: Int32]
    private var kept: [InterfaceFamily: [String]] = [:]
    /// Those for which there is no room, with the names by which they would be kept.
    private var unkept: [InterfaceFamily: [String]] = [:]
    private var store = KeptSockets(
        capacity: DescriptorStore.capacity, longestNames: DescriptorStore.longestNames)

    init() {
        waiting = DescriptorStore.inherited()
        // They are there, whatever there is room for.
        for name in waiting.keys { _ = store.add([name]) }
    }

    /// Of how many interfaces, each family apart, the sockets are not kept.
    var unkeptCount: Int { unkept.count }
    /// Of how many they are.
    var keptCount: Int { kept.count }

    /// The sockets of an earlier process for just this use, if there are any.
    func receiver(
        _ place: InterfaceFamily, groups: [IPAddress], shared: [IPAddress]
    ) -> (any AdvertisementReceiver)? {
        let names = Self.names(place, groups, shared)
        let found = names.compactMap { waiting[$0] }
        guard found.count == names.count else { return nil }
        for name in names { waiting[name] = nil }
        kept[place] = names
        switch place.family {
        case .ipv4:
            return IPv4AdvertisementReceiver(
                interface: place.interface, inheritingRaw: found[0], tap: found[1])
        case .ipv6:
            return IPv6AdvertisementReceiver(
                interface: place.interface, inheriting: found[0], protocolNumber: Advertisement.protocolNumber)
        }
    }

    func keep(_ receiver: any AdvertisementReceiver, groups: [IPAddress], shared: [IPAddress]) {
        guard kept[receiver.place] == nil else { return }
        let names = Self.names(receiver.place, groups, shared)
        // Half a pair that an earlier process has left goes first: two of one name can't be told apart.
        for old in names {
            guard let descriptor = waiting.removeValue(forKey: old) else { continue }
            _ = close(descriptor)
            drop(old)
        }
        keep(receiver, as: names)
    }

    private func keep(_ receiver: any AdvertisementReceiver, as names: [String]) {
        guard !DescriptorStore.isThere || store.add(names) else {
            unkept[receiver.place] = names
            return
        }
        unkept[receiver.place] = nil
        kept[receiver.place] = names
        let isKept = zip(receiver.sockets, names).allSatisfy { DescriptorStore.keep($0, as: $1) }
        // Half of it is of no use.
        guard isKept else {
            forget(receiver.place)
            unkept[receiver.place] = names
            return
        }
    }

    /// Room may have been made since: tries again with those for which there was none.
    func keepRest(_ receivers: [InterfaceFamily: any AdvertisementReceiver]) {
        for (place, names) in unkept {
            guard let receiver = receivers[place] else {
                unkept[place] = nil
                continue
            }
            keep(receiver, as: names)
            // No room for this one is none for the others.
            if unkept[place] != nil { return }
        }
    }

    func forget(_ place: InterfaceFamily) {
        unkept[place] = nil
        for name in kept.removeValue(forKey: place) ?? [] { drop(name) }
    }

    /// What no virtual router has taken after a while is for nobody.
    func discardRest() {
        for (name, descriptor) in waiting {
            _ = close(descriptor)
            drop(name)
        }
        waiting = [:]
    }

    private func drop(_ name: String) {
        store.remove(name)
        DescriptorStore.forget(name)
    }

    /// Sockets are set up for an interface, its groups and, of IPv4, the addresses that it shares.
    /// - Returns: of the raw socket, and of IPv4 the packet socket.
    static func names(
        _ place: InterfaceFamily, _ groups: [IPAddress], _ shared: [IPAddress]
    ) -> [String] {
        var hash = StableHash()
        for group in groups.sorted() { hash.add(group) }
        hash.add(UInt64.max)
        switch place.family {
        case .ipv4:
            for address in Set(shared).sorted() { hash.add(address) }
            let name = "vrrp-\(place.interface)-\(String(hash.value, radix: 16))"
            return ["\(name)-raw", "\(name)-tap"]
        case .ipv6:
            return ["vrrp6-\(place.interface)-\(String(hash.value, radix: 16))-raw"]
        }
    }
}
