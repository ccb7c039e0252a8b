import Addressing
import EventLoop
import Glibc
import Kernel

/// The receive sockets that systemd keeps from process to process: what comes while none runs waits in them.
final class Inheritance {
    private var waiting: [String: Int32]
    private var kept: [InterfaceIndex: [String]] = [:]

    init() {
        waiting = DescriptorStore.inherited()
    }

    /// The sockets of an earlier process for just this use, if there are any.
    func receiver(
        _ interface: InterfaceIndex, groups: [IPv4Address], shared: [IPv4Address]
    ) -> AdvertisementReceiver? {
        let name = Self.name(interface, groups, shared)
        guard let raw = waiting["\(name)-raw"], let tap = waiting["\(name)-tap"] else { return nil }
        waiting["\(name)-raw"] = nil
        waiting["\(name)-tap"] = nil
        kept[interface] = ["\(name)-raw", "\(name)-tap"]
        return AdvertisementReceiver(interface: interface, inheritingRaw: raw, tap: tap)
    }

    func keep(_ receiver: AdvertisementReceiver, groups: [IPv4Address], shared: [IPv4Address]) {
        guard kept[receiver.interface] == nil else { return }
        let name = Self.name(receiver.interface, groups, shared)
        // Half a pair that an earlier process has left goes first: two of one name can't be told apart.
        for old in ["\(name)-raw", "\(name)-tap"] {
            guard let descriptor = waiting.removeValue(forKey: old) else { continue }
            _ = close(descriptor)
            DescriptorStore.forget(old)
        }
        kept[receiver.interface] = ["\(name)-raw", "\(name)-tap"]
        let isKept =
            DescriptorStore.keep(receiver.rawNumber, as: "\(name)-raw")
            && DescriptorStore.keep(receiver.tapNumber, as: "\(name)-tap")
        // Half of it is of no use.
        if !isKept { forget(receiver.interface) }
    }

    func forget(_ interface: InterfaceIndex) {
        for name in kept.removeValue(forKey: interface) ?? [] { DescriptorStore.forget(name) }
    }

    /// What no virtual router has taken after a while is for nobody.
    func discardRest() {
        for (name, descriptor) in waiting {
            _ = close(descriptor)
            DescriptorStore.forget(name)
        }
        waiting = [:]
    }

    /// Sockets are set up for an interface, its groups and the addresses that it shares.
    private static func name(_ interface: InterfaceIndex, _ groups: [IPv4Address], _ shared: [IPv4Address]) -> String {
        var hash = StableHash()
        for group in groups.sorted() { hash.add(UInt64(group.rawValue)) }
        hash.add(UInt64.max)
        for address in Set(shared).sorted() { hash.add(UInt64(address.rawValue)) }
        return "vrrp-\(interface)-\(String(hash.value, radix: 16))"
    }
}
