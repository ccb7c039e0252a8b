import Configuration
import Control
import Scripts

/// A reload. Where scripts are concerned it takes several turns: the runner has to have read the same files.
struct OpenReload {
    /// By which whoever asked for it knows it.
    let number: Int
    let confirmSeconds: Int?
    /// What the files say.
    var reading: ReloadReading
}

/// What the files say, and what that would change.
struct ReloadReading {
    let wanted: Configuration
    let plan: ScriptPlan
    /// How many things are different.
    let changeCount: Int
    /// For people.
    let changes: [String]
    var warnings: [String]
}

/// The configuration before a reload that waits for its confirmation.
struct ReloadFallback {
    let configuration: Configuration
    /// What the runner is to do with it; `nil` where there is none.
    let plan: ScriptPlan?
}

/// The reloads of an agent: the one that waits for the runner, those behind it, and what became of others.
struct Reloads {
    /// So many results wait for somebody who asks.
    private static let mostResults = 128

    var open: OpenReload?
    /// In order: their numbers and for how long they wait for a confirmation.
    var waiting: [(number: Int, confirmSeconds: Int?)] = []
    private var results: [Int: ReloadResult] = [:]
    private var underWay: Set<Int> = []
    private var lastNumber = 0

    mutating func nextNumber() -> Int {
        lastNumber += 1
        underWay.insert(lastNumber)
        return lastNumber
    }

    mutating func finish(_ number: Int, _ result: ReloadResult) {
        underWay.remove(number)
        results[number] = result
        if results.count > Self.mostResults, let oldest = results.keys.min() { results[oldest] = nil }
    }

    /// - Parameter number: of a reload that was asked for.
    /// - Returns: `nil` while it is under way.
    mutating func take(_ number: Int) -> ReloadResult? {
        if let result = results.removeValue(forKey: number) { return result }
        return underWay.contains(number)
            ? nil : .invalid(["nobody knows any more what became of this reload: see failoverctl events"])
    }
}
