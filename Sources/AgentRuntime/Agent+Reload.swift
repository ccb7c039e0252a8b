import Configuration
import ConfigurationFiles
import Control
import EventLoop
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

extension Agent {
    func reload(isPlan: Bool, confirmSeconds: Int?) -> ReloadAnswer {
        if let keeper, isPlan, !isStopping {
            switch read(keeper, isPlan: true, confirmSeconds: confirmSeconds) {
            case .problems(let problems): return .done(.invalid(problems))
            case .reading(let reading): return .done(.changed(reading.changes, warnings: reading.warnings))
            }
        }
        let number = reloads.nextNumber()
        reloads.waiting.append((number, confirmSeconds))
        beginReloads()
        return reloads.take(number).map { .done($0) } ?? .underWay(number)
    }

    func reloadResult(_ number: Int) -> ReloadResult? { reloads.take(number) }

    private enum Reading {
        case reading(ReloadReading)
        case problems([String])
    }

    /// Reads the files, and looks at what they would change.
    private func read(_ keeper: ConfigurationKeeper, isPlan: Bool, confirmSeconds: Int?) -> Reading {
        keeper.usesRunner = desk?.session.isNeeded ?? false
        let result = keeper.read(known: core.foundInterfaces)
        guard let wanted = result.configuration else {
            return refuse(
                result.diagnostics.map(\.description), "the configuration has errors: nothing was changed", isPlan)
        }
        let tooLong = core.lengthProblems(in: wanted).map(\.description)
        guard tooLong.isEmpty else { return refuse(tooLong, "nothing was changed", isPlan) }
        // A check that is not run would be one that never fails.
        let unusable = ProgramCheck.diagnostics(about: wanted.scripting, as: .service)
            .filter { $0.severity == .error }.map(\.description)
        guard unusable.isEmpty else { return refuse(unusable, "nothing was changed", isPlan) }
        let difference = ConfigurationDifference(from: configuration, to: wanted)
        let obstacles = core.obstacles(to: wanted).map(\.description)
        var warnings = result.diagnostics.map(\.description) + obstacles
        if confirmSeconds != nil, fallback == nil, !keeper.keepsApplied {
            warnings.append(
                "the present configuration is not kept: a restart before the confirmation begins with the new one")
        }
        return .reading(
            ReloadReading(
                wanted: wanted, plan: keeper.plan(of: wanted), changeCount: difference.lines.count,
                changes: difference.report(isHindered: !obstacles.isEmpty), warnings: warnings))
    }

    private func refuse(_ problems: [String], _ consequence: String, _ isPlan: Bool) -> Reading {
        if !isPlan {
            for problem in problems + [consequence] { log.write(.error, problem, .configurationInvalid) }
        }
        return .problems(problems)
    }

    /// One after the other.
    private func beginReloads() {
        while reloads.open == nil, !reloads.waiting.isEmpty {
            let (number, confirmSeconds) = reloads.waiting.removeFirst()
            guard let keeper else {
                reloads.finish(number, .invalid(["this agent reads no configuration"]))
                continue
            }
            guard !isStopping else {
                reloads.finish(number, .invalid(["the agent has been told to stop: nothing is read any more"]))
                continue
            }
            switch read(keeper, isPlan: false, confirmSeconds: confirmSeconds) {
            case .problems(let problems): reloads.finish(number, .invalid(problems))
            case .reading(let reading):
                let open = OpenReload(number: number, confirmSeconds: confirmSeconds, reading: reading)
                guard let desk, desk.session.isNeeded || !reading.plan.configuration.isEmpty else {
                    complete(open)
                    continue
                }
                reloads.open = open
                desk.propose(reading.plan, keeping: fallback?.plan)
                desk.work()
            }
        }
        control?.answerWaiting()
    }

    // MARK: - What the runner says

    /// Both programs have read the same.
    func planAgreed() {
        guard let open = takeOpen() else { return }
        complete(open)
        beginReloads()
    }

    /// The files are others by now: they are read again.
    func planDiffers() {
        guard let keeper, var open = reloads.open else { return }
        switch read(keeper, isPlan: false, confirmSeconds: open.confirmSeconds) {
        case .problems(let problems):
            reloads.open = nil
            desk?.withdraw()
            reloads.finish(open.number, .invalid(problems))
            beginReloads()
        case .reading(let reading):
            open.reading = reading
            reloads.open = open
            desk?.propose(reading.plan, keeping: fallback?.plan)
        }
    }

