import FailoverCore
import Kernel
import Reporting
import VRRP

/// The handovers as they are kept for the next run. Only those are looked at that may have changed.
final class HandoverBook {
    private let file: HandoverFile
    private var kept: [String: HandoverOrder] = [:]
    /// The instances whose order may be another one than is kept.
    private var suspects: Set<String> = []
    private var suspectsAll = true

    init(_ file: HandoverFile) {
        self.file = file
    }

    func orders(now: Instant, epoch: Duration) -> [String: HandoverOrder] { file.orders(now: now, epoch: epoch) }

    /// - Parameter instances: their names.
    func mayHaveChanged(_ instances: [String]) { suspects.formUnion(instances) }

    /// Nobody has asked for anything, but what was asked for may be over.
    func mayHaveEnded(_ instance: String) {
        if kept[instance] != nil { suspects.insert(instance) }
    }

    /// The instances are others.
    func mayAllHaveChanged() { suspectsAll = true }

    /// What has changed since the last call: all orders, to be kept from now on; `nil` for nothing.
    func changed(in core: borrowing Core) -> [(name: String, order: HandoverOrder)]? {
        guard suspectsAll || !suspects.isEmpty else { return nil }
        let before = kept
        if suspectsAll {
            kept = [:]
            for id in core.routers {
                if let order = core.handover(of: id) { kept[core.name(of: id)] = order }
            }
        } else {
            for name in suspects {
                kept[name] = core.router(named: name).flatMap { core.handover(of: $0) }
            }
        }
        suspects.removeAll(keepingCapacity: true)
        suspectsAll = false
        return kept == before ? nil : kept.map { ($0.key, $0.value) }
    }

    func store(
        _ orders: [(name: String, order: HandoverOrder)], now: Instant, epoch: Duration
    ) throws(SystemError) {
        try file.store(orders, now: now, epoch: epoch)
    }
}

extension Agent {
    /// Keeps the handovers for the next run, if they are others now.
    func keepHandovers() {
        guard let handovers, let orders = handovers.changed(in: core) else { return }
        do throws(SystemError) {
            try handovers.store(orders, now: Self.now(), epoch: Clocks.sinceEpoch())
            endShortage(.handoversNotKept)
        } catch {
            note(.handoversNotKept(count: orders.count, reason: "\(error)"))
        }
    }
}
