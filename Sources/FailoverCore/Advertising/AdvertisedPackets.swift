import Addressing
import VRRP

/// The regular advertisement of one virtual router, as it is sent to each destination, and the addresses that it names.
struct AdvertisedPackets: Hashable, Sendable {
    /// Those of the configuration, but none before the kernel has acknowledged it.
    private(set) var addresses: [IPv4Address]
    /// Empty before there is a source.
    var packets: [OutgoingPacket] = []

    init(_ addresses: [IPv4Address]) {
        self.addresses = addresses
    }

    /// The kernel has acknowledged all of them.
    mutating func complete(with addresses: [IPv4Address]) { self.addresses = addresses }

    /// Other addresses from now on. What is new is advertised once the kernel has acknowledged it.
    mutating func change(to wanted: [IPv4Address]) {
        let before = Set(addresses)
        addresses = wanted.filter(before.contains)
        if addresses.isEmpty { addresses = wanted }
    }
}

/// An advertisement on its way to one destination.
struct OutgoingPacket: Hashable, Sendable {
    let source: IPv4Address
    let destination: IPv4Address
    let priority: UInt8
    let bytes: [UInt8]
    /// By which it is recognised when it comes back.
    let identity: UInt64

    init(source: IPv4Address, destination: IPv4Address, priority: UInt8, bytes: [UInt8]) {
        self.source = source
        self.destination = destination
        self.priority = priority
        self.bytes = bytes
        identity = (try? ReceivedPacket(bytes.span))?.identity(in: bytes.span) ?? 0
    }
}
