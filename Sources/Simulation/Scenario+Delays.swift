import Configuration
import VRRP

/// `interface_up_down_delays` of the links that are tracked. They are drawn from a stream of their own, and only where links are tracked.
extension Scenario {
    package struct LinkDelays: Hashable, Sendable {
        package var down: Duration
        package var up: Duration

        package init(down: Duration, up: Duration = .zero) {
            self.down = down
            self.up = up
        }
    }

    private static let delaySalt: UInt64 = 0xDE_1A75

    mutating func drawDelays() {
        guard tracks else { return }
        var random = RandomSource(seed: seed ^ Self.delaySalt)
        guard random.chance(40) else { return }
        linkDelays = hosts.map { _ in
            (0..<Self.trackedLinks).map { _ in
                guard random.chance(60) else { return nil }
                func span() -> Duration { random.chance(25) ? .zero : random.part(of: interval, from: 1, to: 4000) }
                return LinkDelays(down: span(), up: span())
            }
        }
    }

    /// Of one host's tracked link; `nil` for none.
    func delays(of link: Int, on host: Int) -> LinkDelays? {
        linkDelays.indices.contains(host) && linkDelays[host].indices.contains(link) ? linkDelays[host][link] : nil
    }

    /// After the last fault, links may count as up only so much later.
    var longestLinkDelay: Duration { linkDelays.joined().compactMap { $0?.up }.max() ?? .zero }

    func linkDelayConfiguration(of host: Int) -> [String: LinkDelay] {
        var delays: [String: LinkDelay] = [:]
        for link in 0..<Self.trackedLinks {
            if let own = self.delays(of: link, on: host) {
                delays[Self.nameOfTrackedLink(link)] = LinkDelay(down: own.down, up: own.up)
            }
        }
        return delays
    }
}
