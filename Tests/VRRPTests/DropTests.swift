import Addressing
import Testing
import VRRP

@Suite("Every check on receipt: RFC 3768, section 7.1")
struct DropTests {
    /// A change to a good packet, and the check that must notice it.
    struct Fault: CustomTestStringConvertible, Sendable {
        var name: String
        var reason: DropReason
        var repairsChecksum = true
        var change: @Sendable (inout [UInt8]) -> Void
        var testDescription: String { name }
    }

    static let faults: [Fault] = [
        Fault(name: "TTL 254", reason: .timeToLive) { $0[8] = 254 },
        Fault(name: "version 3", reason: .version) { $0[20] = 0x31 },
        Fault(name: "version 4", reason: .version) { $0[20] = 0x41 },
        Fault(name: "type 2", reason: .type) { $0[20] = 0x22 },
        Fault(name: "another VRID", reason: .unknownVirtualRouter) { $0[21] = 11 },
        Fault(name: "no authentication", reason: .authenticationType) { $0[24] = 0 },
        Fault(name: "unknown authentication", reason: .authenticationType) { $0[24] = 2 },
        Fault(name: "another interval", reason: .interval) { $0[25] = 2 },
        Fault(name: "interval 0", reason: .interval) { $0[25] = 0 },
        Fault(name: "a wrong password", reason: .password) { $0[32] ^= 1 },
        Fault(name: "a wrong last byte of the password", reason: .password) { $0[39] = 1 },
        Fault(name: "a wrong checksum", reason: .checksum, repairsChecksum: false) { $0[27] ^= 1 },
        Fault(name: "a flipped priority", reason: .checksum, repairsChecksum: false) { $0[22] ^= 1 },
        Fault(name: "more addresses promised", reason: .length) { $0[23] = 2 },
        Fault(name: "fewer addresses promised", reason: .length) { $0[23] = 0 },
        Fault(name: "another group", reason: .destination) { $0[19] = 19 },
        Fault(name: "from 0.0.0.0", reason: .source) { $0.replaceSubrange(12..<16, with: [0, 0, 0, 0]) },
        Fault(name: "from a multicast address", reason: .source) { $0[12] = 224 },
        Fault(name: "a fragment", reason: .notVRRP) { $0[6] = 0x20 },
        Fault(name: "a later fragment", reason: .notVRRP) { $0[7] = 1 },
        Fault(name: "UDP", reason: .notVRRP) { $0[9] = 17 },
        Fault(name: "IPv6", reason: .notVRRP) { $0[0] = 0x65 },
        Fault(name: "a header of 16 bytes", reason: .truncated) { $0[0] = 0x44 },
        Fault(name: "a header of 60 bytes", reason: .truncated) { $0[0] = 0x4F },
        Fault(name: "a length beyond the end", reason: .truncated) { $0[3] = 41 },
        Fault(name: "a length of the header alone", reason: .truncated) { $0[3] = 20 },
    ]

    @Test("A fault is noticed by its own check", arguments: faults)
    func dropped(fault: Fault) {
        var packet = Guide.advertisement().ipv4Packet(from: Guide.source)
        fault.change(&packet)
        if fault.repairsChecksum { Self.repair(&packet) }
        #expect(throws: fault.reason) { try Guide.judge(packet) }
    }

    static func repair(_ packet: inout [UInt8]) {
        packet[26] = 0
        packet[27] = 0
        let checksum = Guide.checksum(Array(packet[20...]))
        packet[26] = UInt8(checksum >> 8)
        packet[27] = UInt8(checksum & 0xFF)
    }

    @Test("However short a packet is cut, nothing traps and nothing passes")
    func everyLength() {
        let packet = Guide.advertisement().ipv4Packet(from: Guide.source)
        for length in 0..<packet.count {
            #expect(throws: DropReason.truncated) { try Guide.judge(Array(packet[..<length])) }
        }
    }

    @Test("CARP, which shares the protocol number, is no advertisement")
    func carp() {
        // UCarp's packet: version 2, type 1, authentication length 7, an 8 byte counter and a 20 byte digest.
        var packet: [UInt8] = [0x45, 0x10, 0, 56, 0, 0, 0x40, 0, 255, 112, 0, 0, 192, 0, 2, 12, 224, 0, 0, 18]
        packet += [0x21, 10, 0, 7, 0, 1, 0, 0] + Array(repeating: 0x5A, count: 28)
        Self.repair(&packet)
        #expect(throws: DropReason.self) { try Guide.judge(packet) }
    }

    @Test("Without authentication its data are ignored")
    func ignoredData() throws {
        var packet = Guide.advertisement(authentication: .none).ipv4Packet(from: Guide.source)
        packet[35] = 99
        Self.repair(&packet)
        #expect(try Guide.judge(packet, by: Guide.check(authentication: .none)).priority == 100)
    }

    @Test("Version 3: an interval of 0 is dropped, a different one is adopted")
    func version3Interval() throws {
        let check = Guide.check(version: .v3, authentication: .none)
        let other = Guide.advertisement(version: .v3, interval: .milliseconds(100), authentication: .none)
        #expect(try Guide.judge(other.ipv4Packet(from: Guide.source), by: check).interval == .milliseconds(100))
        var zero = other.ipv4Packet(from: Guide.source)
        zero[24] = 0
        zero[25] = 0
        Self.repair(&zero)
        #expect(throws: DropReason.interval) { try Guide.judge(zero, by: check) }
    }
}
