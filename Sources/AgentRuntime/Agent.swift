import Addressing
import Configuration
import Control
import EventLoop
import FailoverCore
import Glibc
import Kernel
import Reporting
import Scripts
import VRRP

/// The wiring: system events in, the core's effects out. It decides nothing about addresses and masters.
final class Agent {
    let log: Log
    /// What the configuration in use says beside its instances.
    var commonSettings: Configuration
    let loop: EventLoop
    var core: Core

    // The kernel.
    let monitor: RouteMonitor
    let requests: RouteRequests
    let sender: AdvertisementSender
    let announcer: AddressAnnouncer
    let state: StateFile?
    let roles: RoleFile?
    let inheritance: Inheritance?
    let keeper: ConfigurationKeeper?
    let handovers: HandoverBook?
    var shortages = Shortages()
    var lostAnnouncements = LostAnnouncements()
    /// They, or what they are to hear, were others when their room was looked at.
    var receiversAreOthers = true

    // What people asked for.
    /// What to return to unless the present configuration is confirmed.
    var fallback: ReloadFallback?
    var reloads = Reloads()
    var confirmation: EventSource?
    /// Other interfaces of instances that name none, which could not be used.
    var refusedMoves: [InterfaceMove] = []
    /// The file was broken at the start: the configuration of an earlier run is in use.
    var isOnLastAccepted = false
    /// Nobody has confirmed what the file says: the configuration before is in use.
    var isFileRejected = false
    /// Whose members may change what the agent does.
    var adminGroup: UInt32?
    let poll: PollSet
    var receivers: [InterfaceFamily: any AdvertisementReceiver] = [:]
    var slots = ReceiveSlots()
    var slotsOfIPv6 = ReceiveSlots(size: ReceiveSlots.sizeOfIPv6)
    /// From which packets were read since the kernel was asked what it has dropped.
    var mayHaveLost: Set<InterfaceFamily> = []
    var claimReceivers: [InterfaceFamily: ClaimReceiver] = [:]
    /// By macvlan, and for which of its parent's virtual routers each hears.
    var macvlanReceivers: [InterfaceIndex: (receiver: MacvlanReceiver, place: InterfaceFamily)] = [:]
    var duties = TurnDuties(readsTable: true)

    // The loop's sources.
    private var sources: [EventSource] = []
    var timer: EventSource?
    private(set) var control: ControlServer?
    /// What is done with `failover-scripts`; `nil` where nobody serves.
    private(set) var desk: RunnerDesk?
    private(set) var socketPath = ""
    private(set) var housekeeping: Housekeeping?
    private(set) var isStopping = false

    let startedAt = Agent.now()
    let history = History(epoch: Clocks.sinceEpoch())
    /// Counts the configurations that were taken since the start.
    var generation = 0
    /// Why the socket's group is not the one that the configuration names.
    var socketGroupProblem: AgentFinding?

    /// Which events have been told often enough.
    var repeats = RepeatLimiter()

    /// An instance's state has changed since the service manager was told.
    var statesHaveChanged = false

    /// With so few, reading the configuration has left less than a megabyte of free memory in the heap.
    static let fewInstances = 300

    /// Events of rtnetlink that were taken in one by one while more were waiting.
    var backlog = 0
    /// What was ready when it was asked last in this turn; `nil` once it was looked at.
    var readyTokens: [UInt64]?
    /// The kernel was asked for something: its events are there to be read.
    var hasAskedKernel = false

    /// When a slow call is made at the latest, while one waits.
    var nextSlowCall: Instant?

    /// What the poll set answers for the event socket; interfaces have their own tokens.
    static let monitorToken: UInt64 = 0
    /// For the events about routes and rules.
    static let routingToken: UInt64 = 1
    /// Where routes or rules come and go here.
    var routingWatch: RoutingWatch?

    /// - Parameters:
    ///   - roles: whose master this host was, and is.
    ///   - inheritance: the sockets of an earlier process.
    init(
        configuration: Configuration, state: StateFile?, roles: RoleFile? = nil, inheritance: Inheritance? = nil,
        keeper: ConfigurationKeeper? = nil, handovers: HandoverFile? = nil, log: Log
    ) throws {
        self.log = log
        self.keeper = keeper
        self.handovers = handovers.map { HandoverBook($0) }
        self.roles = roles
        self.inheritance = inheritance
        commonSettings = configuration.withoutInstances
        history.makeRoom(forInstances: configuration.instances.count)
        self.state = state
        loop = try EventLoop()
        monitor = try RouteMonitor()
        requests = try RouteRequests()
        sender = try AdvertisementSender()
        announcer = try AddressAnnouncer()
        poll = try PollSet()
        Rehearsal.play(configuration.instances.first, with: requests, announcer)
        let fingerprints = configuration.instances.map(\.fingerprint)
        core = Core(
            configuration, remembered: state?.found ?? [:],
            adoptable: roles.map {
                Adoption.candidates(
                    fingerprints, in: $0.found, isInOrder: $0.continuesInOrder, at: Clocks.sinceBoot())
            } ?? [:],
            at: Self.now())
        note(rolesNotKept: roles?.begin(fingerprints))
        adminGroup = configuration.adminGroup.flatMap { PeerCredentials.group(named: $0) }
        if let handovers { core.restore(handovers.orders(now: Self.now(), epoch: Clocks.sinceEpoch())) }
    }

