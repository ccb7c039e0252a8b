package import Addressing
import CLinux
import Glibc

/// Tells all hosts of a link where addresses are, through any interface from one packet socket: by gratuitous ARP, and by unsolicited
/// neighbour advertisement.
package final class AddressAnnouncer {
    private let socket: FileDescriptor
    private let forwarding = IPv6Forwarding()

    package init() throws(SystemError) {
        // Protocol 0: a packet socket that receives nothing.
        socket = try FileDescriptor.socket(
            AF_PACKET, Int32(SOCK_DGRAM.rawValue), 0, for: "a packet socket to send from")
        socket.enlargeSendBuffer()
    }

    /// Announcements of some addresses, the whole list `rounds` times over.
    package struct Burst {
        package var addresses: [IPAddress]
        package var hardwareAddress: MACAddress
        package var interface: InterfaceIndex
        package var rounds: Int

        package init(addresses: [IPAddress], hardwareAddress: MACAddress, interface: InterfaceIndex, rounds: Int) {
            self.addresses = addresses
            self.hardwareAddress = hardwareAddress
            self.interface = interface
            self.rounds = rounds
        }
    }

    /// Where bursts can be one: they leave the same interface as often, by the same protocol.
    private struct Way: Hashable {
        var family: IPFamily
        var hardwareAddress: MACAddress
        var interface: InterfaceIndex
        var rounds: Int
    }

    /// Sends bursts, each interface's in as few system calls as possible.
    /// - Parameter failed: told, for an interface, how many the kernel did not take, and why not the last one.
    package func announce(_ bursts: [Burst], failed: (InterfaceIndex, Int, SystemError) -> Void) {
        var bodies: [Way: [UInt8]] = [:]
        var order: [Way] = []
        for burst in bursts {
            for family in IPFamily.allCases {
                let ofFamily = bodiesOf(burst, family)
                guard !ofFamily.isEmpty else { continue }
                let way = Way(
                    family: family, hardwareAddress: burst.hardwareAddress, interface: burst.interface,
                    rounds: burst.rounds)
                if bodies[way] == nil { order.append(way) }
                bodies[way, default: []] += ofFamily
            }
        }
        for way in order {
            var lost = 0
            var reason: SystemError?
            let frames = Frames(way.family, bodies[way] ?? [])
            for _ in 0..<max(way.rounds, 0) { lost += send(frames, way.interface, &reason) }
            if let reason { failed(way.interface, lost, reason) }
        }
    }

    private func bodiesOf(_ burst: Burst, _ family: IPFamily) -> [UInt8] {
        var bodies: [UInt8] = []
        switch family {
        case .ipv4:
            for case let address? in burst.addresses.lazy.map(\.ipv4) {
                bodies += ARPMessage.announcement(address, burst.hardwareAddress)
            }
        case .ipv6:
            var isRouter: Bool?
            for case let address? in burst.addresses.lazy.map(\.ipv6) {
                // Where the kernel does not say: one that is no router and says so loses nothing, the other way round it loses its clients.
                let flag = isRouter ?? forwarding.isOn(burst.interface) ?? true
                isRouter = flag
                bodies += NeighbourMessage.announcement(address, burst.hardwareAddress, isRouter: flag)
            }
        }
        return bodies
    }

    /// Asks who has the addresses, once each.
    /// - Parameter source: an IPv6 address of this host, to which neighbours answer; without one no IPv6 address is asked for.
    package func probe(
        _ addresses: [IPAddress], from source: IPAddress?, hardwareAddress: MACAddress, interface: InterfaceIndex
    ) {
        var bodies: [IPFamily: [UInt8]] = [:]
        for address in addresses {
            if let ipv4 = address.ipv4 {
                bodies[.ipv4, default: []] += ARPMessage.probe(ipv4, hardwareAddress)
            } else if let ipv6 = address.ipv6, let source = source?.ipv6 {
                bodies[.ipv6, default: []] += NeighbourMessage.probe(ipv6, from: source, hardwareAddress)
            }
        }
        for (family, bodies) in bodies {
            var reason: SystemError?
            _ = send(Frames(family, bodies), interface, &reason)
        }
    }

    /// What follows the Ethernet headers of some frames, and where each goes.
    private struct Frames {
        let bodies: [UInt8]
        let destinations: [UInt8]
        let size: Int
        let count: Int
        let protocolNumber: UInt16

        init(_ family: IPFamily, _ bodies: [UInt8]) {
            self.bodies = bodies
            size = family == .ipv4 ? ARPMessage.length : NeighbourMessage.length
            count = bodies.count / size
            protocolNumber = UInt16(family == .ipv4 ? ETH_P_ARP : ETH_P_IPV6)
            var destinations: [UInt8] = []
            destinations.reserveCapacity(count * 6)
            for index in 0..<count {
                switch family {
                case .ipv4: destinations += MACAddress.broadcast.octets
                case .ipv6:
                    // IPv6's destination is octets 24 to 39 of its header.
                    let group = IPv6Address(octets: bodies[(index * size + 24)..<(index * size + 40)])
                    destinations += MACAddress(group: group ?? .allNodes).octets
                }
            }
            self.destinations = destinations
        }
    }

    /// - Returns: how many the kernel did not take.
    private func send(_ frames: Frames, _ interface: InterfaceIndex, _ reason: inout SystemError?) -> Int {
        var index = 0
        var lost = 0
        while index < frames.count {
            let sent = unsafe frames.bodies.withUnsafeBufferPointer { bodies in
                unsafe frames.destinations.withUnsafeBufferPointer { destinations in
                    guard let body = bodies.baseAddress, let destination = destinations.baseAddress else {
                        return Int32(-1)
                    }
                    return unsafe CLinux_send_frames(
                        socket.number, interface.rawValue, frames.protocolNumber, body + frames.size * index,
                        frames.size, destination + 6 * index, UInt32(clamping: frames.count - index))
                }
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
}
