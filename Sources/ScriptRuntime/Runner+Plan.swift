import Configuration
import EventLoop
import Kernel
import Scripts
import VRRP

/// Which plan is in use.
extension Runner {
    /// The files are not read more often.
    private static let readingPause = Duration.milliseconds(250)
    private static let mostDiagnostics = 20

    /// The agent wants the plan of a digest.
    /// - Parameter base: what the agent may come back to.
    func choose(_ digest: SHA256.Digest, keeping base: SHA256.Digest?, at now: Instant) {
        guard stoppingSince == nil else {
            port?.tell(plan?.digest == digest ? .active(digest) : .noPlan(.unreadable))
            return
        }
        let before = shelf.base?.digest
        switch shelf.choose(digest, keeping: base) {
        case .active(let isNew):
            if isNew { use(at: now) } else if shelf.base?.digest != before { files.keep(shelf) }
            answer(digest)
        case .readAgain:
            let at = lastReading.map { max(now, $0 + Self.readingPause) } ?? now
            wantedPlan = (digest, at)
            port?.takesOrders(false)
        }
    }

    /// Reads the files, where the agent waits for it.
    func readWantedPlan(at now: Instant) {
        guard let (digest, at) = wantedPlan, at <= now else { return }
        wantedPlan = nil
        let reading = files.read()
        // It may have taken its time.
        lastReading = self.now
        if let plan = reading.plan {
            if shelf.offer(plan, for: digest) {
                use(at: self.now)
                answer(digest)
            } else {
                port?.tell(.differs(plan.digest))
            }
        } else {
            for diagnostic in reading.diagnostics.filter({ $0.severity == .error }).prefix(Self.mostDiagnostics) {
                log.write(.error, "\(diagnostic)")
            }
            port?.tell(.noPlan(reading.problem))
        }
        port?.takesOrders(true)
        // What waited behind it.
        readOrders()
        pass()
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
        if isFirst { writeInitialFiles(of: plan) }
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
