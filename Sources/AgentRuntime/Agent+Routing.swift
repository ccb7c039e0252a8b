import Addressing
import FailoverCore
import Kernel
import Reporting
import VRRP

/// What the runtime reads of the kernel's routes and rules.
extension Agent {
    /// Follows what happens to them where some come and go here; at the start, and after a reload.
    func watchRouting() {
        guard core.watchesRouting else {
            routingWatch.map { poll.remove($0.number) }
            routingWatch = nil
            return
        }
        guard routingWatch == nil else { return }
        do {
            let watch = try RoutingWatch(ownPort: requests.port)
            try poll.add(watch.number, token: Self.routingToken)
            routingWatch = watch
            // What happened before is not told.
            core.handle(.routing(.doubtful), at: Self.now())
        } catch {
            log.write(.warning, "routes that somebody removes are found missing only after 30 seconds: \(error)")
        }
    }

    /// - Returns: `nil` where nobody watches.
    func readRoutingWatch() -> RoutingWatch.Outcome? {
        do {
            return try routingWatch?.readEvents()
        } catch {
            log.write(.error, "\(error)")
            return .overrun
        }
    }

    func handOver(_ outcome: RoutingWatch.Outcome, at now: Instant) {
        switch outcome {
        case .overrun: core.handle(.routing(.doubtful), at: now)
        case .disturbed(let objects):
            for object in objects { core.handle(.routing(.disturbed(object)), at: now) }
        }
    }

    /// Hands the routes and rules of this program to the core.
    func readRouting(at now: Instant) {
        do {
            guard let objects = try RoutingWatch.table() else {
                log.write(.warning, "the routing tables keep changing: what an earlier run has left there is not known")
                return
            }
            core.handle(.routing(.table(objects)), at: now)
        } catch {
            log.write(.error, "can't read the routing tables: \(error)")
        }
    }
}
