import Addressing
import CLinux
import Glibc
import Testing

@testable import Kernel

/// A pair of sockets, at one end of which the kernel runs a filter. No packet leaves the process.
private final class FilteredPair {
    private let ends: (Int32, Int32)

    init(_ attach: (Int32) throws -> Void) throws {
        var numbers: [Int32] = [-1, -1]
        let result = unsafe socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &numbers)
        try #require(result == 0)
        ends = (numbers[0], numbers[1])
        try attach(ends.1)
    }

    deinit {
        close(ends.0)
        close(ends.1)
    }

    /// Whether the packet comes through, whole.
    func passes(_ packet: [UInt8]) -> Bool {
        guard unsafe send(ends.0, packet, packet.count, 0) == packet.count else { return false }
        var buffer = [UInt8](repeating: 0, count: 256)
        return unsafe recv(ends.1, &buffer, buffer.count, 0) == packet.count
    }
}

/// What the kernel does with a filter (Documentation/networking/filter.rst), as far as ours need it: for the facts that only a packet
/// socket knows.
private struct FilterMachine {
    /// What the kernel knows of a packet beside its bytes.
    var facts: [UInt32: UInt32]

    func passes(_ packet: [UInt8], _ program: [sock_filter]) -> Bool {
        var accumulator: UInt32 = 0
        var next = 0
        while program.indices.contains(next) {
            let instruction = program[next]
            next += 1
            switch Int32(instruction.code) {
            case BPF_LD | BPF_W | BPF_ABS where facts[instruction.k] != nil: accumulator = facts[instruction.k] ?? 0
            case BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS:
                let size = [BPF_W: 4, BPF_H: 2, BPF_B: 1][Int32(instruction.code) & 0x18] ?? 0
                let offset = Int(instruction.k)
                guard size > 0, offset <= packet.count - size else { return false }
                accumulator = packet[offset..<offset + size].reduce(0) { $0 << 8 | UInt32($1) }
            case BPF_JMP | BPF_JEQ | BPF_K:
                next += Int(accumulator == instruction.k ? instruction.jt : instruction.jf)
            case BPF_RET | BPF_K: return instruction.k > 0
            default: return false
            }
        }
        return false
    }
}

@Suite("What the kernel lets through to this program")
struct PacketFilterTests {
    private static func packet(
        from source: IPv4Address, protocolNumber: UInt8 = 112, identification: UInt16 = 0
    ) -> [UInt8] {
        var packet = [UInt8](repeating: 0, count: 40)
        packet[0] = 0x45
        packet[4] = UInt8(identification >> 8)
        packet[5] = UInt8(truncatingIfNeeded: identification)
        packet[9] = protocolNumber
        (packet[12], packet[13], packet[14], packet[15]) = source.octets
        return packet
    }

    private static func claim(of sender: IPv4Address) -> [UInt8] {
        var packet = [UInt8](repeating: 0, count: 28)
        (packet[14], packet[15], packet[16], packet[17]) = sender.octets
        return packet
    }

    private static let known = (1...3).map { IPv4Address(192, 0, 2, $0) }

    @Test("From certain sources, of one protocol")
    func sources() throws {
        let pair = try FilteredPair { try IPv4SourceFilter(protocolNumber: 112, sources: Self.known).attach(to: $0) }
        for source in Self.known { #expect(pair.passes(Self.packet(from: source))) }
        #expect(!pair.passes(Self.packet(from: IPv4Address(192, 0, 2, 4))))
        #expect(!pair.passes(Self.packet(from: Self.known[0], protocolNumber: 17)))
        #expect(!pair.passes(Array(Self.packet(from: Self.known[0]).prefix(15))))
    }

    @Test("Nobody is known: nothing passes. More than the kernel can compare: everything of the protocol does")
    func extremes() throws {
        let nobody = try FilteredPair { try IPv4SourceFilter(protocolNumber: 112, sources: []).attach(to: $0) }
        #expect(!nobody.passes(Self.packet(from: Self.known[0])))
        for count: UInt32 in [2000, 2001] {
            let many = (0..<count).map { IPv4Address(rawValue: 0x0A00_0000 + $0) }
            let pair = try FilteredPair {
                // Twice the same one counts once.
                try IPv4SourceFilter(protocolNumber: 112, sources: many + many).attach(to: $0)
            }
            #expect(pair.passes(Self.packet(from: many[Int(count) - 1])))
            #expect(pair.passes(Self.packet(from: Self.known[0])) == (count > 2000))
            #expect(!pair.passes(Self.packet(from: many[0], protocolNumber: 17)))
        }
    }

    @Test("One protocol of a family, from whomever")
    func protocols() throws {
        let ipv4 = try FilteredPair { try ProtocolFilter(family: .ipv4, protocolNumber: 112).attach(to: $0) }
        #expect(ipv4.passes(Self.packet(from: IPv4Address(192, 0, 2, 4))))
        #expect(!ipv4.passes(Self.packet(from: IPv4Address(192, 0, 2, 4), protocolNumber: 2)))
        #expect(!ipv4.passes([0x45]))
        let ipv6 = try FilteredPair { try ProtocolFilter(family: .ipv6, protocolNumber: 112).attach(to: $0) }
        var packet = [UInt8](repeating: 0, count: 64)
        (packet[0], packet[6]) = (0x60, 112)
        #expect(ipv6.passes(packet))
        packet[6] = 58
        #expect(!ipv6.passes(packet))
    }

    @Test("Echo replies to this program, of either family, and nobody else's")
    func echoes() throws {
        let ends = [("192.0.2.11", "192.0.2.12", UInt8(0)), ("fe80::11", "fe80::12", 129)]
        for (family, (from, to, reply)) in zip(IPFamily.allCases, ends) {
            let pair = try FilteredPair { try EchoReplyFilter(family: family, identifier: 7).attach(to: $0) }
            func packet(_ identifier: UInt16) throws -> [UInt8] {
                let source = try #require(IPAddress(from))
                let destination = try #require(IPAddress(to))
                return try #require(
                    EchoMessage.request(from: source, to: destination, identifier: identifier, nonce: 1))
            }
            let place = family == .ipv4 ? 20 : 40
            var own = try packet(7)
            #expect(!pair.passes(own), "a question")
            own[place] = reply
            #expect(pair.passes(own))
            var other = try packet(8)
            other[place] = reply
            #expect(!pair.passes(other))
            own[family == .ipv4 ? 9 : 6] = 17
            #expect(!pair.passes(own))
        }
    }

