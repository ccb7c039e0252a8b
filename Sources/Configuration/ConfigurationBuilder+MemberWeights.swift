/// What becomes of weights in the instances of a sync group, where it does not say `sync_group_tracking_weight`: a group has one priority.
extension ConfigurationBuilder {
    mutating func moveWeights(to group: inout SyncGroupConfiguration, _ name: Word) {
        guard !group.usesMemberWeights else { return }
        for index in group.members.compactMap({ instancePlaces[$0] }) {
            let lines = configuration.instances[index].tracked
            guard lines.contains(where: { $0.weight != 0 && $0.tracker.kind != .process }) else { continue }
            configuration.instances[index].tracked = lines.compactMap { line in
                moved(line, of: configuration.instances[index], to: &group, name)
            }
        }
    }

    /// - Returns: what stays in the instance.
    private mutating func moved(
        _ line: TrackLine, of instance: InstanceConfiguration, to group: inout SyncGroupConfiguration, _ name: Word
    ) -> TrackLine? {
        let word = trackerWords[line.location] ?? name
        var line = line
        switch line.tracker.kind {
        case _ where line.weight == 0: return line
        // As in keepalived, which leaves it its weight.
        case .process: return line
        case .interface:
            warn(
                "in a sync group the weight counts as 0, as in keepalived: no instance of '\(printable(group.name))' takes part while "
                    + "\(line.tracker.name) is down; track it in the group for its weight to count", word)
            line.weight = 0
            return line
        case .file where linesOfDefaultWeight.contains(line.location):
            warn(
                "in a sync group the weight counts as 0, as in keepalived: no instance of '\(printable(group.name))' takes part while the "
                    + "number in the file is not 0; track it in the group for the number to count", word)
            line.weight = 0
            return line
        case .script, .file:
            guard !group.tracked.contains(where: { $0.tracker == line.tracker }) else {
                // With the same weight there is nothing to tell: an instance beside it said so first.
                if !group.tracked.contains(where: { $0.hasWeight(of: line) }) {
                    warn("the group tracks it with another weight, which counts", word)
                }
                return nil
            }
            let (up, down) = line.priorities(from: instance.priority)
            let numbers =
                line.tracker.kind == .script
                ? "while it fails, '\(printable(instance.name))' advertises \(down) instead of \(up), and the others as much less"
                : "its number changes the priority of all"
            warn(
                "keepalived leaves out what an instance of a sync group tracks with a weight; here it counts for the whole group: "
                    + numbers + "; track it in the group to have it so in both", word)
            group.tracked.append(line)
            return nil
        }
    }
}

extension TrackLine {
    fileprivate func hasWeight(of other: TrackLine) -> Bool {
        tracker == other.tracker && weight == other.weight && isReversed == other.isReversed
    }
}
