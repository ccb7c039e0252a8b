import Addressing
import VRRP

/// What a scenario has, in words by which seeds are chosen.
extension Scenario {
    /// Sorted; each once. Those of faults are there if one of the kind is.
    package var features: [String] {
        var features: Set = [version == .v2 ? "v2" : "v3", isUnicast ? "unicast" : "multicast"]
        if hosts.joined().contains(where: { $0.priority == 255 }) { features.insert("owner") }
        if hosts.joined().contains(where: { !$0.preempts }) { features.insert("nopreempt") }
        if addressCounts.count > 1 { features.insert("routers") }
        if tracks { features.insert("tracked") }
        if !linkDelays.isEmpty { features.insert("delays") }
        if longestCall != nil { features.insert("notifications") }
        if !groups.isEmpty { features.insert("groups") }
        if hasRouting { features.insert("routes") }
        if hasVirtualMACs { features.insert("virtual-mac") }
        if !marksAddresses { features.insert("unmarked") }
        if families.contains(.ipv6) { features.insert(families.contains(.ipv4) ? "mixed" : "ipv6") }
        if hasEqualSources { features.insert("equal-sources") }
        if let wide {
            features.insert("wide")
            if wide.hasSecondInterface { features.insert("interfaces") }
            if wide.lease != nil { features.insert("lease") }
            if wide.pace != nil { features.insert("pacing") }
            if wide.separatesNetworks { features.insert("networks") }
            if wide.carriesARP { features.insert("arp") }
            if unreferenced.count < addressCounts.count { features.insert("reference") }
        } else {
            features.insert("reference")
        }
        if addressCounts.count > 1, wide?.separatesNetworks != true { features.insert("shared-network") }
        for fault in faults { features.formUnion(fault.kind.features) }
        return features.sorted()
    }
}

extension Fault.Kind {
    fileprivate var features: [String] {
        switch self {
        case .loss: ["loss"]
        case .delay: ["delay"]
        case .duplication: ["duplication"]
        case .partition, .oneWay, .segment: ["partition"]
        case .stall: ["stall"]
        case .crash: ["crash"]
        case .stop: ["stop"]
        case .linkDown: ["link"]
        case .addressRemoved, .addressAdded, .leased: ["addresses"]
        case .ownAddressGone, .secondOwnAddress, .sourceChanged: ["source"]
        case .refusal: ["refusal"]
        case .eventsLost: ["events-lost"]
        case .handover: ["handover"]
        case .reload(_, _, let edit): ["reload", "reload-\(edit.feature)"]
        case .junk: ["junk"]
        case .strangers: ["strangers"]
        case .echoes: ["echoes"]
        case .mute: ["mute"]
        case .claims: ["claims"]
        case .rival: ["rival"]
        case .secondLinkDown: ["link"]
        case .trackedLinkDown: ["tracking"]
        case .runnerGone: ["runner"]
        case .detectionFailed: ["detection"]
        case .routeRemoved: ["routes"]
        case .macvlanDeleted, .macvlanOff: ["macvlans"]
        }
    }
}

extension Fault.Edit {
    fileprivate var feature: String {
        switch self {
        case .nothing: "nothing"
        case .priority: "priority"
        case .fewerAddresses: "addresses"
        case .label: "label"
        case .without: "without"
        case .rename: "rename"
        case .reorder: "reorder"
        case .move: "move"
        case .untracked: "untracked"
        case .ungrouped: "ungrouped"
        }
    }
}
