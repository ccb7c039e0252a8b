import Configuration
package import VRRP

/// Why an instance is as it is, what keeps it from being otherwise, and what comes next: for people.
package struct Explanation: Hashable, Sendable {
    package struct Cause: Hashable, Sendable {
        package var text: String
        /// What to type, or what to change in which file.
        package var advice: String?

        package init(text: String, advice: String? = nil) {
            self.text = text
            self.advice = advice
        }
    }

    /// The state and its reason.
    package var summary: String
    package var causes: [Cause]
    package var next: String
}

extension Core {
    /// - Parameter index: 0 up to `instanceCount`.
    package func explain(_ id: RouterID, at now: Instant) -> Explanation {
        let instance = instances[id]
        var causes = findings(about: id, at: now).map { Explanation.Cause(text: $0.text, advice: $0.advice) }
        if let cause = waiting(instance, at: now) { causes.append(cause) }
        if let cause = echo(instance, at: now) { causes.append(cause) }
        return Explanation(
            summary:
                "\(instance.name) has been \(instance.state.rawValue) for \((now - instance.tenure.since).inSeconds): "
                + "\(instance.tenure.reason)",
            causes: causes, next: next(instance, at: now))
    }

    /// Own advertisements that come back change nothing, and nobody need mend that; whoever asks is told.
    private func echo(_ instance: Instance, at now: Instant) -> Explanation.Cause? {
        for peer in instance.observations.peers.all {
            guard let lately = peer.dropped[.echo]?.lately(at: now), lately > 0 else { continue }
            return Explanation.Cause(
                text:
                    "what this host sends comes back to it (\(lately) in the last minute), and changes nothing: a hairpin or a mirror port "
                    + "reflects it, or another host has the same address and the same priority",
                advice: "where another host has both: 'mcast_src_ip' or 'priority' has to differ")
        }
        return nil
    }

    /// Why a backup leaves the address to another host, although nothing is wrong.
    private func waiting(_ instance: Instance, at now: Instant) -> Explanation.Cause? {
        guard instance.state == .backup, instance.wayOut.order == nil, let master = instance.election.master,
            !master.hasResigned
        else { return nil }
        let own = instance.configuration.priority
        guard master.priority < own else {
            return Explanation.Cause(
                text:
                    "\(master.address) is master with priority \(master.priority), which is not lower than \(own) here",
                advice: "to change that, on \(master.address): failoverctl handover \(instance.name.asShellWord)")
        }
        if !instance.configuration.preempts {
            return Explanation.Cause(
                text:
                    "nopreempt: \(master.address) is master with the lower priority \(master.priority), and this host takes "
                    + "over from no living master",
                advice:
                    "on \(master.address): failoverctl handover \(instance.name.asShellWord); or take 'nopreempt' out, then: "
                    + "failoverctl reload")
        }
        if let end = instance.election.preemptionAt, end > now {
            return Explanation.Cause(
                text: "preempt_delay: \(master.address), with the lower priority \(master.priority), is spared for "
                    + "\((end - now).inSeconds) more")
        }
        return nil
    }

    /// What comes next: for people.
    func next(_ instance: Instance, at now: Instant) -> String {
        let left = instance.election.nextStepAt.map { $0 > now ? ($0 - now).inSeconds : "0.000 s" }
        switch instance.state {
        case .master: return "the next advertisement in \(left ?? "0.000 s")"
        case .backup: return next(ofBackup: instance, left, at: now)
        case .leaving: return "waits for its successor"
        case .stopped: return "nothing"
        case .fault where instance.election.state != .initialize:
            return "takes over only if no other host answers for the addresses"
        case .fault: return "takes part again as soon as it can"
        }
    }

    private func next(ofBackup instance: Instance, _ left: String?, at now: Instant) -> String {
        guard let left else { return "it claims the addresses" }
        if let order = instance.wayOut.order, order.neverClaims {
            let end = order.until.map { ", or for \(($0 - now).inSeconds) more" } ?? ""
            return "stays backup until 'failoverctl resume \(instance.name.asShellWord)'\(end)"
        }
        guard let master = instance.election.master, !master.hasResigned else {
            return "becomes master in \(left), unless another master is heard"
        }
        let mayPreempt =
            instance.wayOut.order == nil && master.priority < instance.configuration.priority
            && (instance.configuration.preempts || instance.configuration.priority == Priority.owner)
        guard mayPreempt else { return "becomes master in \(left), unless \(master.address) is heard" }
        guard let end = instance.election.preemptionAt, end > now else {
            return "becomes master in \(left): \(master.address) has the lower priority \(master.priority)"
        }
        return
            "becomes master in at most \((end - now + instance.election.masterDownInterval).inSeconds), or in \(left) if "
            + "\(master.address) falls silent"
    }
}
