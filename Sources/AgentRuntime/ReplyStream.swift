import Control
import FailoverCore
import Kernel

/// The replies of a call that has many, made one by one as the client takes them.
struct ReplyStream {
    private enum Source {
        case status(StatusSurvey)
        case instances(InstanceWalk)
        case interfaces([String], next: Int)
        case events(after: Int, upTo: Int)
        /// First the instances, then what happens; after a reload the instances again.
        case watch(nextInstance: Int, after: Int, generation: Int)
        case metrics(MetricsText)
    }

    enum Step {
        case reply([UInt8])
        /// It is not ready yet, and goes on with the next call.
        case working
        /// Nothing has happened yet.
        case nothing
        /// The last one.
        case last([UInt8])
        /// The last one, and the connection ends with it.
        case hangUp([UInt8])
    }

    private var source: Source

    /// - Returns: `nil` for an answer that is no stream.
    init?(_ answer: VarlinkService.Answer, from agent: Agent) {
        switch answer {
        case .status: source = .status(StatusSurvey())
        case .instances: source = .instances(InstanceWalk(agent.core.routers))
        case .interfaces: source = .interfaces(agent.interfaceNames, next: 0)
        case .events(let sequence):
            // A number that there has not been yet is of another run, whose clock was ahead.
            let known = sequence <= agent.history.last ? sequence : 0
            source = .events(after: max(known, agent.history.first - 1), upTo: agent.history.last)
        case .watch:
            source = .watch(nextInstance: 0, after: agent.history.last, generation: agent.generation)
        case .metrics: source = .metrics(MetricsText())
        case .none, .reply, .handover, .reload, .hangUp: return nil
        }
    }

    /// It goes on for as long as the client wants.
    var isEndless: Bool {
        if case .watch = source { return true }
        return false
    }

    /// Whether `next` has something to say.
    func isReady(_ agent: Agent) -> Bool {
        guard case .watch(let next, let sequence, let generation) = source else { return true }
        return next < agent.core.stayingCount || sequence < agent.history.last || generation != agent.generation
    }

    mutating func next(from agent: Agent) -> Step {
        switch source {
        case .status(var survey):
            guard survey.isOver else {
                survey.advance(with: agent)
                source = .status(survey)
                return .working
            }
            return .last(VarlinkService.framed(agent.status(survey)))
        case .instances(var walk):
            // The end has to be told with an instance.
            guard let id = walk.next(where: { agent.core.contains($0) }) else { return .hangUp([]) }
            let continues = walk.hasMore { agent.core.contains($0) }
            source = .instances(walk)
            let reply = VarlinkService.instanceReply(agent.instance(id), continues: continues)
            return continues ? .reply(reply) : .last(reply)
        case .interfaces(let names, let next):
            guard next < names.count else { return .last(VarlinkService.framed(ListInterfacesReply(interface: nil))) }
            source = .interfaces(names, next: next + 1)
            let isLast = next + 1 == names.count
            let reply = VarlinkService.framed(
                ListInterfacesReply(interface: agent.interface(named: names[next])), continues: !isLast)
            return isLast ? .last(reply) : .reply(reply)
        case .events(let sequence, let end):
            guard sequence < end else { return .last(VarlinkService.framed(ListEventsReply(event: nil))) }
            source = .events(after: sequence + 1, upTo: end)
            guard let event = agent.history.event(sequence + 1) else { return .hangUp(VarlinkService.tooSlow) }
            return .reply(VarlinkService.framed(ListEventsReply(event: event), continues: true))
        case .watch(let next, let sequence, let generation):
            if next < agent.core.stayingCount, generation == agent.generation {
                source = .watch(nextInstance: next + 1, after: sequence, generation: generation)
                return .reply(
                    VarlinkService.framed(
                        WatchReply(instance: agent.instance(at: next), remaining: agent.core.stayingCount - next - 1),
                        continues: true))
            }
            guard sequence < agent.history.last else {
                guard generation != agent.generation else { return .nothing }
                // What the reload has said is told; now what came of it.
                source = .watch(nextInstance: 0, after: sequence, generation: agent.generation)
                return self.next(from: agent)
            }
            source = .watch(
                nextInstance: generation == agent.generation ? next : Int.max, after: sequence + 1,
                generation: generation)
            guard let event = agent.history.event(sequence + 1) else { return .hangUp(VarlinkService.tooSlow) }
            return .reply(VarlinkService.framed(WatchReply(event: event), continues: true))
        case .metrics(var text):
            let piece = text.next(from: agent)
            source = .metrics(text)
            guard let piece else { return .working }
            let reply = VarlinkService.framed(MetricsReply(text: piece), continues: !text.isOver)
            return text.isOver ? .last(reply) : .reply(reply)
        }
    }
}
