/// On which links an instance depends.
extension InstanceConfiguration {
    /// The interfaces without which it takes no part.
    var neededLinks: Set<String> {
        var names = Set(addresses.lazy.filter { $0.isTracked && $0.interface != interface }.map(\.interface))
        if tracksPrimary { names.insert(interface) }
        for line in tracked where line.weight == 0 && !line.isReversed && line.tracker.kind == .interface {
            names.insert(line.tracker.name)
        }
        return names
    }
}

extension TrackLine {
    /// As the file has it.
    var text: String {
        tracker.name + (weight == 0 ? "" : " weight \(weight)") + (isReversed ? " reverse" : "")
    }
}
