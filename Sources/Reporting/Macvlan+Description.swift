import Addressing
import FailoverCore

extension MacvlanChange {
    /// - Parameter name: of the macvlan; for a change of settings, of the interface on top of which it lies.
    func words(_ name: String) -> String {
        switch self {
        case .made(let address): "made the macvlan \(name) with the virtual MAC address \(address)"
        case .restored(let address):
            "the macvlan \(name) had been deleted by somebody else; made it again with the virtual MAC address \(address)"
        case .switchedOn: "switched \(name) on"
        case .switchedOff: "switched \(name) off, with its IPv6 addresses"
        case .removed: "removed the macvlan \(name)"
        case .leftoverRemoved:
            "removed the macvlan \(name), which the configuration does not have, or an earlier run has left behind"
        case .removedChanged: "deleted the macvlan \(name): somebody had changed or renamed it; another one is made"
        case .refused(.set, let refusal):
            "the kernel refused to change arp_ignore and arp_announce of \(name): \(refusal.text)"
        case .refused(.setPromotion, let refusal):
            "the kernel refused to change promote_secondaries of \(name): \(refusal.text)"
        case .refused(let step, let refusal):
            "the kernel refused to \(step.words) the macvlan \(name): \(refusal.wordsOfMacvlan)"
        case .deaf(let reason):
            "can't listen on the macvlan \(name): \(reason); while this host is master it does not hear another master with the same "
                + "MAC address"
        }
    }

    var hardwareAddress: MACAddress? {
        switch self {
        case .made(let address), .restored(let address): address
        case .switchedOn, .switchedOff, .removed, .leftoverRemoved, .removedChanged, .refused, .deaf: nil
        }
    }
}

extension KernelRefusal {
    /// After "refused the macvlan".
    var wordsOfMacvlan: String {
        guard saysInUse else { return text }
        return "another link on the same interface, or the interface itself, has this hardware address (\(text))"
    }
}

extension MacvlanStep {
    /// After "refused to".
    fileprivate var words: String {
        switch self {
        case .make: "make"
        case .switchOn: "switch on"
        case .switchOff: "switch off"
        case .delete: "delete"
        case .setMTU: "change the MTU of"
        case .set, .setPromotion: "change the settings of"
        }
    }
}
