import Addressing
import Configuration
import VRRP

/// What virtual routers track: what it makes of their priorities, and whether they can take part.
extension Core {
    /// Takes in what a tracker says. One that nothing tracks says nothing.
    mutating func trackerChanged(_ name: TrackerName, _ state: TrackerState, at now: Instant) {
        guard trackers.note(state, of: name, at: now) else { return }
        evaluate(directory.routers(tracking: name), at: now)
    }

    /// Somebody is there who says what trackers are, or nobody is.
    mutating func reporterChanged(_ reporter: TrackerReporter, at now: Instant) {
        guard reporter != self.reporter else { return }
        self.reporter = reporter
        let names = trackers.unknownNames
        evaluate(Set(names.flatMap { directory.routers(tracking: $0) }).sorted(), at: now)
    }

    // MARK: - Interfaces

    /// What the kernel says of an interface; `nil` for up.
    private func trouble(of name: String) -> LinkTrouble? {
        guard let link = table.link(named: name) else { return .missing }
        guard link.isAdministrativelyUp else { return .switchedOff }
        return link.isRunning ? nil : .noCarrier
    }

    /// What an interface is to those that need it: `nil` where it counts as up.
    func linkFault(_ name: String) -> Fault? {
        switch delays.counted(trouble(of: name), of: name) {
        case nil: nil
        case .missing: .noInterface(name)
        case .switchedOff: .interfaceDown(name)
        case .noCarrier: .noCarrier(name)
        case .settling: .linkSettling(name)
        }
    }

    /// Judges an interface anew, by the table.
    /// - Returns: whether those that track it have to be looked at.
    private mutating func judgeLink(_ name: String, at now: Instant) -> Bool {
        guard hasSnapshot, !trackers.isEmpty || !delays.isEmpty else { return false }
        let counted = delays.judge(trouble(of: name), of: name, at: now)
        return trackers.note(
            counted.map { .down(.link($0)) } ?? .up, of: TrackerName(.interface, name), at: now)
    }

    /// An interface has changed, or its time to count as changed has come.
    mutating func linkNews(_ name: String, at now: Instant) {
        let isTracked = judgeLink(name, at: now)
        evaluate(isTracked ? directory.routers(concernedBy: name) : directory.routers(on: name), at: now)
    }

    /// All interfaces that somebody tracks, or whose changes count later, by a new table.
    mutating func judgeLinks(at now: Instant) {
        for name in Set(trackers.interfaceNames).union(delays.names).sorted() { _ = judgeLink(name, at: now) }
    }

    /// Interfaces that have been down, or up again, for long enough.
    mutating func endLinkDelays(at now: Instant) {
        let due = delays.due(at: now)
        for name in due { linkNews(name, at: now) }
        // A timer may have become due with another priority.
        if !due.isEmpty { settle() }
    }

    // MARK: - Verdicts

    /// What is tracked from now on. What is known of a tracker that was there before stays.
    mutating func track(_ configuration: Configuration, at now: Instant) {
        let before = delays.names.sorted()
        delays.change(to: configuration.linkDelays)
        // One that leaves for good needs its own until then.
        let lines = instances.order.flatMap { instances[$0].configuration.tracked }
        trackers.track(Set((configuration.instances.flatMap(\.tracked) + lines).map(\.tracker)))
        for name in before { _ = judgeLink(name, at: now) }
        judgeLinks(at: now)
    }

    /// What nobody tracks any more is forgotten: where it is tracked again later, it has said nothing.
    mutating func forgetTrackers() {
        guard !trackers.isEmpty else { return }
        trackers.track(Set(instances.order.flatMap { instances[$0].configuration.tracked }.map(\.tracker)))
    }

    func priority(of configuration: InstanceConfiguration) -> TrackedPriority {
        TrackedPriority(trackers.verdict(configuration.tracked), of: configuration.priority)
    }

    /// The priority as the trackers are now; the next advertisement has it.
    mutating func judgePriority(of id: RouterID, at now: Instant) {
        guard !instances[id].configuration.tracked.isEmpty else { return }
        let priority = priority(of: instances[id].configuration)
        let old = instances[id].election.parameters.priority
        guard priority.effective != old else { return }
        notePriority(of: id, was: old, is: priority.effective, at: now)
        instances[id].election.change(priority: priority.effective)
        instances[id].rebuildPackets()
        record(.priorityChanged(instance: instances[id].name, from: old, priority), about: id)
    }

    mutating func notePriority(of id: RouterID, was old: UInt8, is new: UInt8, at now: Instant) {
        guard new > old else { return }
        instances[id].dip = PriorityDip(
            from: old, interval: instances[id].configuration.advertisementInterval, after: instances[id].dip, at: now)
    }

    /// What of that which it tracks keeps a virtual router from taking part. What has said nothing yet keeps nobody out who takes part
    /// already, or goes on where an earlier run was master.
    func trackedFault(of id: RouterID) -> Fault? {
        let lines = instances[id].configuration.tracked
        guard !lines.isEmpty else { return nil }
        let isRunning = instances[id].election.state != .initialize || adoptable[id] != nil || reporter == .missing
        let reasons = trackers.verdict(lines).reasons(isRunning: isRunning, awaitsAll: reporter == .awaited)
        return reasons.isEmpty ? nil : .tracked(reasons)
    }

    /// One that begins without a word of what it tracks, because nobody is there who could say it, is the last resort: it is master
    /// only where it hears no other.
    mutating func judgeAwaiting(_ id: RouterID) {
        let lines = instances[id].configuration.tracked
        let awaits = instances[id].awaitsTrackers
        guard awaits || reporter == .missing && !lines.isEmpty else { return }
        let begins = instances[id].election.state == .initialize && adoptable[id] == nil
        let isAwaiting = (awaits || begins) && !trackers.verdict(lines).silent(awaitsAll: reporter != .present).isEmpty
        guard isAwaiting != awaits else { return }
        instances[id].awaitsTrackers = isAwaiting
        instances[id].stand(back: instances[id].wayOut.order)
    }

    /// It takes no part yet, and nothing is wrong: the start is delayed, or something that it or another of its group tracks has said nothing.
    package func isAwaited(_ id: RouterID) -> Bool {
        guard instances[id].election.state == .initialize else { return false }
        let faults = instances[id].participation.faults.all
        return !faults.isEmpty && faults.allSatisfy(\.isWaiting)
    }

    func trackedStatus(of instance: Instance) -> [TrackedStatus] {
        trackers.verdict(instance.configuration.tracked).parts
    }
}
