package import FailoverCore

extension Event.Kind {
    /// All that the journal has to know about a kind of event. A new kind has to be declared here, and in systemd/failover-agent.catalog.
    package struct Declaration: Hashable, Sendable {
        /// MESSAGE_ID: 32 hexadecimal digits. A kind that means something else later gets new ones.
        package var messageID: String
        /// How much it matters to whoever reads the log.
        package var severity: JournalEntry.Severity
        /// How many of the kind are told in a minute for an instance. Changes of state are what people look for: of them many.
        package var mostInMinute: UInt8

        fileprivate init(_ messageID: String, _ severity: JournalEntry.Severity, mostInMinute: UInt8 = 5) {
            self.messageID = messageID
            self.severity = severity
            self.mostInMinute = mostInMinute
        }
    }

    package var declaration: Declaration {
        switch self {
        case .becameMaster: Declaration("476a1e9c91354e668dcce1e37434d1bd", .notice, mostInMinute: 30)
        case .becameBackup: Declaration("27dff6b4aef44c5fb9935c4f7bee0f53", .notice, mostInMinute: 30)
        case .enteredFault: Declaration("5c77cf3b25cf48f08640644016d46c0d", .warning, mostInMinute: 30)
        case .startedLeaving: Declaration("68d6356810c8409283a017cc4ed142f3", .notice)
        case .stopped: Declaration("eed460473a884c8bbf90e52595e160a5", .notice, mostInMinute: 30)
        case .groupChanged: Declaration("4a0f6d1be3c34b6a9d0c27a1f58e7c92", .notice, mostInMinute: 30)
        case .priorityChanged: Declaration("9c32173f83c54545b882e755d091ebb8", .notice, mostInMinute: 30)
        case .masterHeard: Declaration("c2e3cbe1a7e5471e94e272ea894f794e", .info)
        case .contested: Declaration("7839eed989b74f58b6d120f5d3d9abfa", .notice)
        case .splitBrain: Declaration("0015afcecd004c96bde65b33b43fadc7", .warning)
        case .addressAdded: Declaration("89011555a09e4e55826643c05dd54570", .info)
        case .addressRemoved: Declaration("85917b740d3b496795b29fdd89dfeed5", .info)
        case .addressRestored: Declaration("ba92a0ba195d40c3af80c69249c37772", .notice)
        case .addressRefitted: Declaration("3eba0de3aed74a88a39eb8a358eb142b", .info)
        case .leftoverRemoved: Declaration("63bf69c90f9e4863b60c7d687ee1a251", .notice)
        case .refused: Declaration("fce21134a7ad4c37b152b6a999a212ea", .error)
        case .addressIsHostsOwn: Declaration("013cadc12b1f4fa1a7a646552b6dbf78", .warning)
        case .detectionFailed: Declaration("6b0de0a4c52f4e7d9f1c83b27a5e4d16", .warning)
        case .packetsDropped: Declaration("bdd7935301514f88b820d5634f7b9ee7", .warning)
        case .addressesDiffer: Declaration("71145a6f27b34847a896112bd0800121", .warning)
        case .sendsAgain: Declaration("5b7de2a4916c4f0883dfa1c62e90b745", .notice)
        case .anotherCluster: Declaration("3f0d2b7c8e914a6fb5a7c1d94e2f6081", .error)
        case .addressOnTwoHosts: Declaration("8c41e6a0d7f24b13967b2a5c0e9d4f37", .error)
        case .splitEnded: Declaration("d2a95f13b06e4c7d8f31e7a4c95b0268", .notice)
        case .sendFailed: Declaration("1e7a0230c8a6423b87973c839c6a0c5a", .error)
        case .takeoverPostponed: Declaration("29b2ea6dbdd940f8af1c970cdd388aeb", .warning)
        case .lapsed: Declaration("318a4114a3f04536a14a8cefa9f6a975", .warning)
        case .resumed: Declaration("59b20f407a424d9f9955ceda76ff83e2", .notice)
        case .packetsLost: Declaration("66280f5a091044b292f9dff84b8927e1", .warning)
        case .addressConflict: Declaration("503e18e57a1f485e8d00e9d0a5d08d3a", .warning)
        case .strayAddress: Declaration("c1d5e7f20a8f4d0f9a3b6b7f5f0e2a91", .warning)
        case .inboundFiltered: Declaration("5e0c9d6c3f2b4e55b6a1c8d7e4f9a0b2", .error)
        case .handoverEnded: Declaration("b88667a247d24a3aa897e5708ea53ec4", .notice)
        case .repaired: Declaration("b7d711d60bc6471eb00da6c58f1cfaf3", .error)
        case .routeAdded: Declaration("6d1f0a3e8f0c4b7e9a51c2d47be80913", .info, mostInMinute: 30)
        case .routeRemoved: Declaration("0b7c94e25d3a4f18b6e9d1a83c5f7204", .info, mostInMinute: 30)
        case .routeRestored: Declaration("c83e51f7a9b24d60815f3e0d92a7b46c", .warning, mostInMinute: 30)
        case .routeRefused: Declaration("f2a6d8b04c1e4793a85d6e7f10b39c52", .error)
        case .macvlanMade: Declaration("c968ba05540e4684a8fa273b56a46963", .info)
        case .macvlanSwitched: Declaration("93a789e3311b416e9c7cdea37d3d0040", .info, mostInMinute: 30)
        case .macvlanRemoved: Declaration("847a27a2f7174020baa18d17a091cc83", .info)
        case .macvlanRefused: Declaration("433739feef344f43a172e4eb215dc56f", .error)
        case .reloaded: Declaration("9f3c5c0a7d1b4c0e8a52d1f6b7e3a4c8", .notice)
        }
    }
}
