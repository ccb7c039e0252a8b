/// What is tracked in another way costs nothing by itself: it may have this host's part in the election cost something later.
extension ConfigurationDifference {
    /// For each instance that goes on, and that something new may take out of the election, or put behind another host.
    /// - Parameter pairs: each as it is and as it is to be, with what its group tracks.
    static func provisos(
        _ pairs: [(InstanceConfiguration, InstanceConfiguration)], from old: ScriptingConfiguration,
        to new: ScriptingConfiguration
    ) -> [String] {
        let changed = changedTrackers(from: old.withoutPlaces, to: new.withoutPlaces)
        return pairs.compactMap { before, after in
            let isNews = { (line: TrackLine) in
                changed.contains(line.tracker)
                    || !before.tracked.contains { $0.tracker == line.tracker && $0.text == line.text }
            }
            let decisive = after.tracked.filter { $0.weight == 0 && isNews($0) }
            if !decisive.isEmpty {
                let names = decisive.map { "'\($0.tracker.name)'" }.joined(separator: ", ")
                return
                    "\(after.name): cost: none, unless \(names) (weight 0) takes it out of the election here: then the addresses "
                    + "are on another host, or nowhere"
            }
            // What only adds to the priority lowers it when it goes; what only takes off, when it comes.
            let goes = before.tracked.contains { line in
                line.adds && !after.tracked.contains { $0.tracker == line.tracker }
            }
            let comes = after.tracked.contains { line in
                isNews(line) && line.weight != 0
                    && (!line.adds || before.tracked.contains { $0.tracker == line.tracker })
            }
            guard after.priority < before.priority || goes || comes
            else { return nil }
            return "\(after.name): cost: none, but a host whose priority is higher then takes the addresses over"
        }
    }

    private static func changedTrackers(
        from old: ScriptingConfiguration, to new: ScriptingConfiguration
    ) -> Set<TrackerName> {
        func names<Block: Equatable>(
            _ kind: TrackerName.Kind, _ old: [Block], _ new: [Block], _ name: (Block) -> String
        ) -> [TrackerName] {
            new.filter { !old.contains($0) }.map { TrackerName(kind, name($0)) }
        }
        return Set(
            names(.script, old.checks, new.checks, \.name) + names(.file, old.files, new.files, \.name)
                + names(.process, old.processes, new.processes, \.name))
    }
}

extension TrackLine {
    /// It makes the priority higher, never lower.
    fileprivate var adds: Bool { weight != 0 && (weight > 0) != isReversed }
}
