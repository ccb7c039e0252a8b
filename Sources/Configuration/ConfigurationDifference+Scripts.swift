/// What is run and watched.
extension ConfigurationDifference {
    static func changes(
        ofScriptsFrom old: ScriptingConfiguration, to new: ScriptingConfiguration
    ) -> [String] {
        let (old, new) = (old.withoutPlaces, new.withoutPlaces)
        guard old != new else { return [] }
        let lines =
            changes("check", from: old.checks, to: new.checks, \.name)
            + changes("track_file", from: old.files, to: new.files, \.name)
            + changes("track_process", from: old.processes, to: new.processes, \.name)
        return old.others == new.others ? lines : lines + ["~ what is run at a change, or as whom scripts run"]
    }

    private static func changes<Block: Equatable>(
        _ kind: String, from old: [Block], to new: [Block], _ name: (Block) -> String
    ) -> [String] {
        let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(new.map(name))
        let gone = old.map(name).filter { !names.contains($0) }.map { "- \(kind) \($0)" }
        return gone
            + new.compactMap { block in
                guard let old = before[name(block)] else { return "+ \(kind) \(name(block))" }
                return old == block ? nil : "~ \(kind) \(name(block))"
            }
    }
}

extension ScriptingConfiguration {
    /// All but the blocks that have names, what instances track of them, and the instances and groups of which nothing is told but that
    /// they are there: other lines tell which of those come and go.
    fileprivate var others: ScriptingConfiguration {
        var rest = self
        (rest.checks, rest.files, rest.processes) = ([], [], [])
        for index in rest.subjects.indices { rest.subjects[index].trackers = [] }
        rest.subjects.removeAll { $0 == ScriptSubject(kind: $0.kind, name: $0.name, location: $0.location) }
        return rest
    }
}
