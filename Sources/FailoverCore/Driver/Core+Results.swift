import VRRP

/// What became of the packets of a batch.
extension Core {
    /// Of one virtual router's packets all have to fail before it counts: one of several peers may be out of reach.
    /// - Parameter failures: for each of `packets`, why it could not be sent; `nil` when it left.
    mutating func takeResults(of packets: [AdvertisementOrder], _ failures: [SendFailure?], at now: Instant) {
        var hasFailed = false
        for (packet, failure) in zip(packets, failures) {
            if failure != nil {
                hasFailed = true
            } else if isFailingToSend(packet.instance) {
                handle(.sent(instance: packet.instance), at: now)
            }
        }
        guard hasFailed else { return }
        let reached = Set(zip(packets, failures).lazy.filter { $0.1 == nil }.map(\.0.instance))
        var whole: [RouterID: SendFailure] = [:]
        var order: [RouterID] = []
        for (packet, failure) in zip(packets, failures) {
            guard let failure else { continue }
            if reached.contains(packet.instance) {
                handle(
                    .sendFailedInPart(instance: packet.instance, failure, destination: packet.destination), at: now)
            } else {
                if whole.updateValue(failure, forKey: packet.instance) == nil { order.append(packet.instance) }
            }
        }
        for id in order {
            if let failure = whole[id] { handle(.sendFailed(instance: id, failure), at: now) }
        }
    }
}
