import Configuration
import FailoverCore
import Kernel
import Reporting
import Scripts
import VRRP

/// What the next run is to know of this one.
extension RunnerDesk {
    func keep() {
        guard let file else { return }
        let changed = session.book.takeChange()
        guard changed || !isDone else { return }
        isDone = true
        guard session.isNeeded else {
            if file.content?.isEmpty == false { _ = file.store([]) }
            return
        }
        var memory = ScriptMemory()
        memory.sequence = session.book.sequence
        memory.entries = session.book.entries
        for (name, (state, _)) in fed {
            guard let identity = identities[name] else { continue }
            let verdict: ScriptMemory.Verdict? =
                switch state {
                case .unknown: nil
                case .up: .up
                case .down(.failed(let why)): .down(why)
                case .down: nil
                case .number(let number): .number(number)
                }
            if let verdict { memory.verdicts[ScriptMemory.Tracker(name: name, identity: identity)] = verdict }
        }
        let bytes = memory.encoded
        do throws(SystemError) {
            try file.makeRoom(for: bytes.count)
            _ = file.store(bytes)
            agent.endShortage(.scriptsNotKept)
        } catch {
            _ = file.store([])
            agent.note(.scriptsNotKept(reason: "\(error)"))
        }
    }
}
