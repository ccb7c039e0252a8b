package import Addressing

/// Questions that every host's kernel answers, as whole IP packets: ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443, section 4), with eight
/// octets that nobody else knows, so that an answer shows that the question has arrived.
package enum EchoMessage {
    /// An answer that has passed every check.
    package struct Answer: Hashable, Sendable {
        package var source: IPAddress
        package var nonce: UInt64

        package init(source: IPAddress, nonce: UInt64) {
            self.source = source
            self.nonce = nonce
        }
    }

    /// Behind the IP header: eight octets of ICMP's, and the nonce.
    static let bodyLength = 16
    static let headerLength = (ipv4: 20, ipv6: 40)
    static let types = (ipv4: (request: UInt8(8), reply: UInt8(0)), ipv6: (request: UInt8(128), reply: UInt8(129)))
    static let protocols = (ipv4: UInt8(1), ipv6: UInt8(58))

    /// A router between would take one off: a host of this link gets it as it is.
    private static let hopLimit: UInt8 = 255
    /// Network control, as advertisements have it (RFC 2474): what is asked shares their way through the switches.
    private static let differentiatedServices: UInt8 = 0xC0

    /// An echo request.
    /// - Parameters:
    ///   - identifier: of this program, the same in all its questions.
    /// - Returns: `nil` where the addresses are not of one family.
    package static func request(
        from source: IPAddress, to destination: IPAddress, identifier: UInt16, nonce: UInt64
    ) -> [UInt8]? {
        if let source = source.ipv4, let destination = destination.ipv4 {
            return ipv4Packet(
                from: source, to: destination, body(types.ipv4.request, identifier, nonce, InternetChecksum()))
        }
        guard let source = source.ipv6, let destination = destination.ipv6 else { return nil }
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            from: source, to: destination, length: bodyLength, protocolNumber: protocols.ipv6)
        var packet: [UInt8] = [
            0x60 | differentiatedServices >> 4, 0, 0, 0, 0, UInt8(bodyLength), protocols.ipv6, hopLimit,
        ]
        packet += source.octets
        packet += destination.octets
        return packet + body(types.ipv6.request, identifier, nonce, checksum)
    }

    /// - Parameter checksum: of what goes before.
    static func body(
        _ type: UInt8, _ identifier: UInt16, _ nonce: UInt64, _ checksum: InternetChecksum
    ) -> [UInt8] {
        var body: [UInt8] = [type, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xFF), 0, 0]
        for shift in stride(from: UInt64(56), through: 0, by: -8) { body.append(UInt8(nonce >> shift & 0xFF)) }
        var checksum = checksum
        checksum.add(body.span)
        body[2] = UInt8(checksum.value >> 8)
        body[3] = UInt8(checksum.value & 0xFF)
        return body
    }

    private static func ipv4Packet(
        from source: IPv4Address, to destination: IPv4Address, _ body: [UInt8]
    ) -> [UInt8] {
        // Of one piece: it is never fragmented.
        var header: [UInt8] = [
            0x45, differentiatedServices, 0, UInt8(headerLength.ipv4 + body.count), 0, 0, 0x40, 0, hopLimit,
            protocols.ipv4, 0, 0,
        ]
        header += IPAddress(source).octets
        header += IPAddress(destination).octets
        var checksum = InternetChecksum()
        checksum.add(header.span)
        header[10] = UInt8(checksum.value >> 8)
        header[11] = UInt8(checksum.value & 0xFF)
        return header + body
    }

    /// Reads an echo reply to this program.
    /// - Parameter bytes: an IP packet from its header on; what follows its end is padding of a short frame.
    /// - Returns: `nil` for anything else, and for one whose checksum is wrong.
    package static func answer(in bytes: borrowing Span<UInt8>, identifier: UInt16) -> Answer? {
        guard bytes.count >= headerLength.ipv4 else { return nil }
        return bytes[0] >> 4 == 4 ? ipv4Answer(in: bytes, identifier) : ipv6Answer(in: bytes, identifier)
    }

    private static func ipv4Answer(in bytes: borrowing Span<UInt8>, _ identifier: UInt16) -> Answer? {
        let begin = headerLength.ipv4
        let end = Int(bytes[2]) << 8 + Int(bytes[3])
        // Without options, for the questions have none, and whole.
        guard bytes[0] == 0x45, bytes[6] & 0x3F == 0, bytes[7] == 0, bytes[9] == protocols.ipv4,
            end >= begin + bodyLength, end <= bytes.count
        else { return nil }
        var header = InternetChecksum()
        header.add(bytes.extracting(0..<begin))
        guard header.value == 0,
            let nonce = nonce(in: bytes.extracting(begin..<end), types.ipv4.reply, identifier, InternetChecksum())
        else { return nil }
        return Answer(source: IPAddress(bytes[12], bytes[13], bytes[14], bytes[15]), nonce: nonce)
    }

    private static func ipv6Answer(in bytes: borrowing Span<UInt8>, _ identifier: UInt16) -> Answer? {
        let begin = headerLength.ipv6
        guard bytes[0] >> 4 == 6, bytes.count >= begin + bodyLength, bytes[6] == protocols.ipv6 else { return nil }
        let end = begin + Int(bytes[4]) << 8 + Int(bytes[5])
        let octets = (8..<begin).map { bytes[$0] }
        guard end >= begin + bodyLength, end <= bytes.count,
            let source = IPv6Address(octets: octets[..<16]), let destination = IPv6Address(octets: octets[16...])
        else { return nil }
        var checksum = InternetChecksum()
        checksum.addPseudoHeader(
            from: source, to: destination, length: end - begin, protocolNumber: protocols.ipv6)
        return nonce(in: bytes.extracting(begin..<end), types.ipv6.reply, identifier, checksum)
            .map { Answer(source: IPAddress(source), nonce: $0) }
    }

    private static func nonce(
        in body: borrowing Span<UInt8>, _ type: UInt8, _ identifier: UInt16, _ checksum: InternetChecksum
    ) -> UInt64? {
        var checksum = checksum
        checksum.add(body)
        guard body.count == bodyLength, body[0] == type, body[1] == 0, checksum.value == 0,
            UInt16(body[4]) << 8 | UInt16(body[5]) == identifier
        else { return nil }
        return (8..<bodyLength).reduce(0) { $0 << 8 | UInt64(body[$1]) }
    }
}
