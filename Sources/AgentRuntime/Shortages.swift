import Control
import EventLoop
import FailoverCore
import Kernel
import Reporting

/// What this host has too little room for: told in the journal when it begins and when it is over, and a finding meanwhile.
struct Shortages {
    enum Kind: Int, CaseIterable, Hashable {
        /// Which addresses this program has added.
        case addresses
        /// Which virtual routers this host is master of.
        case roles
        case handovers
        /// The last accepted configuration.
        case configuration
        /// The sockets that systemd keeps over a restart.
        case sockets
        /// What the kernel keeps of what arrives until it is read.
        case receiveBuffers
    }

    enum Change: Hashable {
        case began
        case ended
    }

    private var present: [Kind: FindingReport] = [:]

    var findings: [FindingReport] { Kind.allCases.compactMap { present[$0] } }

    /// - Parameter problem: `nil` where there is room for all.
    /// - Returns: what to tell; `nil` where it has been told.
    mutating func note(_ kind: Kind, _ problem: String?, advice: String? = nil) -> Change? {
        guard let problem else { return present.removeValue(forKey: kind) == nil ? nil : .ended }
        let finding = FindingReport(
            level: Health.Level.warning.rawValue, instance: nil, text: problem, advice: advice)
        return present.updateValue(finding, forKey: kind) == nil ? .began : nil
    }
}

extension Agent {
    /// - Parameter isTold: the journal knows of it already.
    func note(_ kind: Shortages.Kind, _ problem: String?, advice: String? = nil, isTold: Bool = false) {
        switch shortages.note(kind, problem, advice: advice) {
        case .began where !isTold: log.write(.warning, problem ?? "", kind.notice)
        case .ended: log.write(.notice, "\(kind.name): there is room for all of them again", kind.notice)
        default: break
        }
    }

    /// What has no room, as far as nobody has said so before.
    func noteShortOfRoom() {
        if let state {
            note(
                .addresses,
                state.shortage.map {
                    "\($0.count) of the addresses that this agent has added are not remembered: \($0.reason). Where the kernel is older "
                        + "than 5.18, a later start does not know them as its own and leaves them on their interface"
                }, advice: "make room: df /run/failover-agent")
        }
        noteSocketsKept()
        guard receiversAreOthers else { return }
        receiversAreOthers = false
        noteReceiveRoom()
    }

    private func noteSocketsKept() {
        guard let inheritance else { return }
        let (kept, unkept, most) = (inheritance.keptCount, inheritance.unkeptCount, DescriptorStore.capacity)
        note(
            .sockets,
            unkept == 0
                ? nil
                : "the receive sockets of \(unkept) \(unkept == 1 ? "interface" : "interfaces") are not kept over a restart of the agent, "
                    + "those of \(kept) are: systemd keeps \(most) descriptors. The next process opens the others anew, and does not hear what arrives there while "
                    + "none runs; roles and addresses stay all the same",
            advice: most < Self.mostDescriptors
                ? "systemctl edit failover-agent: [Service] FileDescriptorStoreMax=\(Self.mostDescriptors)" : nil)
    }

    /// As many have names that fit: `DescriptorStore.longestNames`.
    private static let mostDescriptors = 3400

    func noteConfigurationKept() {
        note(.configuration, keeper?.problem, advice: "make room: df /var/lib/failover-agent")
    }

    func note(rolesNotKept shortage: (count: Int, reason: String)?) {
        note(
            .roles,
            shortage.map {
                "the roles of \($0.count) virtual routers are not kept: \($0.reason). When the agent is restarted or killed, another host "
                    + "takes their addresses"
            }, advice: "make room: df /run/failover-agent")
    }
}

extension Shortages.Kind {
    fileprivate var notice: Notice? { self == .receiveBuffers ? nil : .stateNotKept }

    fileprivate var name: String {
        switch self {
        case .addresses: "the addresses that this agent has added"
        case .roles: "the roles of the virtual routers"
        case .handovers: "the handovers"
        case .configuration: "the accepted configuration's files"
        case .sockets: "the sockets that are kept over a restart"
        case .receiveBuffers: "the packets that arrive"
        }
    }
}
