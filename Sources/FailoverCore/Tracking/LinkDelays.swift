import Configuration
import VRRP

/// `interface_up_down_delays`: an interface counts as down only when it has been down for a while, and as up again likewise. A short
/// break costs nothing then.
struct LinkDelays: Sendable {
    private struct Watch: Sendable {
        /// What counts: `nil` for up.
        var counted: LinkTrouble?
        /// When what is now counts.
        var changeAt: Instant?
        /// One that has never been up has nothing to lose, and need not wait.
        var wasUp: Bool
    }

    private var delays: [String: LinkDelay] = [:]
    private var watches: [String: Watch] = [:]

    var isEmpty: Bool { delays.isEmpty }

    /// The interfaces that have one.
    var names: some Collection<String> { delays.keys }

    /// When an interface next counts as something else.
    var nextAt: Instant? { delays.isEmpty ? nil : watches.values.lazy.compactMap(\.changeAt).min() }

    /// Other delays. What counts now goes on to count until the interface changes.
    mutating func change(to delays: [String: LinkDelay]) {
        self.delays = delays
        watches = watches.filter { delays[$0.key] != nil }
    }

    /// What counts of an interface.
    /// - Parameter trouble: what the kernel says; `nil` for up.
    func counted(_ trouble: LinkTrouble?, of name: String) -> LinkTrouble? {
        guard let watch = watches[name] else { return trouble }
        return watch.counted
    }

    /// Takes in what the kernel says of an interface.
    /// - Parameter trouble: `nil` for up.
    /// - Returns: what counts.
    mutating func judge(_ trouble: LinkTrouble?, of name: String, at now: Instant) -> LinkTrouble? {
        guard let delay = delays[name] else { return trouble }
        guard var watch = watches[name] else {
            watches[name] = Watch(counted: trouble, changeAt: nil, wasUp: trouble == nil)
            return trouble
        }
        defer { watches[name] = watch }
        let isUp = trouble == nil
        if isUp == (watch.counted == nil) {
            (watch.counted, watch.changeAt) = (trouble, nil)
        } else {
            // Without an interface there is nothing to wait for.
            let span = trouble == .missing ? .zero : isUp ? (watch.wasUp ? delay.up : .zero) : delay.down
            let at = trouble == .missing ? now : watch.changeAt ?? now + span
            if now >= at {
                (watch.counted, watch.changeAt) = (trouble, nil)
            } else {
                watch.changeAt = at
                if isUp { watch.counted = .settling }
            }
        }
        watch.wasUp = watch.wasUp || watch.counted == nil
        return watch.counted
    }

    /// Those whose time has come: they are judged again.
    func due(at now: Instant) -> [String] {
        guard !delays.isEmpty else { return [] }
        return watches.filter { $0.value.changeAt.map { now >= $0 } ?? false }.keys.sorted()
    }
}
