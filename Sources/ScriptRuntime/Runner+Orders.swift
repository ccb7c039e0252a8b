import EventLoop
import Glibc
import Kernel
import Scripts
import VRRP

/// What came over the socket and was of no use.
struct OrderCounts: Hashable {
    var malformed: UInt64 = 0
    var strangers: UInt64 = 0
    var unknown: UInt64 = 0
    /// How often each kind is told.
    var malformedBudget = LineBudget()
    var strangerBudget = LineBudget()
    var unknownBudget = LineBudget()
}

/// The agent connects, and gives orders.
extension Runner {
    /// So many orders are taken at a time.
    private static let mostOrders = 64
    /// So often as many are taken of an agent that another one follows.
    private static let mostLeft = 256

    func acceptAgents() {
        while let descriptor = socket.accept() {
            guard let peer = PeerCredentials(of: descriptor), peer.user == 0 || peer.user == agentUser else {
                orders.strangers &+= 1
                if orders.strangerBudget.take(at: now).isTold {
                    let user = PeerCredentials(of: descriptor)?.user
                    log.write(
                        .warning,
                        "user \(user.map(String.init) ?? "?") may not connect: only root and \(options.agentUser) may")
                }
                continue
            }
            let port = AgentPort(descriptor)
            do {
                try port.wait(in: loop) { [unowned self] in
                    readOrders()
                    pass()
                }
            } catch {
                log.write(.error, "can't take a connection: \(error)")
                continue
            }
            if self.port != nil {
                log.write(.notice, "an agent has connected: the one before it is let go")
            }
            // What the one before has said still counts.
            for _ in 0..<Self.mostLeft where self.port != nil && wantedPlan == nil { readOrders() }
            self.port = port
            wantedPlan = nil
            idleSince = nil
        }
        pass()
    }

    func losePort() {
        port = nil
        wantedPlan = nil
        idleSince = now
    }

    func readOrders() {
        for _ in 0..<Self.mostOrders {
            // One that waits for its plan keeps those behind it waiting: answers come in the order of the orders.
            guard let port, wantedPlan == nil else { return }
            switch port.next() {
            case .order(let order): obey(order)
            case .nothing: return
            case .closed:
                losePort()
                return
            case .malformed:
                orders.malformed &+= 1
                if orders.malformedBudget.take(at: now).isTold {
                    log.write(.warning, "the agent has sent what is no order: its connection is closed")
                }
                losePort()
                return
            }
        }
    }

    private func obey(_ order: RunnerOrder) {
        let now = self.now
        switch order {
        case .activate(let digest, let base, let isReload, let isStart):
            choose(PlanWish(digest: digest, base: base, isReload: isReload, isStart: isStart), at: now)
        case .notify(let digest, let object, let event):
            guard let plan = shelf.plan(digest), let subject = plan.subject(at: object) else {
                orders.unknown &+= 1
                if orders.unknownBudget.take(at: now).isTold {
                    log.write(.warning, "the agent tells of an object that no plan has: nothing is run")
                }
                return
            }
            take(event, about: subject, at: now)
        case .hook(let digest, let hook):
            guard let plan = shelf.plan(digest) else {
                orders.unknown &+= 1
                return
            }
            begin(hook, of: plan, at: now)
        }
    }
}
