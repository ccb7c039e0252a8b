import Foundation
import Testing

@Suite("Side by side: the same file and the same events, on keepalived and on this agent")
struct SideBySideTests {
    /// `SIDE_BY_SIDE=keepalived`: keepalived in both places, which shows that what is compared does not depend on luck.
    static let against =
        ProcessInfo.processInfo.environment["SIDE_BY_SIDE"].flatMap(Side.Daemon.init(rawValue:)) ?? .agent

    /// Without a runner to be tested, those for which none is needed.
    static let stories = Story.all.filter { against == .keepalived || !$0.needsRunner || Lab.hasRunner }

    @Test("Both do the same, but for what is meant and said in docs/configuration.md", arguments: stories)
    func same(story: Story) async throws {
        let differences = try await Stage.shared.play(
            Self.against == .agent ? story : story.plain, against: Self.against)
        #expect(differences.isEmpty, Comment(rawValue: differences))
    }

    @Test("Each difference that is meant is told to readers")
    func told() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../docs/configuration.md")
        let text = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        for difference in Story.all.flatMap(\.meant) { #expect(text.contains(difference.reason)) }
    }

    @Test("Every story has a name of its own")
    func names() {
        #expect(Set(Story.all.map(\.name)).count == Story.all.count)
    }
}

extension Story {
    static let all: [Story] = checks + oddChecks + trackers + notifications + groups + reloads

    /// The same story, without a difference.
    var plain: Story {
        var story = self
        story.meant = []
        return story
    }
}
