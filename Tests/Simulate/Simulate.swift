import Glibc
import Simulation

/// simulate FIRST COUNT: runs COUNT seeds from FIRST on and prints the sums; a seed that breaks a promise is shrunk, told, and
/// ends the run with exit code 1. With TELL as a third word, each story is told.
///
/// simulate stories: runs what is written out in Stories.swift, all of it; exit code 1 if one breaks a promise.
@main
enum Simulate {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        if words.first == "stories" { runStories() }
        guard words.count >= 2, let first = UInt64(words[1]), let count = UInt64(words[2]) else {
            print("usage: simulate FIRST-SEED COUNT [tell], or simulate stories")
            exit(64)
        }
        let tells = words.count > 2
        var time = Duration.zero
        var faults = 0
        var packets = 0
        for seed in first..<(first &+ count) {
            let scenario = Scenario(seed: seed)
            var simulation = Simulation(scenario, tells: tells)
            simulation.run()
            time += simulation.duration
            faults += simulation.faultsInjected
            packets += simulation.packetsCarried
            if tells {
                print(scenario)
                for line in simulation.story { print(line) }
            }
            if simulation.violation != nil { fail(scenario) }
            if seed % 50 == 0 {
                var again = Simulation(scenario)
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
