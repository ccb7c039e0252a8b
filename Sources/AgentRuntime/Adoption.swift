package import Kernel
package import VRRP

/// Of which virtual routers a new process may go on as master.
package enum Adoption {
    /// A program that keeps dying must not keep the addresses.
    private static let most = 3
    private static let span = Duration.seconds(60)

    /// - Parameters:
    ///   - fingerprints: the configuration's virtual routers in order.
    ///   - found: what an earlier process has left.
    ///   - isInOrder: it did not die, but was told to restart: that may happen as often as somebody likes.
    /// - Returns: by place, when the earlier process last advertised as master. Whether that is too long ago is for the core to say.
    package static func candidates(
        _ fingerprints: [UInt64], in found: [UInt64: RoleFile.Role], isInOrder: Bool = false, at now: Duration
    ) -> [Int: Instant] {
        var result: [Int: Instant] = [:]
        for (index, fingerprint) in fingerprints.enumerated() {
            guard let role = found[fingerprint], role.advertisedAt > .zero,
                isInOrder || role.adoptions.count(where: { $0 <= now && now - $0 < span }) < most
            else { continue }
            result[index] = Instant(sinceBoot: role.advertisedAt)
        }
        return result
    }
}
