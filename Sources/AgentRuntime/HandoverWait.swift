import Control

/// Waits for the end of the handovers of some instances, without looking at all of them each time.
struct HandoverWait {
    let instances: [AskedInstance]
    /// As many at the beginning may be under way; the others are over.
    private var undecided: Int

    init(_ instances: [AskedInstance]) {
        self.instances = instances
        undecided = instances.count
    }

    /// - Parameter isUnderWay: asked for one that is, at most, and each that is over is asked for once in all.
    mutating func isOver(_ isUnderWay: (AskedInstance) -> Bool) -> Bool {
        while undecided > 0 {
            if isUnderWay(instances[undecided - 1]) { return false }
            undecided -= 1
        }
        return true
    }
}
