import FailoverCore
import Glibc
import Kernel
import VRRP

/// Handovers outlive restarts and reboots: times are kept by the wall clock.
final class HandoverFile {
    private let file: BlobFile

    init(path: String) throws(SystemError) {
        // About two thousand, and more where there are more.
        file = try BlobFile(path: path, capacity: 256 << 10)
    }

    /// - Parameters:
    ///   - now: on the boot clock.
    ///   - epoch: the wall clock at the same moment.
    func orders(now: Instant, epoch: Duration) -> [String: HandoverOrder] {
        Self.decode(file.content ?? [], now: now, epoch: epoch)
    }

    /// - Throws: where there is no room for them; then none are kept, rather than those of some time ago.
    func store(
        _ orders: [(name: String, order: HandoverOrder)], now: Instant, epoch: Duration
    ) throws(SystemError) {
        let bytes = Self.encode(orders, now: now, epoch: epoch)
        do throws(SystemError) {
            try file.makeRoom(for: bytes.count)
        } catch {
            _ = file.store([])
            throw error
        }
        _ = file.store(bytes)
    }

    /// A line for each: name, who, when, until (seconds since 1970, or -), flags; between them tabs.
    static func encode(_ orders: [(name: String, order: HandoverOrder)], now: Instant, epoch: Duration) -> [UInt8] {
        var text = ""
        for (name, order) in orders {
            let until = order.until.map { "\((epoch + ($0 - now)).components.seconds)" } ?? "-"
            let flags = (order.isForced ? "f" : "") + (order.neverClaims ? "n" : "")
            text += [name, order.requestedBy, order.requestedAt, until, flags].joined(separator: "\t") + "\n"
        }
        return Array(text.utf8)
    }

    static func decode(_ bytes: [UInt8], now: Instant, epoch: Duration) -> [String: HandoverOrder] {
        var result: [String: HandoverOrder] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 5 else { continue }
            var order = HandoverOrder(
                requestedBy: parts[1], requestedAt: parts[2], isForced: parts[4].contains("f"),
                neverClaims: parts[4].contains("n"))
            if let until = Int64(parts[3]), (0...1 << 40).contains(until) {
                let left = .seconds(until) - epoch
                guard left > .zero else { continue }
                order.until = now + left
            }
            result[parts[0]] = order
        }
        return result
    }
}
