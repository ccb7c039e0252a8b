/// What can be known of a weight without the other hosts' files.
extension ConfigurationBuilder {
    /// A weight that moves nothing.
    mutating func warnOfWeight(_ line: TrackLine, _ instance: InstanceConfiguration, _ word: Word) {
        guard line.weight != 0, instance.priority != 255 else { return }
        if !instance.preempts {
            warnOfPreemption(line, instance, word)
        } else if line.tracker.kind != .file {
            warnOfSmallWeight(line, instance, word)
        }
    }

    /// A backup that does not preempt follows a master of any priority.
    private mutating func warnOfPreemption(_ line: TrackLine, _ instance: InstanceConfiguration, _ word: Word) {
        let rule = "with 'nopreempt' a backup follows a master of any priority: "
        let cure = "delete 'nopreempt' on all hosts, or "
        guard line.tracker.kind != .file else {
            warn(
                rule + "whatever number is in the file, this host stays master all the same; " + cure
                    + "write 'weight 0', so that this host takes no part while the number is not 0", word)
            return
        }
        let (up, down) = line.priorities(from: instance.priority)
        warn(
            rule
                + "this host advertises \(down) instead of \(up) while \(line.trouble), and stays master all the same; "
                + cure
                + "the weight, so that this host takes no part then", word)
    }

    /// What a host has that gives no priority.
    private static let usualPriority = 100

    /// 150 - 10 still beats 100.
    private mutating func warnOfSmallWeight(_ line: TrackLine, _ instance: InstanceConfiguration, _ word: Word) {
        let (up, down) = line.priorities(from: instance.priority)
        guard up != down else {
            warn("the weight changes nothing: the priority is \(up) with it and without", word)
            return
        }
        let usual = Self.usualPriority
        let lead = Int(instance.priority) - usual
        guard !line.isReversed, lead > line.weight.magnitude else { return }
        let comparison =
            line.weight > 0
            ? "\(down) while \(line.trouble), and a host with priority \(usual) and this weight \(usual + line.weight)"
            : "\(instance.priority) − \(line.weight.magnitude) = \(down) while \(line.trouble), which still beats \(usual)"
        warn(
            "the weight is too small to hand the addresses to a host with the usual priority: this host advertises \(comparison); "
                + "a weight beyond \(line.weight > 0 ? "" : "−")\(lead), or none, does it", word)
    }
}

extension TrackLine {
    /// The priorities while its tracker is up, and while it is down.
    func priorities(from configured: UInt8) -> (up: Int, down: Int) {
        func effective(_ delta: Int) -> Int { min(max(Int(configured) + delta, 1), 254) }
        let delta = isReversed ? -weight : weight
        return weight > 0 ? (effective(delta), effective(0)) : (effective(0), effective(delta))
    }

    /// Why it is down, for people.
    fileprivate var trouble: String {
        switch tracker.kind {
        case .interface: "\(tracker.name) is down"
        case .script: "\(printable(tracker.name)) fails"
        case .process: "the processes of \(printable(tracker.name)) are too few or too many"
        case .file: "\(printable(tracker.name)) says so"
        }
    }
}
