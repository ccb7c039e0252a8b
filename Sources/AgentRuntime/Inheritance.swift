import Addressing
import EventLoop
import Glibc
import Kernel

/// The receive sockets that systemd keeps from process to process: what comes while none runs waits in them.
final class Inheritance {
    private var waiting: [String: Int32]
    private var kept: [InterfaceIndex: [String]] = [:]
    /// Those for which there is no room, with the names by which they would be kept.
    private var unkept: [InterfaceIndex: [String]] = [:]
    private var store = KeptSockets(
        capacity: DescriptorStore.capacity, longestNames: DescriptorStore.longestNames)

    init() {
        waiting = DescriptorStore.inherited()
        // They are there, whatever there is room for.
        for name in waiting.keys { _ = store.add([name]) }
    }

    /// Of how many interfaces the sockets are not kept.
    var unkeptCount: Int { unkept.count }
    /// Of how many they are.
    var keptCount: Int { kept.count }

    /// The sockets of an earlier process for just this use, if there are any.
    func receiver(
        _ interface: InterfaceIndex, groups: [IPAddress], shared: [IPAddress]
    ) -> IPv4AdvertisementReceiver? {
        let names = Self.names(interface, groups, shared)
        guard let raw = waiting[names[0]], let tap = waiting[names[1]] else { return nil }
        for name in names { waiting[name] = nil }
        kept[interface] = names
        return IPv4AdvertisementReceiver(interface: interface, inheritingRaw: raw, tap: tap)
    }

    func keep(_ receiver: IPv4AdvertisementReceiver, groups: [IPAddress], shared: [IPAddress]) {
        guard kept[receiver.interface] == nil else { return }
        let names = Self.names(receiver.interface, groups, shared)
        // Half a pair that an earlier process has left goes first: two of one name can't be told apart.
        for old in names {
            guard let descriptor = waiting.removeValue(forKey: old) else { continue }
            _ = close(descriptor)
            drop(old)
        }
        keep(receiver, as: names)
    }

    private func keep(_ receiver: IPv4AdvertisementReceiver, as names: [String]) {
        guard !DescriptorStore.isThere || store.add(names) else {
            unkept[receiver.interface] = names
            return
        }
        unkept[receiver.interface] = nil
        kept[receiver.interface] = names
        let isKept =
            DescriptorStore.keep(receiver.rawNumber, as: names[0])
            && DescriptorStore.keep(receiver.tapNumber, as: names[1])
        // Half of it is of no use.
        guard isKept else {
            forget(receiver.interface)
            unkept[receiver.interface] = names
            return
        }
    }

    /// Room may have been made since: tries again with those for which there was none.
    func keepRest(_ receivers: [InterfaceIndex: IPv4AdvertisementReceiver]) {
        for (interface, names) in unkept {
            guard let receiver = receivers[interface] else {
                unkept[interface] = nil
                continue
            }
            keep(receiver, as: names)
            // No room for this one is none for the others.
            if unkept[interface] != nil { return }
        }
    }

    func forget(_ interface: InterfaceIndex) {
        unkept[interface] = nil
        for name in kept.removeValue(forKey: interface) ?? [] { drop(name) }
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

    /// Sockets are set up for an interface, its groups and the addresses that it shares.
    /// - Returns: of the raw socket and the packet socket.
    static func names(
        _ interface: InterfaceIndex, _ groups: [IPAddress], _ shared: [IPAddress]
    ) -> [String] {
        var hash = StableHash()
        for group in groups.sorted() { hash.add(group) }
        hash.add(UInt64.max)
        for address in Set(shared).sorted() { hash.add(address) }
        let name = "vrrp-\(interface)-\(String(hash.value, radix: 16))"
        return ["\(name)-raw", "\(name)-tap"]
    }
}
