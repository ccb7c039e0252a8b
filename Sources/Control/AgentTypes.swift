/// The types of `io.failoveragent.Agent` as Swift values. The interface description says what each field means.
package struct InstanceReport: Hashable, Sendable, Codable {
    package struct Address: Hashable, Sendable, Codable {
        package var address: String
        package var interface: String
        package var present: Bool
        package var hostsOwn: Bool
        package var contested: Bool
        package var conflict: String?

        package init(
            address: String, interface: String, present: Bool, hostsOwn: Bool, contested: Bool = false,
            conflict: String? = nil
        ) {
            self.address = address
            self.interface = interface
            self.present = present
            self.hostsOwn = hostsOwn
            self.contested = contested
            self.conflict = conflict
        }
    }

    package struct Route: Hashable, Sendable, Codable {
        package var text: String
        package var kind: String
        package var present: Bool
        package var contested: Bool
        package var problem: String?

        package init(text: String, kind: String, present: Bool, contested: Bool = false, problem: String? = nil) {
            self.text = text
            self.kind = kind
            self.present = present
            self.contested = contested
            self.problem = problem
        }
    }

    package struct VirtualMAC: Hashable, Sendable, Codable {
        package var interface: String
        package var address: String
        package var active: Bool

        package init(interface: String, address: String, active: Bool) {
            self.interface = interface
            self.address = address
            self.active = active
        }
    }

    package struct Master: Hashable, Sendable, Codable {
        package var address: String
        package var priority: Int

        package init(address: String, priority: Int) {
            self.address = address
            self.priority = priority
        }
    }

    package struct Counters: Hashable, Sendable, Codable {
        package var advertisementsSent: UInt64 = 0
        package var advertisementsReceived: UInt64 = 0
        package var resignationsSent: UInt64 = 0
        package var resignationsReceived: UInt64 = 0
        package var becameMaster: UInt64 = 0
        package var sendErrors: UInt64 = 0
        package var addressListDifferences: UInt64 = 0
        package var pseudoHeaderChecksums: UInt64 = 0
        package var plainChecksums: UInt64 = 0
        package var takeoversPostponed: UInt64 = 0
        package var dropped: [String: UInt64] = [:]
        package var defences: UInt64 = 0

        package init() {}
    }

    package struct Handover: Hashable, Sendable, Codable {
        package var requestedBy: String
        package var requestedAt: String
        package var secondsLeft: Double?
        package var never: Bool

        package init(requestedBy: String, requestedAt: String, secondsLeft: Double?, never: Bool) {
            self.requestedBy = requestedBy
            self.requestedAt = requestedAt
            self.secondsLeft = secondsLeft
            self.never = never
        }
    }

    package struct PeerReport: Hashable, Sendable, Codable {
        package var address: String
        package var priority: Int?
        package var secondsSinceHeard: Double?
        package var advertisements: UInt64
        package var addressesDiffer: Bool
        package var dropped: [String: UInt64]
        package var droppedInLastMinute: [String: UInt64]
        package var intervalDiffers = false

        package init(
            address: String, priority: Int? = nil, secondsSinceHeard: Double? = nil, advertisements: UInt64 = 0,
            addressesDiffer: Bool = false, dropped: [String: UInt64] = [:], droppedInLastMinute: [String: UInt64] = [:]
        ) {
            self.address = address
            self.priority = priority
            self.secondsSinceHeard = secondsSinceHeard
            self.advertisements = advertisements
            self.addressesDiffer = addressesDiffer
            self.dropped = dropped
            self.droppedInLastMinute = droppedInLastMinute
        }
    }

    package struct ScriptRun: Hashable, Sendable, Codable {
        package var number: Int
        package var outcome: String
        package var code: Int
        package var milliseconds: Int
        package var output: String
        package var millisecondsToNext: Int
        package var text: String

        package init(
            number: Int, outcome: String, code: Int, milliseconds: Int, output: String, millisecondsToNext: Int,
            text: String
        ) {
            self.number = number
            self.outcome = outcome
            self.code = code
            self.milliseconds = milliseconds
            self.output = output
            self.millisecondsToNext = millisecondsToNext
            self.text = text
        }
    }

    package struct Tracker: Hashable, Sendable, Codable {
        package var kind: String
        package var name: String
        package var weight: Int
        package var reverse: Bool
        package var state: String
        package var number: Int?
        package var secondsInState: Double?
        package var text: String
        package var effect: String
        package var lastRun: ScriptRun?

        package init(
            kind: String, name: String, weight: Int, reverse: Bool, state: String, number: Int? = nil,
            secondsInState: Double? = nil, text: String, effect: String
        ) {
            self.kind = kind
            self.name = name
            self.weight = weight
            self.reverse = reverse
            self.state = state
            self.number = number
            self.secondsInState = secondsInState
            self.text = text
            self.effect = effect
        }
    }

    package var name: String
    package var state: String
    package var since: String
    package var secondsInState: Double
    package var reason: String
    package var interface: String
    package var virtualRouterId: Int
    package var version: Int
    package var priority: Int
    package var master: Master?
    package var handover: Handover?
    package var inboundFiltered: Bool
    package var addresses: [Address]
    package var peers: [PeerReport] = []
    package var findings: [FindingReport] = []
    package var secondsToNextStep: Double?
    package var next = ""
    package var configuredPriority: Int?
    package var group: String?
    package var groupMembers: [String]?
    package var trackers: [Tracker]?
    package var routes: [Route]?
    package var virtualMac: VirtualMAC?
    package var counters: Counters

    package init(
        name: String, state: String, since: String, secondsInState: Double, reason: String, interface: String,
        virtualRouterId: Int, version: Int, priority: Int, master: Master? = nil, handover: Handover? = nil,
        inboundFiltered: Bool = false, addresses: [Address] = [], counters: Counters = Counters()
    ) {
        self.name = name
        self.state = state
        self.since = since
        self.secondsInState = secondsInState
        self.reason = reason
        self.interface = interface
        self.virtualRouterId = virtualRouterId
        self.version = version
        self.priority = priority
        self.master = master
        self.handover = handover
        self.inboundFiltered = inboundFiltered
        self.addresses = addresses
        self.counters = counters
    }
}

