import Glibc
import Simulation

/// What the cores did, for builds to be compared: contrib/compare-traces does that.
enum Traces {
    /// A line "SEED DIGEST" for each seed. The digest is that of the trace: 16 hexadecimal digits.
    static func printDigests(_ numbers: [UInt64]) {
        guard numbers.count == 2 else { Simulate.fail(usage: "digest FIRST-SEED COUNT") }
        for seed in numbers[0]..<(numbers[0] &+ numbers[1]) {
            var simulation = Simulation(Scenario(seed: seed), tracing: .digest)
            simulation.run()
            complain(of: simulation.violation, seed)
            print(seed, simulation.digestText)
        }
    }

    static func printTrace(_ seeds: [UInt64]) {
        guard let seed = seeds.first, seeds.count == 1 else { Simulate.fail(usage: "trace SEED") }
        var simulation = Simulation(Scenario(seed: seed), tracing: .lines)
        simulation.run()
        for line in simulation.traceLines { print(line) }
        complain(of: simulation.violation, seed)
    }

    /// A line "SEED FEATURE…" for each seed.
    static func printFeatures(_ seeds: [UInt64]) {
        guard !seeds.isEmpty else { Simulate.fail(usage: "features SEED...") }
        for seed in seeds { print(seed, Scenario(seed: seed).features.joined(separator: " ")) }
    }

    /// A trace that ends early is none.
    private static func complain(of violation: String?, _ seed: UInt64) {
        guard let violation else { return }
        print("seed \(seed): a promise is broken: \(violation)")
        exit(1)
    }
}
