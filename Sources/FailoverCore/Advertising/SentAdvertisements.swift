import Addressing
import VRRP

/// What a virtual router has sent lately, by which it recognises its own advertisements when they come back: the regular one, and
/// for a while an earlier priority's, a resignation, a last word.
struct SentAdvertisements: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        var source: IPAddress
        var identity: UInt64
        var at: Instant
        /// When it was sent before; what could not be sent can't come back.
        var before: Instant?
    }

    private var entries: [Entry] = []
    /// The one that was noted last, until that is known to have failed.
    private var latest: UInt64?

    /// What is older than so many intervals can't come back.
    private static let intervals = 3
    /// More different ones are not sent in that time.
    private static let most = 8

    mutating func note(_ packet: OutgoingPacket, at now: Instant) {
        if let index = entries.firstIndex(where: { $0.identity == packet.identity }) {
            entries[index].before = entries[index].at
            entries[index].at = now
            latest = packet.identity
            return
        }
        if entries.count >= Self.most {
            entries.remove(at: entries.indices.min { entries[$0].at < entries[$1].at } ?? 0)
        }
        entries.append(Entry(source: packet.source, identity: packet.identity, at: now))
        latest = packet.identity
    }

    /// The one that was noted last did not leave.
    mutating func takeBack() {
        defer { latest = nil }
        guard let index = entries.firstIndex(where: { $0.identity == latest }) else { return }
        if let before = entries[index].before {
            entries[index].at = before
        } else {
            entries.remove(at: index)
        }
    }

    /// Whether it equals something that was sent within the last three intervals.
    func contain(
        _ packet: ReceivedPacket, in bytes: borrowing Span<UInt8>, interval: Duration, at now: Instant
    ) -> Bool {
        let begin = now - interval * Self.intervals
        // Most packets come from somebody else's address: nothing has to be computed for them.
        guard entries.contains(where: { $0.source == packet.source && $0.at >= begin }) else { return false }
        let identity = packet.identity(in: bytes)
        return entries.contains { $0.identity == identity && $0.at >= begin }
    }
}
