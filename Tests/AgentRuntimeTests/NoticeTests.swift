import AgentRuntime
import FailoverCore
import Foundation
import Reporting
import Testing

@Suite("The journal's catalog")
struct NoticeTests {
    @Test("It explains every event and every notice, and nothing else")
    func isWhole() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../systemd/failover-agent.catalog").standardized
        let entries = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n-- ").dropFirst()
        let numbers = entries.map { String($0.prefix(32)) }
        #expect(Set(numbers) == Set(Event.Kind.allCases.map(\.declaration.messageID) + Notice.allCases.map(\.rawValue)))
        #expect(Set(numbers).count == numbers.count)
        #expect(entries.allSatisfy { $0.contains("\nSubject: ") && $0.contains("\n\n") })
    }
}
