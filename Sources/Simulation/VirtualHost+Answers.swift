import Addressing
import FailoverCore
import VRRP

/// What the kernel answers, for the program and the reference model.
extension VirtualHost {
    /// Whether something leaves.
    /// - Returns: why it does not.
    func send(_ packet: AdvertisementOrder, of router: Int, at now: Instant) -> SendFailure? {
        let time = now.sinceBoot.nanoseconds
        if let priority = packet.priority {
            if priority > 0, program?.core.isMaster(packet.instance) == true { advertisedAt[router] = now }
            if !isMute { references[router].noteSent(priority: Int(priority), at: time) }
        }
        guard !isMute else {
            references[router].noteFailure(at: time)
            return SendFailure(code: 1, text: "Operation not permitted")
        }
        if program?.core.isFailingToSend(packet.instance) == true {
            // Whoever can send again begins as after any other fault.
            if references[router].cannotSend { startedAt = now }
            references[router].noteSuccess(at: time)
        }
        return nil
    }

    /// A refused address is a fault of its virtual router, for a second.
    func noteRefusal(of request: SystemRequest, _ result: RequestResult, at now: Instant) {
        guard case .add(let assignment) = request.kind, case .refused(let refusal) = result,
            !refusal.saysAlreadyThere,
            let index = references.indices.first(where: { router in
                scenario.addresses(of: router).contains { scenario.sharedAddress($0) == assignment.key.prefix }
            }), [.claiming, .master, .listening, .leaving].contains(references[index].phase)
        else { return }
        references[index].shutdown(canSpeak: knowsLinkUp)
        refusedUntil[index] = now + .seconds(1)
        // The others of its group give up their claims: what the kernel answers to those is no refusal of theirs any more.
        settleGroups(at: now)
    }
}
