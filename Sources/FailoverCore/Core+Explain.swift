import Addressing
import Configuration
package import VRRP

extension Core {
    /// - Parameter index: 0 up to `instanceCount`.
    package func explain(_ id: RouterID, at now: Instant) -> Explanation {
        let instance = instances[id]
        let priority = priority(of: instance.configuration)
        var causes = findings(about: id, at: now).filter { finding in
            // The sum says so.
            guard case .trackerDown(let tracked, _) = finding.code else { return true }
            return !priority.parts.contains(tracked)
        }.map { Explanation.Cause.finding($0) }
        if !priority.parts.isEmpty { causes.append(.priority(priority, at: now)) }
        if let cause = waiting(instance, at: now) { causes.append(cause) }
        if let cause = echo(instance, at: now) { causes.append(cause) }
        return Explanation(
            instance: instance.name, state: instance.state, lasted: now - instance.tenure.since,
            reason: instance.tenure.reason,
            causes: causes, nextStep: next(instance, at: now))
    }

    /// Own advertisements that come back change nothing, and nobody need mend that; whoever asks is told.
    private func echo(_ instance: Instance, at now: Instant) -> Explanation.Cause? {
        for peer in instance.observations.peers.all {
            guard let lately = peer.dropped[.echo]?.lately(at: now), lately > 0 else { continue }
            return .echo(lately: lately)
        }
        return nil
    }

    /// Why a backup leaves the address to another host, although nothing is wrong.
    private func waiting(_ instance: Instance, at now: Instant) -> Explanation.Cause? {
        // One whose timer has ended waits for its group, not for a master.
        guard instance.state == .backup, instance.wayOut.order == nil, !instance.election.wishes,
            let master = instance.election.master,
            !master.hasResigned
        else { return nil }
        let own = instance.election.parameters.priority
        guard master.priority < own else {
            return .masterIsBetter(master.address, priority: master.priority, own: own, instance: instance.name)
        }
        if !instance.configuration.preempts {
            return .noPreemption(master.address, priority: master.priority, instance: instance.name)
        }
        if let end = instance.election.preemptionAt, end > now {
            return .preemptionDelayed(master.address, priority: master.priority, left: end - now)
        }
        return nil
    }

    func next(_ instance: Instance, at now: Instant) -> NextStep {
        let left = instance.election.nextStepAt.map { max($0 - now, .zero) }
        return switch instance.state {
        case .master: .advertisement(after: left ?? .zero)
        case .backup: next(ofBackup: instance, left, at: now)
        case .leaving: .successor
        case .stopped: .nothing
        case .fault where instance.election.state != .initialize: .lastResort
        case .fault: .recovery
        }
    }

    private func next(ofBackup instance: Instance, _ left: Duration?, at now: Instant) -> NextStep {
        guard let left else { return .claim }
        if instance.election.wishes, instance.group != GroupTable.none {
            let others = withGroup(instance.id).filter { instances[$0].election.standing != .wishes }
            return .waitsForGroup(groupTable.name(of: instance.group), members: others.map { instances[$0].name })
        }
        if let order = instance.wayOut.order, order.neverClaims {
            return .staysBackup(instance: instance.name, for: order.until.map { max($0 - now, .zero) })
        }
        guard let master = instance.election.master, !master.hasResigned else {
            return .becomesMaster(after: left, unlessHeard: nil)
        }
        let mayPreempt =
            instance.wayOut.order == nil && master.priority < instance.election.parameters.priority
            && (instance.configuration.preempts || instance.election.parameters.priority == Priority.owner)
        guard mayPreempt else { return .becomesMaster(after: left, unlessHeard: master.address) }
        guard let end = instance.election.preemptionAt, end > now else {
            return .preempts(after: left, master.address, priority: master.priority)
        }
        return .preemptsLater(
            atMost: end - now + instance.election.masterDownInterval, orAfter: left, master.address)
    }
}
