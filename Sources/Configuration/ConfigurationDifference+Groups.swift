/// What changes in the sync groups.
extension ConfigurationDifference {
    static func groupLines(from old: Configuration, to new: Configuration) -> [String] {
        var lines: [String] = []
        let after = Dictionary(new.groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let before = Dictionary(old.groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for group in old.groups where after[group.name] == nil {
            lines.append("- sync group \(group.name): no longer together: \(group.memberList)")
        }
        for group in new.groups {
            guard let old = before[group.name] else {
                lines.append("+ sync group \(group.name): together from now on: \(group.memberList)")
                continue
            }
            if old.members != group.members {
                lines.append("~ sync group \(group.name): members \(old.memberList) → \(group.memberList)")
            }
            for line in old.tracked where !group.tracked.contains(where: { $0.tracker == line.tracker }) {
                lines.append("~ sync group \(group.name): - tracked: \(line.text)")
            }
            for line in group.tracked {
                let present = old.tracked.first { $0.tracker == line.tracker }
                guard let present else {
                    lines.append("~ sync group \(group.name): + tracked: \(line.text)")
                    continue
                }
                if present.text != line.text {
                    lines.append("~ sync group \(group.name): tracked: \(present.text) → \(line.text)")
                }
            }
        }
        return lines
    }
}

extension SyncGroupConfiguration {
    /// For people.
    fileprivate var memberList: String { members.joined(separator: ", ") }
}
