import Addressing
import VRRP

extension DropReason {
    /// What follows "advertisements from" and the source.
    func explanation(behind source: IPAddress) -> String {
        isAboutSource ? Self.impossibleSource : ": \(explanation(of: source.family))"
    }

    /// What follows "advertisements from" and the source, shorter.
    func difference(behind source: IPAddress) -> String {
        isAboutSource ? Self.impossibleSource : ": \(difference(of: source.family))"
    }

    private var isAboutSource: Bool { self == .source }

    /// Without a colon, which would look like a part of the address '::'.
    private static let impossibleSource = ", which no host can have as its address"
}

extension DropReason {
    /// A half sentence for people.
    /// - Parameter family: of the packet.
    private func explanation(of family: IPFamily) -> String {
        switch self {
        case .truncated: "the packet is cut short"
        case .notVRRP: "not a VRRP packet"
        case .destination: "it was sent to another address than this instance listens on"
        case .source: "its source is no address that a host can have"
        case .echo:
            "it equals what this host has sent: it has come back (a hairpin, a mirror port), or another host has the same address and the same priority"
        case .anotherCluster: "it names none of this instance's addresses, and comes from no known host of it"
        case .peer: "it is none of the unicast peers (check_unicast_src)"
        case .timeToLive:
            "its \(Self.timeToLiveName(family)) is not what a host so near would send: it comes from another network"
        case .version: "it has another VRRP version than configured here"
        case .type: "its type is unknown"
        case .length: "its length does not fit its contents: not VRRP as configured here, perhaps CARP"
        case .noAddress: "it names no address"
        case .checksum: "its checksum is wrong"
        case .unknownVirtualRouter: "no virtual router of its number is configured on the interface"
        case .authenticationType: "its kind of authentication is not the one configured here"
        case .password: "its password is not the one configured here"
        case .interval: "its advertisement interval is not the one configured here"
        case .notReady: "this instance takes no part at present"
        }
    }
}

extension DropReason {
    /// What is different, in two or three words.
    /// - Parameter family: of the packet.
    func difference(of family: IPFamily) -> String {
        switch self {
        case .password: "password differs"
        case .authenticationType: "kind of authentication differs"
        case .interval: "advertisement interval differs"
        case .version: "VRRP version differs"
        case .timeToLive: "it is not on this network (\(Self.timeToLiveName(family)))"
        case .checksum: "wrong checksum"
        case .peer: "it is no unicast peer"
        case .destination: "sent to another address"
        case .source: "no host can have its source address"
        case .echo, .anotherCluster, .truncated, .notVRRP, .type, .length, .noAddress, .unknownVirtualRouter, .notReady:
            explanation(of: family)
        }
    }

    private static func timeToLiveName(_ family: IPFamily) -> String { family == .ipv4 ? "TTL" : "hop limit" }
}

extension DropReason {
    /// What makes both hosts agree; `nil` where that depends.
    var advice: String? {
        let then = "in both files, then: failoverctl reload"
        return switch self {
        case .password: "make 'auth_pass' the same (its first 8 bytes count) \(then)"
        case .authenticationType:
            "make 'authentication' the same (a keepalived with 'vrrp_strict' sends none) \(then)"
        case .interval: "make 'advert_int' the same \(then)"
        case .version: "make 'version' (or 'vrrp_version') the same \(then)"
        case .peer: "add it to 'unicast_peer', then: failoverctl reload"
        case .checksum: "for version 3 make 'v3_checksum_as_v2' the same \(then)"
        case .destination: "make 'vrrp_mcast_group4' or 'unicast_peer' the same \(then)"
        case .source: nil
        case .timeToLive: "for unicast over a router: 'unicast_ttl' there and 'min_ttl' here"
        case .truncated, .notVRRP, .type, .length, .noAddress, .unknownVirtualRouter, .notReady, .echo, .anotherCluster:
            nil
        }
    }
}
