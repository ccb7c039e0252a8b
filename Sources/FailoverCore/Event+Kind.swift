extension Event {
    /// What kind of event it is, by a name that programs know.
    package enum Kind: Hashable, Sendable, CaseIterable {
        case becameMaster
        case becameBackup
        case enteredFault
        case startedLeaving
        case stopped
        case priorityChanged
        case masterHeard
        case contested
        case splitBrain
        case addressAdded
        case addressRemoved
        case addressRestored
        case addressRefitted
        case leftoverRemoved
        case refused
        case addressIsHostsOwn
        case detectionFailed
        case packetsDropped
        case addressesDiffer
        case sendsAgain
        case anotherCluster
        case addressOnTwoHosts
        case splitEnded
        case sendFailed
        case takeoverPostponed
        case lapsed
        case resumed
        case packetsLost
        case addressConflict
        case strayAddress
        case inboundFiltered
        case handoverEnded
        case repaired
        case groupChanged
        case routeAdded
        case routeRemoved
        case routeRestored
        case routeRefused
        case macvlanMade
        case macvlanSwitched
        case macvlanRemoved
        case macvlanRefused
        case reloaded
    }

    package var kind: Kind {
        switch self {
        case .stateChanged(_, _, .master, _): .becameMaster
        case .stateChanged(_, _, .backup, _): .becameBackup
        case .stateChanged(_, _, .fault, _): .enteredFault
        case .stateChanged(_, _, .stopped, _): .stopped
        case .stateChanged(_, _, .leaving, _): .startedLeaving
        case .priorityChanged: .priorityChanged
        case .masterHeard: .masterHeard
        case .contested: .contested
        case .splitBrain: .splitBrain
        case .addressAdded: .addressAdded
        case .addressRemoved: .addressRemoved
        case .addressRestored: .addressRestored
        case .addressRefitted: .addressRefitted
        case .leftoverRemoved: .leftoverRemoved
        case .refused: .refused
        case .addressIsHostsOwn: .addressIsHostsOwn
        case .detectionFailed: .detectionFailed
        case .packetsDropped: .packetsDropped
        case .addressesDiffer: .addressesDiffer
        case .sendFailed: .sendFailed
        case .sendsAgain: .sendsAgain
        case .anotherCluster: .anotherCluster
        case .addressOnTwoHosts: .addressOnTwoHosts
        case .splitEnded: .splitEnded
        case .takeoverPostponed: .takeoverPostponed
        case .lapsed: .lapsed
        case .resumed: .resumed
        case .packetsLost: .packetsLost
        case .addressConflict: .addressConflict
        case .strayAddress: .strayAddress
        case .inboundFiltered: .inboundFiltered
        case .handoverEnded: .handoverEnded
        case .repaired: .repaired
        case .groupChanged: .groupChanged
        case .routingChanged(_, .added, _): .routeAdded
        case .routingChanged(_, .removed, _), .routingChanged(_, .leftoverRemoved, _): .routeRemoved
        case .routingChanged(_, .restored, _): .routeRestored
        case .routingChanged(_, .refused, _), .routingChanged(_, .removalRefused, _): .routeRefused
        case .macvlanChanged(_, .made, _), .macvlanChanged(_, .restored, _): .macvlanMade
        case .macvlanChanged(_, .switchedOn, _), .macvlanChanged(_, .switchedOff, _): .macvlanSwitched
        case .macvlanChanged(_, .removed, _), .macvlanChanged(_, .leftoverRemoved, _),
            .macvlanChanged(_, .removedChanged, _):
            .macvlanRemoved
        case .macvlanChanged(_, .refused, _), .macvlanChanged(_, .deaf, _): .macvlanRefused
        case .reloaded: .reloaded
        }
    }

    /// The instance that it is about, by name.
    package var instance: String? {
        switch self {
        case .stateChanged(let instance, _, _, _), .priorityChanged(let instance, _, _),
            .masterHeard(let instance, _, _), .contested(let instance, _, _),
            .splitBrain(let instance, _, _, _), .addressAdded(let instance, _, _), .addressRemoved(let instance, _, _),
            .addressRestored(let instance, _, _), .addressIsHostsOwn(let instance, _, _),
            .addressRefitted(let instance, _, _), .detectionFailed(let instance, _, _),
            .packetsDropped(let instance, _, _, _), .addressesDiffer(let instance, _), .sendFailed(let instance, _, _),
            .takeoverPostponed(let instance, _), .lapsed(let instance, _), .resumed(let instance),
            .handoverEnded(let instance), .addressConflict(let instance, _, _, _), .strayAddress(let instance, _, _, _),
            .inboundFiltered(let instance, _, _, _), .repaired(let instance, _),
            .anotherCluster(let instance, _, _, _, _),
            .addressOnTwoHosts(let instance, _), .splitEnded(let instance, _, _),
            .sendsAgain(let instance, _):
            instance
        case .routingChanged(let instance, _, _), .macvlanChanged(let instance, _, _): instance
        case .leftoverRemoved, .refused, .packetsLost, .groupChanged, .reloaded: nil
        }
    }
}
