import Addressing

/// A setting by which hosts recognise a virtual router, and what a master that changes it at a reload does. The one table of it:
/// the reload, `--plan`, docs/operations.md and the tests go by it. Whatever is not in it costs nothing.
package struct RoleSetting: Sendable {
    package enum Consequence: Hashable, Sendable {
        /// The old router leaves as at a stop, and the new one begins as at a start: it listens for a master down interval.
        case startsAnew
        /// A master goes on as master; any other role begins anew. Hosts without the change no longer hear it.
        case masterGoesOn
        /// The role stays, whichever it is. Hosts without the change no longer hear it.
        case goesOn
    }

    /// As people call it.
    package let name: String
    /// The keywords that change it.
    package let keywords: [String]
    package let consequence: Consequence
    package let reason: String
    let differs: @Sendable (InstanceConfiguration, InstanceConfiguration) -> Bool

    package static let all: [RoleSetting] = [
        RoleSetting(
            name: "interface", keywords: ["interface", "default_interface"], consequence: .startsAnew,
            reason: "another network may have a master already, which has to be listened for",
            differs: { $0.interface != $1.interface }),
        RoleSetting(
            name: "family", keywords: ["native_ipv6", "virtual_ipaddress", "unicast_peer"], consequence: .startsAnew,
            reason: "a virtual router of IPv4 and one of IPv6 are two, and the new one may have a master already",
            differs: { $0.family != $1.family }),
        RoleSetting(
            name: "virtual router and all addresses", keywords: ["virtual_router_id", "virtual_ipaddress"],
            consequence: .startsAnew,
            reason: "nothing of the old virtual router is left, and the new one may have a master already",
            differs: { $0.virtualRouterID != $1.virtualRouterID && !$0.sharesAddress(with: $1) }),
        RoleSetting(
            name: "virtual router", keywords: ["virtual_router_id"], consequence: .masterGoesOn,
            reason: "an advertisement counts only for its own number",
            differs: { $0.virtualRouterID != $1.virtualRouterID }),
        RoleSetting(
            name: "version", keywords: ["version", "vrrp_version"], consequence: .masterGoesOn,
            reason: "an advertisement of another version is dropped",
            differs: { $0.version != $1.version }),
        RoleSetting(
            name: "group", keywords: ["vrrp_mcast_group4", "vrrp_mcast_group6", "mcast_dst_ip"],
            consequence: .masterGoesOn,
            reason: "an advertisement reaches only those who listen to its group",
            differs: { $0.group != $1.group && ($0.unicast == nil || $1.unicast == nil) }),
        RoleSetting(
            name: "multicast or unicast", keywords: ["unicast_peer"], consequence: .masterGoesOn,
            reason: "a host hears either the group or what is sent to itself",
            differs: { ($0.unicast == nil) != ($1.unicast == nil) }),
        RoleSetting(
            name: "password", keywords: ["auth_type", "auth_pass"], consequence: .goesOn,
            reason: "an advertisement with another password is dropped",
            differs: { $0.password != $1.password }),
        RoleSetting(
            name: "advertisement interval", keywords: ["advert_int"], consequence: .goesOn,
            reason: "in version 2 an advertisement with another interval is dropped",
            differs: { $1.version == 2 && $0.advertisementInterval != $1.advertisementInterval }),
    ]

    /// A Markdown table of all, for docs/operations.md.
    package static var markdown: String {
        var rows = ["| a change of | by | a master | because |", "|---|---|---|---|"]
        for setting in all {
            let effect =
                switch setting.consequence {
                case .startsAnew:
                    "leaves as at a stop and starts anew: unreachable for up to a master down interval when it is alone"
                case .masterGoesOn: "stays master; a host that is not master begins anew"
                case .goesOn: "stays master"
                }
            let keywords = setting.keywords.map { "`\($0)`" }.joined(separator: ", ")
            rows.append("| \(setting.name) | \(keywords) | \(effect) | \(setting.reason) |")
        }
        return rows.joined(separator: "\n") + "\n"
    }

    /// The rows that a change concerns.
    static func concerned(_ old: InstanceConfiguration, _ new: InstanceConfiguration) -> [RoleSetting] {
        all.filter { $0.differs(old, new) }
    }
}

extension InstanceConfiguration {
    /// Whether a virtual router takes new settings over in its role. Else it starts anew.
    package func goesOn(as wanted: InstanceConfiguration, isMaster: Bool) -> Bool {
        RoleSetting.concerned(self, wanted).allSatisfy { setting in
            switch setting.consequence {
            case .startsAnew: false
            case .masterGoesOn: isMaster
            case .goesOn: true
            }
        }
    }

    /// Whether both have an address on the same interface, with whatever prefix length.
    func sharesAddress(with other: InstanceConfiguration) -> Bool {
        let own = Set(addresses.map(located))
        return other.addresses.contains { own.contains(other.located($0)) }
    }

    /// How long a backup waits for a silent master: RFC 3768, section 6.1; RFC 9568, section 6.1.
    package var masterDownInterval: Duration {
        advertisementInterval * downAdvertisements + skew(of: priority)
    }

    /// How long a backup of a priority waits when the master has resigned.
    private func skew(of priority: UInt8) -> Duration {
        (version == 2 ? .seconds(1) : advertisementInterval) * (256 - Int(priority)) / 256
    }

    /// For how long the addresses that stay may be unreachable, at most, while this router is replaced by one that starts anew.
    package func outage(until wanted: InstanceConfiguration) -> (alone: Duration, withPeer: Duration) {
        let kept = Set(addresses.map(\.place))
        // What the new one wants in the same place has to go at once; the rest stays until a successor has it.
        let goesAtOnce =
            wanted.addresses.contains { kept.contains($0.place) }
            || wanted.virtualMAC.map { $0.interface == virtualMAC?.interface } == true
        return (wanted.masterDownInterval, goesAtOnce ? skew(of: 1) : .zero)
    }
}

/// An address on a network, with whatever prefix length: a macvlan of ours is on that of its parent.
struct LocatedAddress: Hashable {
    var interface: String
    var address: IPAddress
}

extension InstanceConfiguration {
    func located(_ address: SharedAddress) -> LocatedAddress {
        LocatedAddress(interface: wire(of: address.interface), address: address.prefix.address)
    }
}

extension Duration {
    /// Such as "3.6 s": in tenths, rounded up.
    var roundedUp: String {
        let (seconds, attoseconds) = components
        let tenths = seconds * 10 + (attoseconds + 99_999_999_999_999_999) / 100_000_000_000_000_000
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
