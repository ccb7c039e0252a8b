import Addressing
import VRRP

/// The regular advertisement of one virtual router, as it is sent to each destination, and the addresses that it names.
struct AdvertisedPackets: Hashable, Sendable {
    /// Those of the configuration, but none before the kernel has acknowledged it.
    private(set) var addresses: [IPAddress]
    /// Empty before there is a source.
    private(set) var packets: [OutgoingPacket] = []

    init(_ addresses: [IPAddress]) {
        self.addresses = addresses
    }

    mutating func prepare(_ packets: [OutgoingPacket]) { self.packets = packets }

    /// The kernel has acknowledged all of them.
    mutating func complete(with addresses: [IPAddress]) { self.addresses = addresses }

    /// Other addresses from now on. What is new is advertised once the kernel has acknowledged it.
    mutating func change(to wanted: [IPAddress]) {
        let before = Set(addresses)
        addresses = wanted.filter(before.contains)
        if addresses.isEmpty { addresses = wanted }
    }
}

/// An advertisement on its way to one destination.
struct OutgoingPacket: Hashable, Sendable {
    let source: IPAddress
    let destination: IPAddress
    let priority: UInt8
    let bytes: [UInt8]
    /// By which it is recognised when it comes back.
    let identity: UInt64

    init(source: IPAddress, destination: IPAddress, priority: UInt8, bytes: [UInt8]) {
        self.source = source
        self.destination = destination
        self.priority = priority
        self.bytes = bytes
        identity = (try? ReceivedPacket(bytes.span))?.identity(in: bytes.span) ?? 0
    }
}
