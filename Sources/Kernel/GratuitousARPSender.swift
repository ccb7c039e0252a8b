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

    /// Announcements of some addresses, the whole list `rounds` times over.
    package struct Burst {
        package var addresses: [IPv4Address]
        package var hardwareAddress: MACAddress
        package var interface: InterfaceIndex
        package var rounds: Int

        package init(addresses: [IPv4Address], hardwareAddress: MACAddress, interface: InterfaceIndex, rounds: Int) {
            self.addresses = addresses
            self.hardwareAddress = hardwareAddress
            self.interface = interface
            self.rounds = rounds
        }
    }

    /// Where bursts can be one: they leave the same interface as often.
    private struct Way: Hashable {
        var hardwareAddress: MACAddress
        var interface: InterfaceIndex
        var rounds: Int
    }

    /// Broadcasts bursts, each interface's in as few system calls as possible.
    /// - Parameter failed: told, for an interface, how many the kernel did not take, and why not the last one.
    package func announce(_ bursts: [Burst], failed: (InterfaceIndex, Int, SystemError) -> Void) {
        // A takeover of one virtual router: there is nothing to put together, and neighbours wait.
        if bursts.count == 1, let burst = bursts.first {
            send(Self.bodies(of: burst), burst.interface, rounds: burst.rounds, failed: failed)
            return
        }
        var bodies: [Way: [UInt8]] = [:]
        var order: [Way] = []
        for burst in bursts {
            let way = Way(
                hardwareAddress: burst.hardwareAddress, interface: burst.interface, rounds: burst.rounds)
            if bodies[way] == nil { order.append(way) }
            bodies[way, default: []] += Self.bodies(of: burst)
        }
        for way in order { send(bodies[way] ?? [], way.interface, rounds: way.rounds, failed: failed) }
    }

    private func send(
        _ bodies: [UInt8], _ interface: InterfaceIndex, rounds: Int, failed: (InterfaceIndex, Int, SystemError) -> Void
    ) {
        var lost = 0
        var reason: SystemError?
        for _ in 0..<max(rounds, 0) {
            lost += send(bodies, count: bodies.count / Self.length, interface, &reason)
        }
        if let reason { failed(interface, lost, reason) }
    }

    private static func bodies(of burst: Burst) -> [UInt8] {
        var bodies: [UInt8] = []
        bodies.reserveCapacity(length * burst.addresses.count)
        for address in burst.addresses { bodies += body(address, burst.hardwareAddress) }
        return bodies
    }

    /// Of an ARP message for Ethernet and IPv4.
    private static let length = 28

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
                    socket.number, interface.rawValue, base + Self.length * index, UInt32(clamping: count - index))
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
