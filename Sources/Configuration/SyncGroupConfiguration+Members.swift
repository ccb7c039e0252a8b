/// What a group makes of its members' settings.
extension Configuration {
    /// The same with each member of a group as the group has it take part: with the group's trackers, its own ones beside them, and
    /// without preempting where one of the group does not preempt. What the file says of an instance alone is not in it any more.
    package var grouped: Configuration {
        guard !groups.isEmpty else { return self }
        var result = self
        let places = Dictionary(
            instances.indices.map { (instances[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        for group in groups {
            let members = group.members.compactMap { places[$0] }
            let preempts = members.allSatisfy { instances[$0].preempts }
            let trackers = Set(group.tracked.map(\.tracker))
            for place in members {
                result.instances[place].preempts = preempts
                result.instances[place].tracked =
                    group.tracked + instances[place].tracked.filter { !trackers.contains($0.tracker) }
            }
        }
        return result
    }
}