    @Test("ARP whose sender says that it has one of certain addresses")
    func claims() throws {
        let pair = try FilteredPair { try ARPSenderFilter(addresses: Self.known).attach(to: $0) }
        for address in Self.known { #expect(pair.passes(Self.claim(of: address))) }
        #expect(!pair.passes(Self.claim(of: IPv4Address(192, 0, 2, 4))))
        #expect(!pair.passes(Array(Self.claim(of: Self.known[0]).prefix(17))))
    }

    @Test("Neighbour advertisements about certain addresses, and the questions of hosts that detect duplicates")
    func neighbours() throws {
        let known = try (1...3).map { try #require(IPv6Address("2001:db8::\($0)")) }
        let filter = NeighbourTargetFilter(addresses: known)
        let pair = try FilteredPair { try filter.attach(to: $0) }
        let mac = MACAddress(rawValue: 2)
        for address in known {
            let announcement = NeighbourMessage.announcement(address, mac, isRouter: false)
            let question = NeighbourMessage.probe(address, from: .unspecified, mac)
            for packet in [announcement, question] {
                #expect(pair.passes(packet))
                #expect(FilterMachine(facts: [:]).passes(packet, filter.filter.program))
                var other = packet
                // ICMPv6's echo request.
                other[40] = 128
                #expect(!pair.passes(other))
                other = packet
                other[6] = 17
                #expect(!pair.passes(other))
                #expect(!pair.passes(Array(packet.prefix(63))))
            }
        }
        let stranger = NeighbourMessage.announcement(.allNodes, mac, isRouter: false)
        #expect(pair.passes(stranger), "only the last four octets are compared: ff02::1 ends as 2001:db8::1 does")
        let other = try #require(IPv6Address("2001:db8::4"))
        #expect(!pair.passes(NeighbourMessage.announcement(other, mac, isRouter: false)))
    }

    @Test("Beside the firewall: one protocol of either family, but not what this program itself has sent")
    func watch() {
        let filter = VRRPWatchFilter(protocolNumber: 112, identification: 0xFA01)
        func passes(
            _ identification: UInt16, outgoing: Bool, etherType: Int32 = ETH_P_IP, protocolNumber: UInt8 = 112
        ) -> Bool {
            let machine = FilterMachine(facts: [
                UInt32(truncatingIfNeeded: CLinux_SKF_PROTOCOL): UInt32(etherType),
                UInt32(truncatingIfNeeded: CLinux_SKF_PKTTYPE): UInt32(outgoing ? PACKET_OUTGOING : PACKET_MULTICAST),
            ])
            return machine.passes(
                Self.packet(from: Self.known[0], protocolNumber: protocolNumber, identification: identification),
                filter.filter.program)
        }
        #expect(passes(0xFA01, outgoing: false))
        #expect(!passes(0xFA01, outgoing: true))
        #expect(passes(0xFA02, outgoing: true))
        #expect(!passes(0xFA02, outgoing: true, protocolNumber: 17))
        #expect(!passes(0xFA02, outgoing: false, etherType: ETH_P_IPV6), "its protocol stands elsewhere")
        #expect(!passes(0xFA02, outgoing: false, etherType: ETH_P_ARP))
    }

    @Test("The same by IPv6, where the flow label tells this program's own")
    func watchIPv6() {
        let filter = VRRPWatchFilter(protocolNumber: 112, identification: 0xFA57)
        func passes(_ label: UInt16, outgoing: Bool, protocolNumber: UInt8 = 112) -> Bool {
            let machine = FilterMachine(facts: [
                UInt32(truncatingIfNeeded: CLinux_SKF_PROTOCOL): UInt32(ETH_P_IPV6),
                UInt32(truncatingIfNeeded: CLinux_SKF_PKTTYPE): UInt32(outgoing ? PACKET_OUTGOING : PACKET_MULTICAST),
            ])
            var packet = [UInt8](repeating: 0, count: 64)
            packet.replaceSubrange(
                0..<8, with: [0x6C, 0, UInt8(label >> 8), UInt8(label & 0xFF), 0, 24, protocolNumber, 255])
            return machine.passes(packet, filter.filter.program)
        }
        #expect(passes(0xFA57, outgoing: false))
        #expect(!passes(0xFA57, outgoing: true))
        #expect(passes(0xFA58, outgoing: true))
        #expect(!passes(0xFA58, outgoing: false, protocolNumber: 58))
    }

    @Test("The kernel and the machine of these tests are of one mind")
    func agreement() throws {
        let filter = IPv4SourceFilter(protocolNumber: 112, sources: Self.known)
        let pair = try FilteredPair { try filter.attach(to: $0) }
        for last: UInt8 in 0...5 {
            for protocolNumber: UInt8 in [112, 17] {
                let packet = Self.packet(from: IPv4Address(192, 0, 2, last), protocolNumber: protocolNumber)
                #expect(FilterMachine(facts: [:]).passes(packet, filter.filter.program) == pair.passes(packet))
            }
        }
    }
}
