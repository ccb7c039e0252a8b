import Foundation
import Testing

@Suite("Side by side: the same file and the same events, on keepalived and on this agent")
struct SideBySideTests {
    /// `SIDE_BY_SIDE=keepalived`: keepalived in both places, which shows that what is compared does not depend on luck.
    static let against =
        ProcessInfo.processInfo.environment["SIDE_BY_SIDE"].flatMap(Side.Daemon.init(rawValue:)) ?? .agent

    /// Without a runner to be tested, those for which none is needed.
    static let stories = Story.all.filter { story in
        (against == .keepalived || !story.needsRunner || Lab.hasRunner)
            && (only.isEmpty || only.contains(story.name[...]))
    }

    /// `SIDE_BY_SIDE_ONLY=weight,fault`: only these.
    private static let only =
        ProcessInfo.processInfo.environment["SIDE_BY_SIDE_ONLY"]?.split(separator: ",") ?? []

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
        let reasons = Set(Story.all.flatMap(\.meant).map(\.reason))
        #expect(reasons.filter { !text.contains($0) } == [])
    }

    @Test("Every keyword of scripts, trackers, notifications and groups is in a story")
    func keywords() {
        let words = Set(
            Story.all.flatMap { "\($0.file)\($0.steps)".split { !($0.isLetter || $0 == "_") }.map(String.init) })
        let keywords = """
            vrrp_script script interval timeout weight reverse rise fall init_fail user track_script track_interface
            track_file vrrp_track_file file init_file vrrp_track_process track_process process quorum quorum_max
            terminate_delay fork_delay interface_up_down_delays dont_track_primary nopreempt
            notify_master notify_backup notify_fault notify_stop notify_deleted notify notify_master_rx_lower_pri
            notify_priority_changes notify_fifo vrrp_notify_fifo notify_fifo_script vrrp_notify_fifo_script
            startup_script startup_script_timeout shutdown_script shutdown_script_timeout script_user enable_script_security
            vrrp_sync_group group sync_group_tracking_weight global_tracking
            """.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(Set(keywords).subtracting(words).isEmpty)
    }

    @Test("Every story has a name of its own")
    func names() {
        #expect(Set(Story.all.map(\.name)).count == Story.all.count)
    }
}

extension Story {
    static let all: [Story] = checks + oddChecks + trackers + notifications + groups + reloads + [everything]

    /// The same story, without a difference.
    var plain: Story {
        var story = self
        story.meant = []
        return story
    }
}
