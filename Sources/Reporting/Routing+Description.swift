package import FailoverCore

extension RoutingChange {
    /// - Parameter object: such as "route default via 192.0.2.1".
    func words(_ object: String) -> String {
        switch self {
        case .added: "added \(object)"
        case .removed: "removed \(object)"
        case .restored: "\(object) had gone, by somebody else's doing or with an address or a link, and is back"
        case .leftoverRemoved:
            "removed \(object), which the configuration does not have, or an earlier run has left behind"
        case .refused(let refusal): "the kernel refused to add \(object): \(refusal.text)"
        case .removalRefused(let refusal): "the kernel refused to remove \(object): \(refusal.text)"
        }
    }

    var refusal: KernelRefusal? {
        switch self {
        case .refused(let refusal), .removalRefused(let refusal): refusal
        case .added, .removed, .restored, .leftoverRemoved: nil
        }
    }
}

extension RouteProblem {
    /// What is the matter, behind the route's words.
    package var words: String {
        switch self {
        case .refused(let reason): "is not set: the kernel refuses it: \(reason)"
        case .noInterface(let name): "is not set: there is no interface \(name)"
        case .occupied: "is not set: this host has another route to the same destination with the same metric"
        }
    }

    var advice: String {
        switch self {
        case .refused(let reason) where ["gateway", "nreachable", "route to host"].contains(where: reason.contains):
            "name a gateway that is in a network of an interface which is up, or write 'dev INTERFACE onlink'; it is tried again by "
                + "itself"
        case .refused:
            "correct its line in 'virtual_routes' or 'virtual_rules', then: failoverctl reload; it is tried again by itself"
        case .noInterface(let name): "ip link show dev \(name)"
        case .occupied:
            "where it is the same one, delete one of the two; else write another 'metric', then: failoverctl reload"
        }
    }
}