    static func now() -> Instant {
        Instant(sinceBoot: Clocks.sinceBoot())
    }

    /// Runs until told to stop.
    /// - Parameter socket: where clients ask.
    /// - Returns: the exit code.
    /// - Parameter scripts: what there is to be run.
    func run(_ socket: ListeningSocket, scripts: ScriptSetting? = nil) throws -> Int32 {
        for number in [SIGTERM, SIGINT] {
            sources.append(
                try EventSource.signal(number, in: loop) { [unowned self] in
                    stop()
                })
        }
        sources.append(
            try EventSource.signal(SIGHUP, in: loop) { [unowned self] in
                _ = reload(isPlan: false, confirmSeconds: nil)
            })
        try sources.append(answerHabitSignals(in: loop))
        try poll.add(monitor.number, token: Self.monitorToken)
        watchRouting()
        sources.append(
            try EventSource.readable(poll.number, in: loop, urgency: .election) { [unowned self] in
                pass()
            })
        timer = try EventSource.timer(in: loop, urgency: .election) { [unowned self] in
            pass()
        }
        confirmation = try EventSource.timer(in: loop, urgency: .control) { [unowned self] in
            returnToConfirmed()
        }
        control = try ControlServer(socket, loop: loop, agent: self)
        socketPath = socket.path
        shareSocket()
        if let scripts {
            desk = try RunnerDesk(self, plan: scripts.plan, path: scripts.path, file: scripts.file, loop: loop)
        }
        pass()
        desk?.tellStates()
        desk?.work()
        housekeeping = try Housekeeping(self, loop: loop)
        // Where it is little, a takeover would only have to get it back.
        if configuration.instances.count > Self.fewInstances { OwnMemory.giveBack() }
        OwnMemory.dropStartupCode()
        OwnMemory.keepResident()
        ServiceManager.notify(.ready)
        return try loop.run()
    }

    /// Removes every address that this program has added, in this run or an earlier one. For an agent that does not run.
    func removeLeftovers() {
        // Requests are answered at once; only a table that keeps changing under the dump takes more than one turn.
        for _ in 0..<100 {
            let now = Self.now()
            if duties.readsTable, readTable(at: now) { duties.readsTable = false }
            carryOut()
            if !duties.readsTable { break }
            Clocks.sleep(.milliseconds(1))
        }
    }

    /// How long the service manager may take to say whether a stop is a restart: nobody advertises meanwhile, and a backup waits
    /// for three intervals.
    private var answerTime: Duration {
        let shortest = zip(core.routers, configuration.instances).filter { core.isMaster($0.0) }
            .map(\.1.advertisementInterval).min()
        return min(max((shortest ?? .seconds(1)) * 2, .milliseconds(50)), .seconds(1))
    }

    private func stop() {
        if !isStopping, roles != nil {
            // Whoever hears nothing for a while shall have heard something now.
            pass()
            core.advertiseAhead(at: Self.now())
            carryOut()
            if ServiceManager.pendingJob(within: answerTime) == .restart {
                // The next process begins with what is confirmed, and goes on only where it finds that in use.
                returnToConfirmed()
                makeWay()
                return
            }
        }
        isStopping = true
        log.write(.notice, "told to stop", .toldToStop)
        ServiceManager.notify(.stopping)
        core.handle(.stop, at: Self.now())
        pass()
    }

    /// Ends this process and leaves everything to the next one: roles, addresses, and the sockets that systemd keeps.
    private func makeWay() {
        log.write(.notice, "told to restart: the next process goes on", .toldToRestart)
        ServiceManager.notify(.stopping)
        core.advertiseAhead(at: Self.now())
        carryOut()
        // The next process may never come, and then nobody asks this program once more.
        Interregnum.begin(core.ownAddresses.compactMap { core.table.address($0) }, requests)
        control?.sayGoodbye()
        desk?.keepAll()
        roles?.noteOrderlyEnd()
        ServiceManager.tellLast()
        loop.exit()
    }

    /// How long to listen for another daemon that advertises at the configured intervals.
    var listeningSpan: Duration {
        let longest = core.longestInterval
        return min(longest * 5 / 2 + .milliseconds(400), .seconds(30))
    }

    // MARK: - Telling

    func updateStatusLine() {
        guard statesHaveChanged else { return }
        statesHaveChanged = false
        housekeeping?.suspect()
        let parts = [
            ("master of", InstanceState.master), ("backup of", .backup), ("fault in", .fault), ("leaving", .leaving),
            ("stopped", .stopped),
        ].compactMap { words, state in
            let count = core.count(of: state)
            return count > 0 ? "\(words) \(count)" : nil
        }
        var line = parts.joined(separator: ", ")
        if isOnLastAccepted { line += "; the configuration has errors, the last accepted one is in use" }
        ServiceManager.notify(.status(line))
    }
}
