import Addressing
import VRRP

/// A host that advertises an address of an instance under another virtual router's number: one of the two files is wrong, and both
/// hosts are master.
struct OtherNumber: Hashable, Sendable {
    var source: IPAddress
    var virtualRouterID: UInt8
    var heardAt: Instant
}

extension Core {
    /// - Parameter packet: for none of the virtual routers on the interface. Nothing about it has been checked.
    mutating func noteOtherNumber(
        _ packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, on interface: InterfaceIndex, at now: Instant
    ) {
        // Number 0 is nobody's: a program like this one looks whether it can send.
        guard packet.virtualRouterID > 0, packet.type == Advertisement.type, packet.priority != Priority.resigning,
            !table.isLocal(packet.source)
        else { return }
        var concerned: Set<RouterID> = []
        for address in packet.addresses(in: bytes) {
            for place in directory.places(of: address) where instances[place.instance].interface == interface {
                instances[place.instance].observations.hear(
                    OtherNumber(source: packet.source, virtualRouterID: packet.virtualRouterID, heardAt: now))
                concerned.insert(place.instance)
            }
        }
        for id in concerned.sorted() { noteOtherHolder(of: id, .advertiser(packet.source), at: now) }
    }
}
