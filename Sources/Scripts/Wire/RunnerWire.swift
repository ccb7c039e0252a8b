/// How `failover-agent` and `failover-scripts` talk: over a Unix socket that keeps messages apart (SOCK_SEQPACKET), one message a packet.
///
/// A message is a version, a kind, and fields of a fixed size, numbers with the highest byte first. Only a report's last field, an excerpt of a
/// script's output, has a length of its own. No text of the agent's goes over it: what is run is a place in a plan that both have read by
/// themselves, and the plan's digest goes with it, so that a place never means something in another plan.
///
/// Reading is total: any bytes give a message or `nil`, and what is read writes the same bytes again.
package enum RunnerWire {
    package static let version: UInt8 = 1
    /// The longest message, in bytes.
    package static let longest = 512

    /// The beginning of each message.
    static func header(_ kind: UInt8) -> [UInt8] { [version, kind] }

    /// - Returns: the kind, and what follows it.
    static func open(_ bytes: some Collection<UInt8>) -> (kind: UInt8, body: ByteReader)? {
        guard bytes.count <= longest else { return nil }
        var reader = ByteReader(Array(bytes)[...])
        guard reader.number(UInt8.self) == version, let kind = reader.number(UInt8.self) else { return nil }
        return (kind, reader)
    }
}

extension ByteReader {
    mutating func digest() -> SHA256.Digest? { bytes(SHA256.Digest.length).flatMap { SHA256.Digest($0) } }

    /// An excerpt takes up all that is left.
    mutating func excerpt() -> OutputExcerpt? { bytes(rest.count).flatMap(OutputExcerpt.init(wire:)) }
}
