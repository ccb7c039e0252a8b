import Control
import FailoverCore
import Testing
import VRRP

@testable import AgentRuntime

@Suite("Answers that are made in turns")
struct TurnTests {
    private func finding(_ number: Int, _ level: Health.Level) -> Health.Finding {
        Health.Finding(level: level, instance: "i\(number)", code: .handedOver(by: "t"))
    }

    @Test(
        "Each virtual router is looked at once, a few in a turn; and the critical findings come first"
    )
    func survey() {
        var survey = StatusSurvey()
        var looked: [Int] = []
        var turns = 0
        while !survey.isOver {
            let before = looked.count
            survey.advance(of: 4080) { index in
                looked.append(index)
                return index % 10 == 0
                    ? [finding(index, .warning)] : index >= 4000 ? [finding(index, .critical)] : []
            }
            turns += 1
            #expect(looked.count - before <= 64)
        }
        #expect(looked == Array(0..<4080))
        #expect(turns > 60)
        #expect(survey.findingCount == 408 + 72)
        #expect(survey.findings.count == StatusSurvey.mostFindings)
        #expect(survey.findings.prefix(72).allSatisfy { $0.level == .critical })
        #expect(survey.findings.dropFirst(72).map(\.instance) == (0..<28).map { "i\($0 * 10)" })
    }

    @Test("A virtual router that goes meanwhile is left out; without any, it is over at once")
    func shrinking() {
        var survey = StatusSurvey()
        survey.advance(of: 40) { _ in [] }
        #expect(!survey.isOver)
        survey.advance(of: 10) { _ in
            Issue.record("there is no other one")
            return []
        }
        #expect(survey.isOver)
        var none = StatusSurvey()
        none.advance(of: 0) { _ in [] }
        #expect(none.isOver)
    }

    @Test("Who waits for many handovers asks for one that is under way each time, not for all")
    func handovers() {
        var wait = HandoverWait((0..<4080).map { AskedInstance(name: "i", key: $0) })
        var underWay: Set = [7, 4000]
        var questions = 0
        func isOver() -> Bool {
            wait.isOver { instance in
                questions += 1
                return underWay.contains(instance.key)
            }
        }
        #expect(!isOver())
        for _ in 0..<1000 { #expect(!isOver()) }
        #expect(questions < 1100)
        underWay = [7]
        #expect(!isOver())
        underWay = []
        #expect(isOver())
        #expect(questions < 1100 + 4080)
        #expect(isOver())
    }
}
