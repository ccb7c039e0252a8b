import CLinux
import Glibc

/// What this process may do besides what everybody may: capabilities(7).
package enum Capability: String, CaseIterable, Hashable, Sendable {
    case networkAdministration = "CAP_NET_ADMIN"
    case rawSockets = "CAP_NET_RAW"

    private var number: UInt64 {
        switch self {
        case .networkAdministration: 12
        case .rawSockets: 13
        }
    }

    /// Those that this process lacks; none where the kernel does not say.
    package static var missing: [Capability] {
        let effective = CLinux_effective_capabilities()
        return allCases.filter { effective >> $0.number & 1 == 0 }
    }
}
