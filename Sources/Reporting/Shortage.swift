package import FailoverCore

/// What this host has too little room for: something that the next process needs is not kept, or what arrives may be lost.
package enum Shortage: Hashable, Sendable {
    /// No state file could be opened at the start; the journal has said why.
    case noStateFile
    /// Addresses that this program has added.
    case addressesNotKept(count: Int, reason: String)
    /// No role file could be opened.
    case noRoleFile(reason: String)
    /// Of which virtual routers this host is master.
    case rolesNotKept(count: Int, reason: String)
    case noHandoverFile(reason: String)
    case handoversNotKept(count: Int, reason: String)
    case configurationNotKept(reason: String)
    /// What scripts have said, and what they were told.
    case scriptsNotKept(reason: String)
    /// The sockets of so many interfaces, beside those that systemd keeps; it keeps `most` descriptors.
    /// - Parameter possible: how many it could keep; `nil` where it keeps as many.
    case socketsNotKept(interfaces: Int, kept: Int, most: Int, possible: Int?)
    /// A receive socket has room for so many advertisements, and so many bytes are needed for those that may arrive.
    case receiveBuffersSmall(room: Int, needed: Int, milliseconds: Int, bytes: Int)

    /// What there is too little room for. As `FindingName`: programs know it by that.
    package enum Name: String, Hashable, Sendable, CaseIterable {
        case addressesNotKept
        case rolesNotKept
        case handoversNotKept
        /// The last accepted configuration.
        case configurationNotKept
        /// What scripts have said, and what they were told.
        case scriptsNotKept
        /// The sockets that systemd keeps over a restart.
        case socketsNotKept
        /// What the kernel keeps of what arrives until it is read.
        case receiveBuffersSmall
    }

    package var name: Name {
        switch self {
        case .noStateFile, .addressesNotKept: .addressesNotKept
        case .noRoleFile, .rolesNotKept: .rolesNotKept
        case .noHandoverFile, .handoversNotKept: .handoversNotKept
        case .configurationNotKept: .configurationNotKept
        case .scriptsNotKept: .scriptsNotKept
        case .socketsNotKept: .socketsNotKept
        case .receiveBuffersSmall: .receiveBuffersSmall
        }
    }

    package var level: Health.Level { .warning }

    /// A sentence for people.
    package var text: String {
        switch self {
        case .noStateFile: "no state is kept: the journal says why, since the start"
        case .addressesNotKept(let count, let reason):
            "\(count) of the addresses that this agent has added are not remembered: \(reason). Where the kernel is older "
                + "than 5.18, a later start does not know them as its own and leaves them on their interface"
        case .noRoleFile(let reason): "no roles are kept: \(reason)"
        case .rolesNotKept(let count, let reason):
            "the roles of \(count) virtual routers are not kept: \(reason). When the agent is restarted or killed, another host "
                + "takes their addresses"
        case .noHandoverFile(let reason): "handovers are not kept: \(reason)"
        case .handoversNotKept(let count, let reason):
            "the \(count) handovers are not kept: \(reason). A restart of the agent, or of this host, ends them"
        case .configurationNotKept(let reason):
            "the accepted configuration is not kept: \(reason). When its file is broken at a later start, after a reboot for "
                + "example, the agent does not start, and when nobody confirms a reload, a restart begins with the new file all the same"
        case .scriptsNotKept(let reason):
            "what scripts have said is not kept: \(reason). After a restart the agent asks anew, and notify scripts may be run once more "
                + "for the same state"
        case .socketsNotKept(let interfaces, let kept, let most, _):
            "the receive sockets of \(interfaces) \(interfaces == 1 ? "interface" : "interfaces") are not kept over a restart of "
                + "the agent, those of \(kept) are: systemd keeps \(most) descriptors. The next process opens the others anew, and does "
                + "not hear what arrives there while none runs; roles and addresses stay all the same"
        case .receiveBuffersSmall(let room, let needed, let milliseconds, _):
            "a receive socket holds \(room) advertisements, and \(needed) may arrive within \(milliseconds) ms: when this host is "
                + "busy for so long, advertisements are lost, and takeovers put off"
        }
    }

    /// What to type; `nil` where that depends.
    package var advice: String? {
        switch self {
        case .noStateFile, .noRoleFile, .noHandoverFile: nil
        case .addressesNotKept, .rolesNotKept, .scriptsNotKept: "make room: df /run/failover-agent"
        case .handoversNotKept, .configurationNotKept: "make room: df /var/lib/failover-agent"
        case .socketsNotKept(_, _, _, let possible):
            possible.map { "systemctl edit failover-agent: [Service] FileDescriptorStoreMax=\($0)" }
        case .receiveBuffersSmall(_, _, _, let bytes):
            "sysctl -w net.core.rmem_max=\(bytes), outside of containers; then: systemctl restart failover-agent"
        }
    }
}

extension Shortage.Name {
    /// What the journal says when it is over.
    package var endText: String { "\(subject): there is room for all of them again" }

    private var subject: String {
        switch self {
        case .addressesNotKept: "the addresses that this agent has added"
        case .rolesNotKept: "the roles of the virtual routers"
        case .handoversNotKept: "the handovers"
        case .configurationNotKept: "the accepted configuration's files"
        case .scriptsNotKept: "what scripts have said"
        case .socketsNotKept: "the sockets that are kept over a restart"
        case .receiveBuffersSmall: "the packets that arrive"
        }
    }
}
