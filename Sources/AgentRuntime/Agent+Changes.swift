import Configuration
import ConfigurationFiles
import Control
import EventLoop
import FailoverCore
import Kernel
import Reporting
import VRRP

/// What people may have the agent do.
extension Agent: AgentControl {
    // MARK: - Handover

    func handOver(_ request: HandoverRequest) -> [AskedInstance] {
        // The places are of this moment: a pass may end one that leaves.
        let asked = withGroups(request.instances.map { core.routers[$0] })
        // Master or not is judged by what has been heard until now: after a stall another may be.
        pass()
        let now = Self.now()
        let routers = asked.filter { core.contains($0) }
        let names = routers.map { core.name(of: $0) }
        let order = HandoverOrder(
            requestedBy: request.requestedBy, requestedAt: Clocks.timestamp(Clocks.sinceEpoch()),
            until: request.seconds.map { now + .seconds($0) }, isForced: request.isForced,
            neverClaims: request.neverClaims)
        var done: Set<RouterID> = []
        for id in routers where !done.contains(id) {
            // All of its group go with it.
            done.formUnion(core.withGroup(id))
            core.handOver(id, order, at: now)
        }
        handovers?.mayHaveChanged(names)
        log.write(.notice, "handover asked for by \(request.requestedBy)", .handoverAsked)
        pass()
        return zip(names, routers).map { AskedInstance(name: $0, key: $1.rawValue) }
    }

    /// They, and all that are in a sync group with one of them; each once.
    private func withGroups(_ routers: [RouterID]) -> [RouterID] {
        var known: Set<RouterID> = []
        return routers.flatMap { core.withGroup($0) }.filter { known.insert($0).inserted }
    }

    func handoverResult(of instance: AskedInstance) -> HandoverResult {
        let id = RouterID(rawValue: instance.key)
        // One that a reload has taken out of the configuration has left.
        guard core.contains(id) else { return .done }
        return switch core.handoverOutcome(of: id) {
        case .underWay: .underWay
        case .done: .done
        case .nobodyTookOver(let span): .nobodyTookOver(milliseconds: span.inMilliseconds)
        }
    }

    func resume(_ instances: [Int]) -> [String] {
        let now = Self.now()
        var names: [String] = []
        let asked = withGroups(instances.map { core.routers[$0] }).filter { core.handover(of: $0) != nil }
        for id in asked {
            core.resume(id, at: now)
            names.append(core.name(of: id))
        }
        handovers?.mayHaveChanged(names)
        pass()
        return names
    }

    // MARK: - Configurations

    func apply(_ wanted: Configuration, changes: Int) {
        configuration = wanted
        history.makeRoom(forInstances: wanted.instances.count)
        core.reconfigure(wanted, at: Self.now())
        watchRouting()
        if changes > 0 {
            core.noteReload(changes: changes)
            generation += 1
        }
        handovers?.mayAllHaveChanged()
        receiversAreOthers = true
        note(rolesNotKept: roles?.begin(wanted.instances.map(\.fingerprint)))
        // A process that dies before the next advertisement shall be followed all the same.
        for id in core.routers {
            if let last = core.lastAdvertisement(of: id), let position = core.position(of: id) {
                roles?.noteAdvertisement(position, at: last.sinceBoot)
            }
        }
        desk?.tellStates()
        adminGroup = wanted.adminGroup.flatMap { PeerCredentials.group(named: $0) }
        shareSocket()
    }

    /// Gives the socket to the group that the configuration names.
    func shareSocket() {
        socketGroupProblem = nil
        // Whoever was named before has nothing to ask any more.
        _ = control?.share(with: nil)
        guard let name = configuration.socketGroup else { return }
        guard let group = PeerCredentials.group(named: name) else {
            return note(.noSocketGroup(name))
        }
        guard let problem = control?.share(with: group) else { return }
        note(.socketGroupRefused(name, problem: "\(problem)"))
    }

    private func note(_ problem: AgentFinding) {
        socketGroupProblem = problem
        log.write(.error, problem.text)
    }
}
