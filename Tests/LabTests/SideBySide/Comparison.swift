import Foundation

/// Compares what was seen of keepalived and of this agent in one story.
enum Comparison {
    /// What differs and is not meant, and what is meant and does not differ so; nothing where all is well.
    static func differences(_ story: Story, keepalived: Recording, agent: Recording) -> [String] {
        var problems: [String] = []
        for channel in Set(keepalived.channels.keys).union(agent.channels.keys).sorted() {
            let theirs = keepalived.channels[channel] ?? []
            let ours = agent.channels[channel] ?? []
            if let meant = story.meant.first(where: { $0.channel == channel }) {
                let isMeant = [meant.agent, meant.orAgent].contains(ours.map(\.what))
                if theirs.map(\.what) != meant.keepalived || !isMeant {
                    let expected = "keepalived \(meant.keepalived), the agent \(meant.agent)"
                    problems.append(table(channel, "is not as meant: \(expected)", theirs, ours))
                }
            } else if theirs.map(\.what) != ours.map(\.what) {
                problems.append(table(channel, "differs", theirs, ours))
            } else if zip(theirs, ours).contains(where: { abs($0.time - $1.time) > story.bound }) {
                problems.append(table(channel, "differs in time by more than \(story.bound) s", theirs, ours))
            }
        }
        for meant in story.meant where keepalived.channels[meant.channel] == nil && agent.channels[meant.channel] == nil
        {
            problems.append("\(meant.channel): neither has anything, and a difference is meant")
        }
        return problems
    }

    private static func table(
        _ channel: String, _ what: String, _ theirs: [Recording.Fact], _ ours: [Recording.Fact]
    ) -> String {
        func column(_ facts: [Recording.Fact], _ index: Int) -> String {
            guard facts.indices.contains(index) else { return "–" }
            return String(format: "%6.2f ", facts[index].time) + facts[index].what
        }
        let rows = (0..<max(theirs.count, ours.count)).map { index -> String in
            let left = column(theirs, index)
            let padding = String(repeating: " ", count: max(1, 44 - left.count))
            return "    \(left)\(padding)\(column(ours, index))"
        }
        return (["\(channel) \(what) (keepalived | agent):"] + rows).joined(separator: "\n")
    }
}
