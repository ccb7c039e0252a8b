import EventLoop
import FailoverCore
import Kernel
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

    /// How often to listen, and how long at the start.
    private static let period = Duration.seconds(30)
    private static let firstSpan = Duration.seconds(5)

    init(_ agent: Agent, loop: EventLoop) throws {
        self.agent = agent
        self.loop = loop
        let now = Agent.now()
        nextAudit = now + Core.auditInterval
        listensUntil = now + Self.firstSpan
        nextListening = now
        timer = try EventSource.timer(in: loop, urgency: .signal) { [unowned self] in
            look()
        }
        look()
    }

    /// Listens soon: something has changed that another daemon may have to do with.
    func suspect() {
        guard !watch.isOpen else { return }
        nextListening = Agent.now()
        timer?.fire(at: nextListening.sinceBoot)
    }

    private func look() {
        let now = Agent.now()
        if now >= nextAudit {
            nextAudit = now + Core.auditInterval
            agent.inheritance?.discardRest()
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
        timer?.fire(at: min(nextAudit, watch.isOpen ? listensUntil : nextListening).sinceBoot)
    }

    private func listen() {
        do {
            let number = try watch.open()
            agent.core.beginListening()
            overheard = try EventSource.readable(number, in: loop, urgency: .signal) { [unowned self] in
                watch.receive { bytes, interface, leaves in
                    if leaves {
                        agent.core.overhear(bytes, leaving: interface, at: Agent.now())
                    } else {
                        agent.core.see(bytes, on: interface)
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
        overheard = nil
        watch.close()
        agent.core.endListening()
        agent.pass()
    }
}
