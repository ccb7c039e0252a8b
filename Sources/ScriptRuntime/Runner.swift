import Configuration
import EventLoop
import Glibc
import Kernel
import Scripts
import VRRP

/// The program `failover-scripts`: one thread, which waits for nobody.
///
/// What is to be run and when is decided by the values of the room Scripts; here it is started, heard and ended, and the agent is told. Each event of the
/// loop ends with `pass`, which does what is due and sets the one timer.
final class Runner {
    let options: RunnerArguments
    let log: RunnerLog
    let loop: EventLoop
    let socket: ListeningSocket
    /// systemd made the socket, and starts this program again when somebody connects.
    let isStartedOnDemand: Bool

    // The agent.
    var port: AgentPort?
    let agentUser: UInt32?
    var orders = OrderCounts()
    /// A plan that is to be read, at this time: not more often than each `readingPause`.
    var wantedPlan: (wish: PlanWish, at: Instant)?
    var lastReading: Instant?
    var idleSince: Instant?

    // The plan.
    let files: PlanFiles
    var shelf: PlanShelf
    /// In use.
    var plan: ScriptPlan?
    var users = ScriptUsers()
    let environment: [String]

    // What is run and watched.
    let groups: RunGroups
    var running: [Int32: RunningScript] = [:]
    var lastNumber: UInt64 = 0
    var retries: [StartRetry] = []
    /// Runs that have ended, and have left something running that may still write.
    var lingering: [UInt64: RunningScript] = [:]
    static let mostLingering = 256
    var budgets: [String: LineBudget] = [:]
    /// What a script has said last: a check says the same thing again and again.
    var lastLines: [String: (line: String, at: Instant)] = [:]
    var table = CheckTable()
    /// Places in the plan of the table's checks.
    var checkPlaces: [UInt32] = []
    var desk = NotificationDesk()
    /// The last state taken for each object, and the last event that is none: after a new connection the agent says its last state again,
    /// whatever else it has said since.
    var lastEvents: [NotificationDesk.Key: LastEvents] = [:]
    /// The last state told of each object.
    var lastStates: [NotificationDesk.Key: NotifyEvent] = [:]
    var hooks: [Hook: HookRun] = [:]
    var hookStarts: [Hook: StartWindow] = [:]
    var initialWrites = StartWindow()
    var hookScripts: [Hook: (plan: SHA256.Digest, script: NotifyScript)] = [:]
    var pipes: [NotifyPipe] = []
    var trackFiles: [TrackedFile] = []
    var processes: [TrackedProcess] = []
    var processWatch: ProcessWatch?
    var folderWatch: FolderWatch?
    var nextLook: Instant?

    // The end.
    var stoppingSince: Instant?
    /// When scripts that read FIFOs and have not ended at SIGTERM are killed.
    var readersKillAt: Instant?
    private var timer: EventSource?
    private var sources: [EventSource] = []
    private var isPassing = false
    private var hasMore = false

    init(_ options: RunnerArguments, _ log: RunnerLog, socket: ListeningSocket, isStartedOnDemand: Bool) throws {
        self.options = options
        self.log = log
        self.socket = socket
        self.isStartedOnDemand = isStartedOnDemand
        loop = try EventLoop()
        agentUser = PeerCredentials.user(named: options.agentUser)
        groups = RunGroups(of: options.stateDirectory)
        files = PlanFiles(options)
        shelf = PlanShelf(earlier: files.earlier())
        environment = ScriptEnvironment.of(Self.ownEnvironment)
        if let problem = files.problem { log.write(.warning, "plans are not kept for the next run: \(problem)") }
        if !groups.areThere {
            log.write(
                .notice,
                "no control groups here: a script's processes are held together by its process group, which they can leave"
            )
        } else if !groups.limitsProcesses {
            log.write(.notice, "no limit for processes here: a script may start as many as it likes")
        }
    }

    var now: Instant { Instant(sinceBoot: Clocks.sinceBoot()) }

