import Addressing
import FailoverCore
import VRRP

/// What the kernel answers, for the program and the reference model.
extension VirtualHost {
    /// Whether something has left.
    /// - Parameter advertisement: `nil` for a trial.
    mutating func tellResult(
        _ id: RouterID, of router: Int, _ advertisement: [UInt8]?, at now: Instant
    ) {
        if let advertisement {
            if advertisement[22] > 0, index(of: router).map({ core?.isMaster($0) == true }) == true {
                advertisedAt[router] = now
            }
            if !isMute { references[router].noteSent(priority: Int(advertisement[22]), at: now.sinceBoot.nanoseconds) }
        }
        if isMute {
            core?.handle(
                .sendFailed(instance: id, SendFailure(code: 1, text: "Operation not permitted")), at: now)
            references[router].noteFailure(at: now.sinceBoot.nanoseconds)
        } else if core?.isFailingToSend(id) == true {
            core?.handle(.sent(instance: id), at: now)
            // Whoever can send again begins as after any other fault.
            if references[router].cannotSend { startedAt = now }
            references[router].noteSuccess(at: now.sinceBoot.nanoseconds)
        }
    }

    /// A refused address is a fault of its virtual router, for a second.
    mutating func noteRefusal(of effect: Effect, _ result: RequestResult, at now: Instant) {
        guard case .addAddress(_, let assignment) = effect, case .refused(let refusal) = result,
            !refusal.saysAlreadyThere,
            let index = references.indices.first(where: { router in
                scenario.addresses(of: router).contains { scenario.sharedAddress($0) == assignment.key.prefix }
            }), [.claiming, .master, .listening, .leaving].contains(references[index].phase)
        else { return }
        references[index].shutdown(canSpeak: knowsLinkUp)
        refusedUntil[index] = now + .seconds(1)
    }
}
