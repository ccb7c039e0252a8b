import Configuration
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
        let asked = request.instances.map { core.routers[$0] }
        // Master or not is judged by what has been heard until now: after a stall another may be.
        pass()
        let now = Self.now()
        let routers = asked.filter { core.contains($0) }
        let names = routers.map { core.name(of: $0) }
        for id in routers {
            core.handOver(
                id,
                HandoverOrder(
                    requestedBy: request.requestedBy, requestedAt: Clocks.timestamp(Clocks.sinceEpoch()),
                    until: request.seconds.map { now + .seconds($0) }, isForced: request.isForced,
                    neverClaims: request.neverClaims),
                at: now)
        }
        handovers?.mayHaveChanged(names)
        log.write(.notice, "handover asked for by \(request.requestedBy)", .handoverAsked)
        pass()
        return zip(names, routers).map { AskedInstance(name: $0, key: $1.rawValue) }
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
        for id in instances.map({ core.routers[$0] }) where core.handover(of: id) != nil {
            core.resume(id, at: now)
            names.append(core.name(of: id))
        }
        handovers?.mayHaveChanged(names)
        pass()
        return names
    }

    // MARK: - Reload

    func reload(isPlan: Bool, confirmSeconds: Int?) -> ReloadResult {
        guard let keeper else { return .invalid(["this agent reads no configuration"]) }
        guard !isStopping else { return .invalid(["the agent has been told to stop: nothing is read any more"]) }
        let result = keeper.read()
        guard let wanted = result.configuration else {
            let diagnostics = result.diagnostics.map(\.description)
            if !isPlan {
                for diagnostic in diagnostics { log.write(.error, diagnostic, .configurationInvalid) }
                log.write(.error, "the configuration has errors: nothing was changed", .configurationInvalid)
            }
            return .invalid(diagnostics)
        }
        let tooLong = core.lengthProblems(in: wanted).map(\.description)
        guard tooLong.isEmpty else {
            if !isPlan { for problem in tooLong { log.write(.error, problem, .configurationInvalid) } }
            return .invalid(tooLong)
        }
        let difference = ConfigurationDifference(from: configuration, to: wanted)
        let obstacles = core.obstacles(to: wanted).map(\.description)
        let changes = difference.report(isHindered: !obstacles.isEmpty)
        var warnings = result.diagnostics.map(\.description) + obstacles
        if confirmSeconds != nil, unconfirmed == nil, !keeper.keepsApplied {
            warnings.append(
                "the present configuration is not kept: a restart before the confirmation begins with the new one")
        }
        guard !isPlan else { return .changed(changes, warnings: warnings) }
        ServiceManager.notify(.reloading)
        // What is new begins with the kernel's table as it is now.
        pass()
        let before = configuration
        keeper.noteApplied()
        apply(wanted, changes: difference.lines.count)
        isOnLastAccepted = false
        isFileRejected = false
        if unconfirmed != nil, confirmSeconds == nil {
            log.write(.notice, "this reload counts as the confirmation of the one before")
        }
        if let confirmSeconds {
            unconfirmed = unconfirmed ?? before
            keeper.awaitConfirmation()
            confirmation?.fire(at: (Self.now() + .seconds(confirmSeconds)).sinceBoot)
            log.write(
                .notice, "the configuration before comes back in \(confirmSeconds) s, unless it is confirmed",
                .unconfirmed)
        } else {
            unconfirmed = nil
            confirmation?.fire(at: nil)
            keeper.accept()
            noteConfigurationKept()
        }
        for change in changes { log.write(.notice, "reload: \(change)", .reloadDetail) }
        if changes.isEmpty { log.write(.notice, "reload: nothing has changed", .reloadDetail) }
        statesHaveChanged = true
        pass()
        ServiceManager.notify(.ready)
        return .changed(changes, warnings: warnings)
    }

    func confirm() -> Bool {
        guard unconfirmed != nil else { return false }
        unconfirmed = nil
        confirmation?.fire(at: nil)
        keeper?.accept()
        noteConfigurationKept()
        log.write(.notice, "the configuration is confirmed")
        return true
    }

    /// Nobody has confirmed the configuration: the one before was better.
    func returnToConfirmed() {
        // On its way out it leaves as it is: the next run begins with what is confirmed.
        guard let before = unconfirmed, !isStopping else { return }
        unconfirmed = nil
        log.write(.warning, "nobody has confirmed the configuration: the one before comes back", .unconfirmed)
        isFileRejected = true
        ServiceManager.notify(.reloading)
        keeper?.noteReturned()
        apply(before, changes: ConfigurationDifference(from: configuration, to: before).lines.count)
        statesHaveChanged = true
        pass()
        ServiceManager.notify(.ready)
    }

    private func apply(_ wanted: Configuration, changes: Int) {
        configuration = wanted
        history.makeRoom(forInstances: wanted.instances.count)
        core.reconfigure(wanted, at: Self.now())
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
