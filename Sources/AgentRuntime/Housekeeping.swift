import Addressing
import EventLoop
import FailoverCore
import Kernel
import Reporting
import VRRP

/// What is done now and then: the core looks at itself, and the agent listens for other VRRP daemons on this host.
final class Housekeeping {
    private unowned let agent: Agent
    private let loop: EventLoop
    private let watch = RivalWatch(
        protocolNumber: Advertisement.protocolNumber, identification: Advertisement.identification)
    private var timer: EventSource?
    private var overheard: EventSource?
    private var nextAudit: Instant
    private var listensUntil: Instant
    private var nextListening: Instant
    private var nextCount: Instant
    private var rawSockets = RawSockets()
    private var rawSocketCount: Int?
    /// Why a file that somebody removed can't be made anew.
    private var renewalProblem: String?

    /// How often to listen, and how long at the start.
    private static let period = Duration.seconds(30)
    private static let firstSpan = Duration.seconds(5)
    /// How often to look whether another daemon has opened its sockets; where there are many interfaces, less often.
    private static let countPeriod = Duration.seconds(1)
    private static let countPeriodOfInterface = Duration.milliseconds(20)

    init(_ agent: Agent, loop: EventLoop) throws {
        self.agent = agent
        self.loop = loop
        let now = Agent.now()
        nextAudit = now + agent.core.auditPause
        listensUntil = now + Self.firstSpan
        nextListening = now
        nextCount = now
        timer = try EventSource.timer(in: loop, urgency: .signal) { [unowned self] in
            look()
        }
        look()
    }

    /// Listens soon: something has changed that another daemon, or a firewall, may have to do with. What was heard before does not count:
    /// if it listens already, it begins again when that is over.
    func suspect() {
        nextListening = Agent.now()
        guard !watch.isOpen else { return }
        timer?.fire(at: nextListening.sinceBoot)
    }

    /// Another daemon that is starting says nothing before it believes that there is no master: it does not hear this host.
    private func countSockets(at now: Instant) {
        nextCount = now + max(Self.countPeriod, Self.countPeriodOfInterface * agent.receivers.count)
        if rawSockets == nil { rawSockets = RawSockets() }
        let count = rawSockets?.count(protocolNumber: Advertisement.protocolNumber)
        guard count != rawSocketCount else { return }
        rawSocketCount = count
        listensUntil = max(listensUntil, now + agent.listeningSpan * 2)
        nextListening = now
    }

    /// The files that the next process needs: somebody may have removed them, systemd for one, where a second start fails.
    private func renewFiles() {
        var problem: String?
        for renew in [agent.state?.renewIfMissing, agent.roles?.renewIfMissing] {
            do {
                guard try renew?() == true else { continue }
                agent.log.write(
                    .warning, "somebody removed a file that keeps the state for the next start: it is made anew",
                    .stateNotKept)
            } catch {
                problem = "\(error)"
            }
        }
        // Once, however often it is tried.
        if let problem, problem != renewalProblem {
            agent.log.write(
                .warning, "somebody removed a file that keeps the state for the next start: \(problem)", .stateNotKept)
        }
        renewalProblem = problem
    }

    private func look() {
        let now = Agent.now()
        if now >= nextCount {
            countSockets(at: now)
            ServiceManager.tellRest()
            agent.control?.renewIfMissing(path: agent.socketPath)
            renewFiles()
            agent.followInterfaces()
            agent.desk?.noteUse(at: now)
            agent.noteShortOfRoom()
        }
        if now >= nextAudit {
            nextAudit = now + agent.core.auditPause
            agent.inheritance?.discardRest()
            agent.inheritance?.keepRest(agent.receivers)
            agent.repeats.forgetWhatIsOver(at: now)
            agent.core.audit(at: now)
            agent.pass()
        }
        if watch.isOpen {
            if now >= listensUntil {
                if agent.core.hasRivals {
                    listensUntil = now + Self.firstSpan
                } else {
                    stopListening()
                }
            }
        } else if now >= nextListening {
            listensUntil = max(listensUntil, now + agent.listeningSpan)
            nextListening = now + Self.period
            listen()
        }
        if SlowCalls.areWaiting { agent.pass() }
        timer?.fire(at: min(nextAudit, nextCount, watch.isOpen ? listensUntil : nextListening).sinceBoot)
    }

    private func listen() {
        do {
            let number = try watch.open()
            agent.core.beginListening()
            guard overheard == nil else { return }
            overheard = try EventSource.readable(number, in: loop, urgency: .signal) { [unowned self] in
                watch.receive { bytes, interface, hardwareAddress, leaves in
                    if leaves {
                        agent.core.overhear(bytes, leaving: interface, at: Agent.now())
                    } else {
                        agent.core.see(bytes, on: interface, from: hardwareAddress, at: Agent.now())
                    }
                }
                agent.pass()
            }
        } catch {
            watch.close()
            agent.log.write(.warning, "can't listen for other VRRP daemons on this host: \(error)")
        }
    }

    private func stopListening() {
        watch.close()
        agent.core.endListening { source, interface in
            // IPv6 has none.
            source.ipv4.map { IPv4ReversePathFilter.drops(what: $0, arrivesOn: interface) } ?? false
        }
        agent.pass()
    }
}
