package import Addressing
import CLinux
import Glibc

/// Asks hosts of one link by ICMP echo, and hears their answers.
///
/// A packet socket on either way: what the firewall or the connection tracking of this host does to ICMP has no part in it, and a question
/// goes to the hardware address that is known, so that none waits for ARP.
package final class EchoSocket {
    private let socket: FileDescriptor
    private let interface: InterfaceIndex
    private let family: IPFamily
    private let identifier: UInt16

    /// - Parameter identifier: of this program, the same in all its questions.
    package init(interface: InterfaceIndex, family: IPFamily, identifier: UInt16) throws(SystemError) {
        (self.interface, self.family, self.identifier) = (interface, family, identifier)
        let purpose = "a packet socket for ICMP echo"
        // Protocol 0: nothing arrives before the filter is in place.
        socket = try FileDescriptor.socket(AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: purpose)
        socket.enlargeReceiveBuffer()
        try socket.set(SOL_SOCKET, Int32(CLinux_SO_TIMESTAMPNS), to: 1, for: "SO_TIMESTAMPNS")
        try socket.set(SOL_PACKET, Int32(CLinux_PACKET_IGNORE_OUTGOING), to: 1, for: "PACKET_IGNORE_OUTGOING")
        try EchoReplyFilter(family: family, identifier: identifier).attach(to: socket.number)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6).bigEndian
        address.sll_ifindex = interface.rawValue
        try socket.bind(to: address, for: purpose)
    }

    package var number: Int32 { socket.number }

    /// Asks a host.
    /// - Returns: why it could not be asked; `nil` where it was.
    package func ask(
        _ host: IPAddress, at hardwareAddress: MACAddress, from source: IPAddress, nonce: UInt64
    ) -> SystemError? {
        guard
            let packet = EchoMessage.request(from: source, to: host, identifier: identifier, nonce: nonce)
        else { return SystemError("can't ask a host of another family", code: EAFNOSUPPORT) }
        let octets = hardwareAddress.octets
        let sent = unsafe packet.withUnsafeBufferPointer { packet in
            unsafe octets.withUnsafeBufferPointer { destination in
                guard let body = packet.baseAddress, let destination = destination.baseAddress else { return Int32(-1) }
                return unsafe CLinux_send_frames(
                    socket.number, interface.rawValue, UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6), body,
                    packet.count, destination, 1)
            }
        }
        return sent == 1 ? nil : SystemError("can't send an echo request")
    }

    /// Takes the answers that have come, at most one batch.
    /// - Parameter body: gets each answer, and how long ago it arrived.
    /// - Returns: whether more may be waiting.
    package func receive(into slots: inout ReceiveSlots, _ body: (EchoMessage.Answer, Duration) -> Void) -> Bool {
        let count = slots.fill(from: socket.number)
        return slots.deliver(count) { bytes, age in
            if let answer = EchoMessage.answer(in: bytes, identifier: identifier) { body(answer, age) }
        }
    }

    /// How many answers the kernel has dropped since the socket was opened, because nobody read; `nil` where it does not say.
    package var dropped: UInt32? {
        var count: UInt32 = 0
        return unsafe CLinux_dropped(socket.number, &count) == 0 ? count : nil
    }
}
