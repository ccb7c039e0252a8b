import Configuration
import ConfigurationFiles
import EventLoop
import Kernel
import Scripts
import VRRP

/// Which plan is in use.
extension Runner {
    /// The files are not read more often.
    private static let readingPause = Duration.milliseconds(250)
    private static let mostDiagnostics = 20

    /// The agent wants a plan.
    func choose(_ wish: PlanWish, at now: Instant) {
        guard stoppingSince == nil else {
            port?.tell(plan?.digest == wish.digest ? .active(wish.digest) : .noPlan(.ending))
            return
        }
        // What an agent that begins has is used as it is: what can't be run fails then. A reload has something to stay with.
        let base = shelf.base
        if !wish.isReload, case .active(let isNew) = shelf.choose(wish.digest, keeping: wish.base) {
            use(wish, isNew: isNew, insteadOf: base, at: now)
        } else {
            let at = lastReading.map { max(now, $0 + Self.readingPause) } ?? now
            wantedPlan = (wish, at)
            port?.takesOrders(false)
        }
    }

    /// Reads the files, where the agent waits for it.
    func readWantedPlan(at now: Instant) {
        guard let (wish, at) = wantedPlan, at <= now else { return }
        wantedPlan = nil
        let reading = files.read()
        // It may have taken its time.
        lastReading = self.now
        let base = shelf.base
        if let plan = reading.plan {
            if wish.isReload, plan.digest == wish.digest, let problem = unusable(in: plan) {
                port?.tell(.noPlan(.unusable, problem))
            } else if case .active(let isNew) = shelf.offer(plan, for: wish.digest, keeping: wish.base) {
                use(wish, isNew: isNew, insteadOf: base, at: self.now)
            } else {
                port?.tell(.differs(plan.digest))
            }
        } else {
            let problem = tellErrors(reading.diagnostics)
            port?.tell(.noPlan(reading.problem, problem))
        }
        port?.takesOrders(true)
        // What waited behind it.
        readOrders()
        pass()
    }

    /// The shelf has what the agent wants.
    /// - Parameters:
    ///   - isNew: it was not in use until now.
    ///   - base: what was kept until now.
    private func use(_ wish: PlanWish, isNew: Bool, insteadOf base: ScriptPlan?, at now: Instant) {
        // Also where the runner has lived on. One that begins anew writes none: somebody may have written them since.
        if wish.isStart { writeInitialFiles(of: shelf.present, at: now) }
        if isNew { use(at: now) } else if shelf.base != base { files.keep(shelf) }
        answer(wish.digest)
    }

    /// What can't be run as its user, or whose user is not there; the agent, which is not root, may not be able to see it.
    private func unusable(in plan: ScriptPlan) -> OutputExcerpt? {
        let errors = ProgramCheck.diagnostics(about: plan.configuration).filter { $0.severity == .error }
        return errors.isEmpty ? nil : tellErrors(errors)
    }

    /// - Returns: the first one.
    private func tellErrors(_ diagnostics: [Diagnostic]) -> OutputExcerpt {
        let errors = diagnostics.filter { $0.severity == .error }.prefix(Self.mostDiagnostics)
        for error in errors { log.write(.error, "\(error)") }
        return OutputExcerpt((errors.first?.description ?? "").utf8)
    }

    private func answer(_ digest: SHA256.Digest) {
        guard let port, let plan else { return }
        port.forgetObjects()
        port.tell(.active(digest))
        for (place, object) in plan.objects.enumerated() where plan.isTracked(object) {
            if case .subject = object { continue }
            port.note(UInt32(place), isUrgent: true)
        }
    }

    /// The present plan comes into use.
    private func use(at now: Instant) {
        guard let plan = shelf.present else { return }
        let isFirst = self.plan == nil
        self.plan = plan
        files.keep(shelf)
        users = ScriptUsers(plan.configuration)
        log.write(.info, "plan \(plan.digest.description.prefix(12)) is in use: \(Self.summary(plan))")
        ServiceManager.notify(.status(Self.summary(plan)))
        useChecks(of: plan, at: now)
        useTrackers(of: plan, at: now)
        usePipes(of: plan, at: now)
        let keys = plan.subjectKeys
        if !isFirst, plan.configuration.writesStatesAtReload { tellStates(of: plan) }
        lastStates = lastStates.filter { keys.contains($0.key) }
        let kept = shelf.all.reduce(into: keys) { $0.formUnion($1.subjectKeys) }
        lastEvents = lastEvents.filter { kept.contains($0.key) }
        desk.forget(exceptFor: kept, at: now)
        budgets = [:]
        lastLines = [:]
    }

    private static func summary(_ plan: ScriptPlan) -> String {
        let configuration = plan.configuration
        let tracked = plan.objects.filter(plan.isTracked)
        func count(_ fits: (ScriptPlan.Object) -> Bool) -> Int { tracked.count(where: fits) }
        let checks = count { if case .check = $0 { true } else { false } }
        let files = count { if case .file = $0 { true } else { false } }
        let processes = count { if case .process = $0 { true } else { false } }
        let scripts = configuration.subjects.reduce(0) { $0 + $1.notifications.count }
        return "\(checks) checks, \(files) files, \(processes) processes, \(scripts) notify scripts, "
            + "\(configuration.pipes.count) FIFOs"
    }

    /// What is to be told of an object now.
    func report(of place: UInt32, at now: Instant) -> RunnerReport? {
        guard let plan, let object = plan.object(at: place) else { return nil }
        switch object {
        case .check:
            guard let index = checkPlaces.firstIndex(of: place), table.entries.indices.contains(index) else {
                return nil
            }
            return .check(plan: plan.digest, object: place, .init(table.entries[index].check, at: now))
        case .file:
            guard let file = trackFiles.first(where: { $0.place == place }) else { return nil }
            return .file(
                plan: plan.digest, object: place, .init(value: Int64(file.number), fault: file.fault))
        case .process:
            guard let process = processes.first(where: { $0.place == place }) else { return nil }
            return .process(
                plan: plan.digest, object: place,
                .init(isMet: process.quorum.isMet, count: UInt32(clamping: process.quorum.count)))
        case .subject: return nil
        }
    }
}

/// What the agent wants: `RunnerOrder.activate`.
struct PlanWish: Hashable {
    var digest: SHA256.Digest
    var base: SHA256.Digest?
    var isReload: Bool
    var isStart: Bool
}