/// Something that is not as it should be.
package struct FindingReport: Hashable, Sendable, Codable {
    package var level: String
    package var instance: String?
    package var text: String
    package var advice: String?
    package var code: String?

    package init(level: String, instance: String?, text: String, advice: String? = nil, code: String? = nil) {
        self.level = level
        self.instance = instance
        self.text = text
        self.advice = advice
        self.code = code
    }
}

/// The reply to `GetStatus`.
package struct StatusReport: Hashable, Sendable, Codable {
    package var version: String
    package var started: String
    package var uptime: Double
    package var configuration: String
    package var onLastAccepted: Bool
    package var unconfirmed: Bool
    package var states: [String: Int]
    package var health: String
    package var findings: [FindingReport]
    package var strays: [String: UInt64]
    package var findingCount: Int?

    package init(
        version: String, started: String, uptime: Double, configuration: String, onLastAccepted: Bool,
        unconfirmed: Bool,
        states: [String: Int], health: String, findings: [FindingReport], strays: [String: UInt64]
    ) {
        self.version = version
        self.started = started
        self.uptime = uptime
        self.configuration = configuration
        self.onLastAccepted = onLastAccepted
        self.unconfirmed = unconfirmed
        self.states = states
        self.health = health
        self.findings = findings
        self.strays = strays
    }
}

/// The parameters of a reply to `ListInstances`.
package struct ListInstancesReply: Hashable, Sendable, Codable {
    package var instance: InstanceReport

    package init(instance: InstanceReport) {
        self.instance = instance
    }
}

/// What a change is asked for with.
package struct HandoverRequest: Hashable, Sendable {
    /// Which instances, by place in the configuration.
    package var instances: [Int]
    package var seconds: Int?
    package var isForced: Bool
    package var neverClaims: Bool
    /// Who asks, for people.
    package var requestedBy: String
}

/// An instance that somebody asked about, whatever a reload makes of its name or its place meanwhile.
package struct AskedInstance: Hashable, Sendable {
    /// The one by which it was asked for.
    package var name: String
    /// By which the agent knows it again. Of this run of the program alone, and never shown.
    package var key: Int

    package init(name: String, key: Int) {
        self.name = name
        self.key = key
    }
}

/// What became of a handover.
package enum HandoverResult: Hashable, Sendable {
    case underWay
    case done
    case nobodyTookOver(milliseconds: Int)
}

/// What became of a reload.
package enum ReloadResult: Hashable, Sendable {
    case changed([String], warnings: [String])
    case invalid([String])
}

/// What the agent says to a reload.
package enum ReloadAnswer: Hashable, Sendable {
    case done(ReloadResult)
    /// It waits for somebody; the number is for `reloadResult`.
    case underWay(Int)
}

/// Who calls.
package struct Caller: Hashable, Sendable {
    /// For people, such as "uid 1000".
    package var name: String
    /// Root, the agent's user, or a member of the admin group.
    package var mayChange: Bool

    package init(name: String, mayChange: Bool) {
        self.name = name
        self.mayChange = mayChange
    }
}

/// What the service can have the agent do.
package protocol AgentControl: AgentInformation {
    /// - Returns: the instances, in the order of the request.
    func handOver(_ request: HandoverRequest) -> [AskedInstance]
    func handoverResult(of instance: AskedInstance) -> HandoverResult
    /// - Returns: the names of those whose handover ended.
    func resume(_ instances: [Int]) -> [String]
    /// - Parameter confirmSeconds: after so many seconds without `confirm` the old configuration comes back.
    func reload(isPlan: Bool, confirmSeconds: Int?) -> ReloadAnswer
    /// - Returns: `nil` while it is under way.
    func reloadResult(_ number: Int) -> ReloadResult?
    /// - Returns: whether there was something to confirm.
    func confirm() -> Bool
    /// - Returns: whether there is such a level.
    func setLogLevel(_ level: String) -> Bool
}
