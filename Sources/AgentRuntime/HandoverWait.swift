/// Waits for the end of the handovers of some instances, without looking at all of them each time.
struct HandoverWait {
    let names: [String]
    /// As many at the beginning may be under way; the others are over.
    private var undecided: Int

    init(_ names: [String]) {
        self.names = names
        undecided = names.count
    }

    /// - Parameter isUnderWay: asked for one that is, at most, and each that is over is asked for once in all.
    mutating func isOver(_ isUnderWay: (String) -> Bool) -> Bool {
        while undecided > 0 {
            if isUnderWay(names[undecided - 1]) { return false }
            undecided -= 1
        }
        return true
    }
}
