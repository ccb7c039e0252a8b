import Foundation
import Testing

@testable import Simulation

@Suite("What the cores did is told so that builds can be compared")
struct TraceTests {
    /// The digests of Tests/Simulate/baseline.txt, by seed.
    private func baseline() throws -> [UInt64: String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Simulate/baseline.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return try Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let words = line.split(separator: " ")
                try #require(words.count == 2)
                return (try #require(UInt64(words[0])), String(words[1]))
            })
    }

    @Test("The first hundred seeds do what the baseline says (contrib/simulate --check-baseline compares all of it)")
    func firstSeeds() throws {
        let baseline = try baseline()
        #expect(baseline.count >= 1000)
        for seed in UInt64(1)...100 {
            var simulation = Simulation(Scenario(seed: seed), tracing: .digest)
            simulation.run()
            #expect(simulation.violation == nil)
            #expect(simulation.digestText == baseline[seed], "seed \(seed), features \(Scenario(seed: seed).features)")
        }
    }

    @Test("A digest is that of the lines, and a run that keeps none has the same one")
    func digest() {
        let scenario = Scenario(seed: 3)
        var kept = Simulation(scenario, tracing: .lines)
        kept.run()
        var digested = Simulation(scenario, tracing: .digest)
        digested.run()
        #expect(kept.digest == digested.digest)
        #expect(kept.traceLines.count > 100)
        #expect(digested.traceLines.isEmpty)
        #expect(kept.traceLines.contains { $0.contains("[router 0] advertise eth0 to 224.0.0.18 number 10 priority") })
    }

    /// The trace of one moment of one host.
    private func trace(_ lines: [(String, String)]) -> Trace {
        var trace = Trace(keepsLines: true)
        trace.add(lines.map { TraceLine(channel: $0.0, text: $0.1) }, of: 0, at: .seconds(1))
        trace.finish()
        return trace
    }

    @Test("The order between channels is left out, the one within each counts")
    func order() {
        let first = trace([("router 0", "a"), ("router 1", "b"), ("router 0", "c")])
        let second = trace([("router 1", "b"), ("router 0", "a"), ("router 0", "c")])
        let third = trace([("router 1", "b"), ("router 0", "c"), ("router 0", "a")])
        #expect(
            first.lines == [
                "1.000000000 host 0 [router 0] a", "1.000000000 host 0 [router 0] c", "1.000000000 host 0 [router 1] b",
            ])
        #expect(first.digest == second.digest)
        #expect(first.digest != third.digest)
    }

    @Test("What comes in two turns of one moment is one moment's; another moment or host is another line")
    func moments() {
        var trace = Trace(keepsLines: true)
        trace.add([TraceLine(channel: "b", text: "first")], of: 1, at: .seconds(1))
        trace.add([TraceLine(channel: "a", text: "second")], of: 1, at: .seconds(1))
        trace.add([TraceLine(channel: "c", text: "third")], of: 0, at: .seconds(1))
        trace.add([TraceLine(channel: "a", text: "fourth")], of: 0, at: .seconds(2))
        trace.finish()
        #expect(
            trace.lines == [
                "1.000000000 host 0 [c] third", "1.000000000 host 1 [a] second", "1.000000000 host 1 [b] first",
                "2.000000000 host 0 [a] fourth",
            ])
    }
}

@Suite("What becomes of a packet depends on its own flow alone")
struct DiceTests {
    private func delays(of flow: VirtualNetwork.Flow, others: Int) -> [Duration] {
        var network = VirtualNetwork(Scenario(seed: 4711))
        network.change(.loss(percent: 40), begins: true)
        network.change(.duplication, begins: true)
        return (0..<50).flatMap { _ in
            for _ in 0..<others {
                _ = network.carry(VirtualNetwork.Flow(sender: 1, receiver: 0, kind: 12), sent: .zero)
                _ = network.carry(VirtualNetwork.Flow(sender: 0, receiver: 1, kind: 11), sent: .zero)
            }
            return network.carry(flow, sent: .zero).map(\.delay)
        }
    }

    @Test("Packets of other hosts and virtual routers change nothing")
    func ownDice() {
        let flow = VirtualNetwork.Flow(sender: 0, receiver: 1, kind: 10)
        let alone = delays(of: flow, others: 0)
        #expect(Set(alone).count > 30)
        #expect(alone.count < 80)
        #expect(alone == delays(of: flow, others: 3))
    }
}
