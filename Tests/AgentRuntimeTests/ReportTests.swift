import Control
import FailoverCore
import Testing

@testable import AgentRuntime

@Suite("What is told of an instance")
struct ReportTests {
    @Test("A counter is told under its own name", arguments: Counter.allCases)
    func counters(counter: Counter) {
        var counters = InstanceReport.Counters()
        counters[keyPath: counter.reported] = 7
        let changed = Mirror(reflecting: counters).children.filter { $0.value as? UInt64 == 7 }.compactMap(\.label)
        #expect(changed == ["\(counter)"])
    }
}