    /// Runs until it is told to stop.
    /// - Returns: the exit code.
    func run() throws -> Int32 {
        // Behind the agent and runs that have ended: where much is due at once it would always be first.
        timer = try EventSource.timer(in: loop, urgency: .bulk) { [unowned self] in pass() }
        sources = [
            try EventSource.readable(socket.number, in: loop, urgency: .control) { [unowned self] in acceptAgents() },
            try EventSource.signal(SIGCHLD, in: loop) { [unowned self] in pass() },
            try EventSource.signal(SIGTERM, in: loop) { [unowned self] in stop() },
            try EventSource.signal(SIGINT, in: loop) { [unowned self] in stop() },
        ]
        ServiceManager.notify(.ready)
        idleSince = now
        pass()
        let code = try loop.run()
        end()
        return code
    }

    // MARK: - Passes

    /// Does everything that is due, tells the agent, and sets the timer.
    func pass() {
        guard !isPassing else {
            hasMore = true
            return
        }
        isPassing = true
        repeat {
            hasMore = false
            // Before a deadline is held against them.
            takeEnded()
            let now = self.now
            advanceChecks(at: now)
            perform(desk.advance(to: now), at: now)
            advanceHooks(at: now)
            advancePipes(at: now)
            advanceTrackers(at: now)
            retryStarts(at: now)
            readWantedPlan(at: now)
            if groups.hasLeft { groups.tidy() }
            port?.send { [unowned self] in report(of: $0, at: now) }
        } while hasMore
        isPassing = false
        ServiceManager.tellRest()
        advanceEnd(at: now)
        if isDone(at: now) { loop.exit() }
        timer?.fire(at: deadline(after: now).map { max($0.sinceBoot, .zero) })
    }

    /// When there is something to do without an event.
    private func deadline(after now: Instant) -> Instant? {
        var deadlines = [table.deadline, desk.deadline(after: now), wantedPlan?.at, nextLook]
        deadlines += hooks.values.map(\.deadline) + pipes.map(\.deadline) + retries.map { $0.at }
        deadlines += processes.map { $0.quorum.deadline }
        // Groups whose processes go in their own time.
        if groups.hasLeft || stoppingSince != nil { deadlines.append(now + .milliseconds(200)) }
        if let idleSince, isIdle { deadlines.append(idleSince + Self.longestIdleness) }
        return deadlines.compactMap { $0 }.min()
    }

    // MARK: - The end

    /// So long nobody has to be there, and nothing to be run, until the program ends by itself.
    static let longestIdleness = Duration.seconds(5)
    /// So long notify scripts that run or wait may take at the end; the unit's TimeoutStopSec= is longer.
    static let longestEnd = Duration.seconds(80)

    private var isIdle: Bool {
        isStartedOnDemand && port == nil && (plan?.configuration.isEmpty ?? true) && running.isEmpty && desk.isQuiet
    }

    private func isDone(at now: Instant) -> Bool {
        if let stoppingSince {
            return now - stoppingSince >= Self.longestEnd || isQuiet && running.isEmpty && retries.isEmpty
        }
        guard isIdle, let idleSince else { return false }
        return now - idleSince >= Self.longestIdleness
    }

    /// What is to be told is told. Checks go on meanwhile: somebody may be master by them for as long as that takes.
    private func stop() {
        guard stoppingSince == nil else { return }
        stoppingSince = now
        ServiceManager.notify(.stopping)
        readOrders()
        pass()
    }

    /// No notify script and no hook runs or waits.
    private var isQuiet: Bool { desk.isQuiet && hooks.values.allSatisfy(\.isOver) }

    /// Checks end when nothing else is to be waited for.
    private func advanceEnd(at now: Instant) {
        guard stoppingSince != nil else { return }
        // What has come at last.
        readOrders()
        guard isQuiet else { return }
        perform(table.change(to: [], at: now))
        checkPlaces = []
    }

    private func end() {
        for run in running.values {
            log.write(.warning, "\(run.name): ended, for it has not come to its end")
            run.signal(SIGKILL)
        }
        pipes.forEach { $0.remove() }
    }

    private static var ownEnvironment: [String] {
        var result: [String] = []
        var variable = unsafe environ
        while let entry = unsafe variable.pointee {
            result.append(unsafe String(cString: entry))
            unsafe variable += 1
        }
        return result
    }
}
