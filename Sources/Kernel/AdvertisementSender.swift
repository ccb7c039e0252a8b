package import Addressing
import CLinux
import Glibc

/// Sends advertisements, whole IP packets, through any interface: of each family from one raw socket to its groups, and from one to single
/// hosts. Of a macvlan's own address none is needed: the source is what the packet says.
package final class AdvertisementSender {
    /// A packet on its way out.
    package struct Packet {
        package var bytes: [UInt8]
        package var destination: IPAddress
        package var interface: InterfaceIndex

        package init(bytes: [UInt8], destination: IPAddress, interface: InterfaceIndex) {
            self.bytes = bytes
            self.destination = destination
            self.interface = interface
        }
    }

    /// The sockets of one family.
    private final class Sockets {
        let unicast: FileDescriptor
        let multicast: FileDescriptor

        init(_ family: IPFamily) throws(SystemError) {
            unicast = try Self.open(family)
            multicast = try Self.open(family)
            // Without it the kernel hides that a queue was full (ENOBUFS). Not for unicast: there an error that a router has sent would
            // stand in the way of the next packet, to whomever.
            if family == .ipv4 {
                try multicast.set(Int32(IPPROTO_IP), IP_RECVERR, to: 1, for: "IP_RECVERR")
            } else {
                try multicast.set(Int32(IPPROTO_IPV6), IPV6_RECVERR, to: 1, for: "IPV6_RECVERR")
                // A macvlan has not the link-local address of its parent, from which its advertisements come.
                try multicast.set(Int32(IPPROTO_IPV6), IPV6_FREEBIND, to: 1, for: "IPV6_FREEBIND")
            }
        }

        private static func open(_ family: IPFamily) throws(SystemError) -> FileDescriptor {
            // IPPROTO_RAW: the header is part of what is sent, and nothing is ever received, so nothing piles up.
            let socket = try FileDescriptor.socket(
                family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_RAW),
                for: "a raw socket to send from")
            if family == .ipv4 {
                try socket.set(Int32(IPPROTO_IP), IP_MULTICAST_LOOP, to: 0, for: "IP_MULTICAST_LOOP")
            } else {
                try socket.set(Int32(IPPROTO_IPV6), IPV6_MULTICAST_LOOP, to: 0, for: "IPV6_MULTICAST_LOOP")
            }
            // Before everything else in the interface's queue (TC_PRIO_CONTROL).
            try socket.set(SOL_SOCKET, SO_PRIORITY, to: 7, for: "the socket's priority")
            return socket
        }
    }

    private let ipv4: Sockets
    /// Opened when they are first needed: a host may have no IPv6.
    private var ipv6: Sockets?

    package init() throws(SystemError) {
        ipv4 = try Sockets(.ipv4)
    }

    private func sockets(_ family: IPFamily) throws(SystemError) -> Sockets {
        guard family == .ipv6 else { return ipv4 }
        if let ipv6 { return ipv6 }
        let opened = try Sockets(.ipv6)
        ipv6 = opened
        return opened
    }

    /// Packets that one system call can take: of one family, all to groups or all to single hosts.
    private struct Way: Equatable {
        let family: IPFamily
        let isMulticast: Bool

        init(_ packet: Packet) {
            family = packet.destination.family
            isMulticast = packet.destination.isMulticast
        }
    }

    /// Sends packets in as few system calls as possible.
    /// - Parameter failed: told the place of each packet that could not be sent, and why.
    package func send(_ packets: [Packet], failed: (Int, SystemError) -> Void) {
        var index = 0
        while index < packets.count {
            let way = Way(packets[index])
            let end = packets[index...].firstIndex { Way($0) != way } ?? packets.count
            send(packets[index..<end], way, failed)
            index = end
        }
    }

    private func send(_ packets: ArraySlice<Packet>, _ way: Way, _ failed: (Int, SystemError) -> Void) {
        let socket: Int32
        do throws(SystemError) {
            let sockets = try sockets(way.family)
            socket = way.isMulticast ? sockets.multicast.number : sockets.unicast.number
        } catch {
            for index in packets.indices { failed(index, error) }
            return
        }
        var buffer: [UInt8] = []
        for packet in packets { buffer += packet.bytes }
        // What is sent to a group stays on its network (RFC 3768, section 5.2.2); unicast peers may be behind a router.
        let flags = way.isMulticast && way.family == .ipv4 ? Int32(MSG_DONTROUTE) : 0
        let sendFrom: (Int) -> Int32
        switch way.family {
        case .ipv4:
            let parts = Self.parts(of: packets)
            sendFrom = { first in
                unsafe buffer.withUnsafeBytes { bytes in
                    unsafe parts[first...].withUnsafeBufferPointer { parts in
                        unsafe CLinux_send_packets(
                            socket, bytes.baseAddress, parts.baseAddress, UInt32(clamping: parts.count), flags)
                    }
                }
            }
        case .ipv6:
            let parts = Self.parts6(of: packets, namingSource: way.isMulticast)
            sendFrom = { first in
                unsafe buffer.withUnsafeBytes { bytes in
                    unsafe parts[first...].withUnsafeBufferPointer { parts in
                        unsafe CLinux_send_packets6(
                            socket, bytes.baseAddress, parts.baseAddress, UInt32(clamping: parts.count), flags)
                    }
                }
            }
        }
        var first = 0
        while first < packets.count {
            let sent = sendFrom(first)
            if sent > 0 {
                first += Int(sent)
            } else if errno != EINTR {
                failed(packets.startIndex + first, SystemError("can't send"))
                first += 1
            }
        }
    }

    private static func parts(of packets: ArraySlice<Packet>) -> [CLinux_packet] {
        var offset = 0
        return packets.map { packet in
            defer { offset += packet.bytes.count }
            return CLinux_packet(
                offset: offset, length: packet.bytes.count,
                destination: (packet.destination.ipv4?.rawValue ?? 0).bigEndian, interface: packet.interface.rawValue)
        }
    }

    /// - Parameter namingSource: not for single hosts: their route shall not depend on it.
    private static func parts6(of packets: ArraySlice<Packet>, namingSource: Bool) -> [CLinux_packet6] {
        var offset = 0
        return packets.map { packet in
            defer { offset += packet.bytes.count }
            var part = CLinux_packet6()
            part.offset = offset
            part.length = packet.bytes.count
            part.interface = packet.interface.rawValue
            unsafe withUnsafeMutableBytes(of: &part.destination) { bytes in
                unsafe bytes.copyBytes(from: packet.destination.ipv6?.octets ?? [])
            }
            if namingSource, packet.bytes.count >= 24 {
                unsafe withUnsafeMutableBytes(of: &part.source) { unsafe $0.copyBytes(from: packet.bytes[8..<24]) }
            }
            return part
        }
    }
}
