import Configuration
import VRRP

/// Two masters at a time: a network that was cut in two heals.
extension Core {
    /// This host is master and hears a master that loses. One that it has just replaced says so once, which is no split.
    mutating func noteSplit(_ index: Int, loser: HeardAdvertisement, at now: Instant) {
        let instance = instances[index]
        record(.contested(instance: instance.name, by: loser.source, priority: loser.priority))
        let interval = instance.configuration.advertisementInterval
        if case .preempting? = instance.claimReason, now - instance.since < interval * 2 { return }
        if case .masterResigned? = instance.claimReason, now - instance.since < interval * 2 { return }
        record(
            .splitBrain(instance: instance.name, with: loser.source, lasted: now - instance.since, isWinner: true))
    }

    /// This host was master and yields. To the master whose silence made it claim: then both were master all the while.
    mutating func noteHeal(_ index: Int, winner: HeardAdvertisement, at now: Instant) {
        let instance = instances[index]
        guard case .masterSilent(let silent?, _)? = instance.claimReason, silent.address == winner.source
        else { return }
        record(
            .splitBrain(instance: instance.name, with: winner.source, lasted: now - instance.since, isWinner: false))
    }
}
