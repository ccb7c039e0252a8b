/// On which links an instance depends.
extension InstanceConfiguration {
    /// The interfaces without which it takes no part.
    /// - Parameter group: what its sync group tracks.
    func neededLinks(group: [TrackLine]) -> Set<String> {
        // A macvlan is made where it is missing, and its parent tells whether it has a carrier.
        var names = Set(
            addresses.lazy.filter { $0.isTracked && wire(of: $0.interface) != interface }.map(\.interface))
        if tracksPrimary { names.insert(interface) }
        for line in tracked + group where line.weight == 0 && !line.isReversed && line.tracker.kind == .interface {
            names.insert(line.tracker.name)
        }
        return names
    }
}

extension Configuration {
    /// What each instance's sync group tracks, by the instance's name; none for one in no group.
    var linesOfGroups: [String: [TrackLine]] {
        Dictionary(
            groups.filter { !$0.tracked.isEmpty }.flatMap { group in group.members.map { ($0, group.tracked) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension TrackLine {
    /// As the file has it.
    var text: String {
        tracker.name + (weight == 0 ? "" : " weight \(weight)") + (isReversed ? " reverse" : "")
    }
}
