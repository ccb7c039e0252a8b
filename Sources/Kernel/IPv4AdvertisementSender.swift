package import Addressing
import CLinux
import Glibc

/// Sends advertisements, whole IPv4 packets, through any interface from one raw socket.
package final class IPv4AdvertisementSender {
    /// A packet on its way out.
    package struct Packet {
        package var bytes: [UInt8]
        package var destination: IPv4Address
        package var interface: InterfaceIndex

        package init(bytes: [UInt8], destination: IPv4Address, interface: InterfaceIndex) {
            self.bytes = bytes
            self.destination = destination
            self.interface = interface
        }
    }

    private let unicast: FileDescriptor
    private let multicast: FileDescriptor

    package init() throws(SystemError) {
        unicast = try Self.open()
        multicast = try Self.open()
        // Without it the kernel hides that a queue was full (ENOBUFS). Not for unicast: there an error that a router has sent would
        // stand in the way of the next packet, to whomever.
        try multicast.set(Int32(IPPROTO_IP), IP_RECVERR, to: 1, for: "IP_RECVERR")
    }

    private static func open() throws(SystemError) -> FileDescriptor {
        // IPPROTO_RAW: the header is part of what is sent, and nothing is ever received, so nothing piles up.
        let socket = try FileDescriptor.socket(
            AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_RAW), for: "a raw socket to send from")
        try socket.set(Int32(IPPROTO_IP), IP_MULTICAST_LOOP, to: 0, for: "IP_MULTICAST_LOOP")
        // Before everything else in the interface's queue (TC_PRIO_CONTROL).
        try socket.set(SOL_SOCKET, SO_PRIORITY, to: 7, for: "the socket's priority")
        return socket
    }

    /// Sends packets in as few system calls as possible.
    /// - Parameter failed: told the place of each packet that could not be sent, and why.
    package func send(_ packets: [Packet], failed: (Int, SystemError) -> Void) {
        guard !packets.isEmpty else { return }
        var buffer: [UInt8] = []
        var parts: [CLinux_packet] = []
        parts.reserveCapacity(packets.count)
        for packet in packets {
            parts.append(
                CLinux_packet(
                    offset: buffer.count, length: packet.bytes.count,
                    destination: packet.destination.rawValue.bigEndian, interface: packet.interface.rawValue))
            buffer += packet.bytes
        }
        var index = 0
        while index < packets.count {
            // What is sent to a group stays on its network (RFC 3768, section 5.2.2); unicast peers may be behind a router.
            let isMulticast = packets[index].destination.isMulticast
            let end = packets[index...].firstIndex { $0.destination.isMulticast != isMulticast } ?? packets.count
            let sent = unsafe buffer.withUnsafeBytes { bytes in
                unsafe parts[index..<end].withUnsafeBufferPointer { parts in
                    unsafe CLinux_send_packets(
                        isMulticast ? multicast.number : unicast.number, bytes.baseAddress, parts.baseAddress,
                        UInt32(clamping: parts.count),
                        isMulticast ? Int32(MSG_DONTROUTE) : 0)
                }
            }
            if sent > 0 {
                index += Int(sent)
            } else if errno != EINTR {
                failed(index, SystemError("can't send"))
                index += 1
            }
        }
    }
}
