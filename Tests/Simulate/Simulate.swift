import Glibc
import Simulation

/// simulate FIRST COUNT: runs COUNT seeds from FIRST on and prints the sums; a seed that breaks a promise is shrunk, told, and
/// ends the run with exit code 1. With TELL as a third word, each story is told.
///
/// simulate stories: runs what is written out in Stories.swift, all of it; exit code 1 if one breaks a promise.
///
/// simulate digest FIRST COUNT, simulate trace SEED, simulate features SEED…: `Traces.swift` has them.
@main
enum Simulate {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "stories": runStories()
        case "digest": Traces.printDigests(words.dropFirst().compactMap { UInt64($0) })
        case "trace": Traces.printTrace(words.dropFirst().compactMap { UInt64($0) })
        case "features": Traces.printFeatures(words.dropFirst().compactMap { UInt64($0) })
        default: runSeeds(words)
        }
    }

    static func fail(usage: String) -> Never {
        print("usage: simulate \(usage)")
        exit(64)
    }

    private static func runSeeds(_ words: [String]) {
        guard words.count >= 2, let first = UInt64(words[0]), let count = UInt64(words[1]) else {
            fail(usage: "FIRST-SEED COUNT [tell], or simulate stories|digest|trace|features")
        }
        let tells = words.count > 2
        var time = Duration.zero
        var faults = 0
        var packets = 0
        for seed in first..<(first &+ count) {
            let scenario = Scenario(seed: seed)
            let isRunTwice = seed % 50 == 0
            var simulation = Simulation(scenario, tells: tells, tracing: isRunTwice ? .digest : .none)
            simulation.run()
            time += simulation.duration
            faults += simulation.faultsInjected
            packets += simulation.packetsCarried
            if tells {
                print(scenario)
                for line in simulation.story { print(line) }
            }
            if simulation.violation != nil { fail(scenario) }
            if isRunTwice {
                var again = Simulation(scenario, tracing: .digest)
                again.run()
                guard again.digest == simulation.digest else {
                    print("seed \(seed): two runs differ")
                    exit(1)
                }
            }
        }
        print(
            "seeds \(count), virtual seconds \(time.components.seconds), faults \(faults), packets \(packets), violations 0"
        )
    }

    private static func runStories() -> Never {
        var failures: Int32 = 0
        for story in Stories.all {
            var simulation = Simulation(story.scenario, tells: true)
            simulation.run()
            guard simulation.violation != nil else { continue }
            failures += 1
            print("A promise is broken. Story \"\(story.name)\":")
            for line in simulation.story { print(line) }
        }
        print("stories \(Stories.all.count), violations \(failures)")
        exit(failures == 0 ? 0 : 1)
    }

    private static func fail(_ scenario: Scenario) -> Never {
        let small = Shrinker.shrink(scenario)
        var simulation = Simulation(small, tells: true)
        simulation.run()
        print(
            "A promise is broken. Seed \(scenario.seed), shrunk from \(scenario.faults.count) to \(small.faults.count) faults:"
        )
        print(small)
        for line in simulation.story { print(line) }
        exit(1)
    }
}