    /// The runner can't use what the files say.
    func planRefused(_ why: RunnerReport.NoPlan?, _ what: OutputExcerpt) {
        guard let open = takeOpen() else { return }
        var problem = PlanRefusal.text(why)
        if why == .exposed, let exposure = keeper?.exposure {
            problem += ": \(exposure)"
        } else if !what.description.isEmpty {
            problem += ": \(what)"
        }
        _ = refuse([problem], "nothing was changed", false)
        reloads.finish(open.number, .invalid([problem]))
        beginReloads()
    }

    /// Nobody answers: virtual routers are not to wait for scripts.
    func planUnanswered() {
        guard var open = takeOpen() else { return }
        if !open.reading.plan.configuration.isEmpty {
            let warning = PlanRefusal.unanswered
            open.reading.warnings.append(warning)
            log.write(.warning, warning, .runnerGone)
        }
        complete(open)
        beginReloads()
    }

    private func takeOpen() -> OpenReload? {
        defer { reloads.open = nil }
        return reloads.open
    }

    // MARK: - Into use

    private func complete(_ open: OpenReload) {
        guard let keeper, !isStopping else {
            reloads.finish(open.number, .invalid(["the agent has been told to stop: nothing was changed"]))
            return
        }
        let reading = open.reading
        ServiceManager.notify(.reloading)
        // What is new begins with the kernel's table as it is now.
        pass()
        let before = ReloadFallback(configuration: configuration, plan: desk?.session.plan)
        keeper.noteApplied()
        desk?.use(reading.plan)
        apply(reading.wanted, changes: reading.changeCount)
        isOnLastAccepted = false
        isFileRejected = false
        if fallback != nil, open.confirmSeconds == nil {
            log.write(.notice, "this reload counts as the confirmation of the one before")
        }
        if let confirmSeconds = open.confirmSeconds {
            fallback = fallback ?? before
            desk?.secure(fallback?.plan)
            keeper.awaitConfirmation()
            confirmation?.fire(at: (Self.now() + .seconds(confirmSeconds)).sinceBoot)
            log.write(
                .notice, "the configuration before comes back in \(confirmSeconds) s, unless it is confirmed",
                .unconfirmed)
        } else {
            fallback = nil
            desk?.secure(nil)
            confirmation?.fire(at: nil)
            keeper.accept()
            noteConfigurationKept()
        }
        for change in reading.changes { log.write(.notice, "reload: \(change)", .reloadDetail) }
        if reading.changes.isEmpty { log.write(.notice, "reload: nothing has changed", .reloadDetail) }
        statesHaveChanged = true
        pass()
        ServiceManager.notify(.ready)
        reloads.finish(open.number, .changed(reading.changes, warnings: reading.warnings))
    }

    func confirm() -> Bool {
        guard fallback != nil else { return false }
        fallback = nil
        desk?.secure(nil)
        confirmation?.fire(at: nil)
        keeper?.accept()
        noteConfigurationKept()
        log.write(.notice, "the configuration is confirmed")
        return true
    }

    /// Nobody has confirmed the configuration: the one before was better.
    func returnToConfirmed() {
        // On its way out it leaves as it is: the next run begins with what is confirmed.
        guard let before = fallback, !isStopping else { return }
        fallback = nil
        log.write(.warning, "nobody has confirmed the configuration: the one before comes back", .unconfirmed)
        // A reload that waits for the runner comes too late.
        if let open = takeOpen() {
            desk?.withdraw()
            reloads.finish(
                open.number, .invalid(["the configuration before has come back meanwhile: reload once more"]))
        }
        defer { beginReloads() }
        isFileRejected = true
        ServiceManager.notify(.reloading)
        keeper?.noteReturned()
        if let plan = before.plan { desk?.use(plan) }
        desk?.secure(nil)
        apply(
            before.configuration,
            changes: ConfigurationDifference(from: configuration, to: before.configuration).lines.count)
        statesHaveChanged = true
        pass()
        ServiceManager.notify(.ready)
    }
}
