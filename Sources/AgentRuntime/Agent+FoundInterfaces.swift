import Configuration
import EventLoop
import FailoverCore
import Kernel
import Reporting

/// An instance that names no interface, and for which another one is found than the one in use.
struct InterfaceMove: Hashable {
    let instance: String
    /// Empty for none.
    let old: String
    let new: String
    let question: InterfaceQuestion

    /// - Parameters:
    ///   - searchers: the instances, with what is in use.
    ///   - find: the answer to a question, where this interface is in use.
    /// - Returns: those that are to move. One for which nothing is found stays where it is.
    static func all(
        _ searchers: [(name: String, interface: String, question: InterfaceQuestion)],
        _ find: (InterfaceQuestion, String) -> String?
    ) -> [InterfaceMove] {
        struct Asked: Hashable {
            let question: InterfaceQuestion
            let present: String
        }
        var answers: [Asked: String?] = [:]
        return searchers.compactMap { name, present, question in
            let asked = Asked(question: question, present: present)
            let answer = answers[asked] ?? find(question, present)
            answers[asked] = .some(answer)
            guard let answer, answer != present else { return nil }
            return InterfaceMove(instance: name, old: present, new: answer, question: question)
        }
    }

    var words: String {
        "'\(instance)': the interface is \(new), \(question.reason)"
            + (old.isEmpty ? "; there was none" : "; it was \(old)")
    }
}

extension Agent {
    /// Looks whether the instances that name no interface are to have another one.
    func followInterfaces() {
        guard let keeper, !isStopping, reloads.open == nil else { return }
        let searchers = core.searchers
        guard !searchers.isEmpty else { return }
        let table = core.table
        let moves = InterfaceMove.all(searchers) { question, present in
            question.answer(present: present, holders: { table.holders(of: $0) }) { address in
                IPv4Route.outgoingInterface(to: address).flatMap { table.link($0) }
            }
        }
        // What could not be used is not tried again before something has changed.
        guard moves != refusedMoves else { return }
        refusedMoves = []
        guard !moves.isEmpty else { return }
        for move in moves { log.write(.notice, move.words, .reloadDetail) }
        var found = core.foundInterfaces
        for move in moves { found[move.question] = move.new }
        guard let wanted = withInterfaces(moves, from: keeper.readAgain(found: found)) else {
            refusedMoves = moves
            log.write(
                .error, "the configuration in use can't be read again for that: failoverctl reload",
                .configurationInvalid)
            return
        }
        let tooLong = core.lengthProblems(in: wanted).map(\.description)
        guard tooLong.isEmpty else {
            refusedMoves = moves
            for problem in tooLong { log.write(.error, problem, .configurationInvalid) }
            return
        }
        let difference = ConfigurationDifference(from: configuration, to: wanted)
        ServiceManager.notify(.reloading)
        pass()
        apply(wanted, changes: difference.lines.count)
        statesHaveChanged = true
        pass()
        ServiceManager.notify(.ready)
    }

    /// The configuration in use, but for the instances that move: nothing else of what may be in the files by now.
    private func withInterfaces(_ moves: [InterfaceMove], from read: Configuration?) -> Configuration? {
        guard let read else { return nil }
        var wanted = configuration
        let others = Dictionary(read.instances.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let moving = Set(moves.map(\.instance))
        for index in wanted.instances.indices where moving.contains(wanted.instances[index].name) {
            guard let other = others[wanted.instances[index].name] else { return nil }
            wanted.instances[index] = other
        }
        return wanted
    }
}
