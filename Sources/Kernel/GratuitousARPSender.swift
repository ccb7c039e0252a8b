package import Addressing
import CLinux
import Glibc

/// Broadcasts gratuitous ARPs through any interface from one packet socket.
package final class GratuitousARPSender {
    private let socket: FileDescriptor

    package init() throws(SystemError) {
        // Protocol 0: a packet socket that receives nothing.
        socket = try FileDescriptor.socket(
            AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket to send from")
        socket.enlargeSendBuffer()
    }

    /// Broadcasts the announcements of all addresses, `rounds` times over.
    /// - Returns: how many the kernel did not take, and why not the last one; `nil` where it took all.
    package func announce(
        _ addresses: [IPv4Address], hardwareAddress: MACAddress, interface: InterfaceIndex, rounds: Int
    ) -> (lost: Int, reason: SystemError)? {
        var bodies: [UInt8] = []
        bodies.reserveCapacity(28 * addresses.count)
        for address in addresses {
            bodies += Self.body(address, hardwareAddress)
        }
        var lost = 0
        var reason: SystemError?
        for _ in 0..<max(rounds, 0) {
            lost += send(bodies, count: addresses.count, interface, &reason)
        }
        return reason.map { (lost, $0) }
    }

    /// Asks who has the addresses, once each.
    package func probe(_ addresses: [IPv4Address], hardwareAddress: MACAddress, interface: InterfaceIndex) {
        var bodies: [UInt8] = []
        for address in addresses { bodies += Self.probe(address, hardwareAddress) }
        var reason: SystemError?
        _ = send(bodies, count: addresses.count, interface, &reason)
    }

    private func send(
        _ bodies: [UInt8], count: Int, _ interface: InterfaceIndex, _ reason: inout SystemError?
    ) -> Int {
        var index = 0
        var lost = 0
        while index < count {
            let sent = unsafe bodies.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return Int32(-1) }
                return unsafe CLinux_send_arps(
                    socket.number, interface.rawValue, base + 28 * index, UInt32(clamping: count - index))
            }
            if sent > 0 {
                index += Int(sent)
            } else if errno != EINTR {
                reason = SystemError("can't send an announcement")
                lost += 1
                index += 1
            }
        }
        return lost
    }

    /// An ARP probe (RFC 5227, section 2.1.1): nobody's table learns from it, since its sender has no address.
    static func probe(_ address: IPv4Address, _ hardwareAddress: MACAddress) -> [UInt8] {
        let (first, second, third, fourth) = address.octets
        return [0, 1, 8, 0, 6, 4, 0, 1]
            + hardwareAddress.octets + [0, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0] + [first, second, third, fourth]
    }

    /// An ARP announcement (RFC 5227, section 2.3): a request whose sender and target are the announced address. The
    /// target's hardware address is all ones, as other VRRP implementations send it.
    static func body(_ address: IPv4Address, _ hardwareAddress: MACAddress) -> [UInt8] {
        let (first, second, third, fourth) = address.octets
        let protocolAddress = [first, second, third, fourth]
        // Ethernet, IPv4, their address lengths, request.
        return [0, 1, 8, 0, 6, 4, 0, 1]
            + hardwareAddress.octets + protocolAddress
            + MACAddress.broadcast.octets + protocolAddress
    }
}
