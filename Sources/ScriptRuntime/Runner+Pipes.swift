import Configuration
import Glibc
import Scripts
import VRRP

/// FIFOs, and the scripts that read them.
extension Runner {
    func usePipes(of plan: ScriptPlan, at now: Instant) {
        var left = pipes
        pipes = plan.configuration.pipes.map { configuration in
            guard let index = left.firstIndex(where: { $0.isSame(as: configuration) }) else {
                let pipe = NotifyPipe(configuration)
                pipe.deadline = now
                return pipe
            }
            let pipe = left.remove(at: index)
            let script = pipe.configuration.script
            pipe.change(to: configuration)
            if script?.command != configuration.script?.command || script?.user != configuration.script?.user {
                // Another one takes its place when it has ended.
                if isReaderRunning(pipe) { signal(.reader(pipe.path), SIGTERM) } else { pipe.deadline = now }
            }
            return pipe
        }
        for pipe in left {
            signal(.reader(pipe.path), SIGTERM)
            pipe.remove()
        }
        // Before the first line.
        advancePipes(at: now)
    }

    func advancePipes(at now: Instant) {
        for pipe in pipes {
            let lost = pipe.takeLost()
            if lost > 0 {
                let lines = lost == 1 ? "a line is lost" : "\(lost) lines are lost"
                let why = pipe.problem.map { "\($0)" } ?? "nobody reads it, and it is full"
                tell(.warning, "\(pipe.path): \(lines): \(why)", of: pipe.path)
            }
            guard let due = pipe.deadline, due <= now else { continue }
            pipe.deadline = nil
            if !pipe.isOpen, !open(pipe, at: now) { continue }
            guard stoppingSince == nil, let script = pipe.configuration.script, !isReaderRunning(pipe) else { continue }
            pipe.noteStart(at: now)
            start(
                .reader(pipe.path), named: pipe.path, script.command, as: script.user,
                arguments: script.command.arguments + [Array(pipe.path.utf8)])
        }
        guard stoppingSince != nil, desk.isQuiet else { return }
        guard let killAt = readersKillAt else {
            // All lines are written.
            readersKillAt = now + ScriptCheck.grace
            for pipe in pipes { signal(.reader(pipe.path), SIGTERM) }
            return
        }
        if killAt <= now { for pipe in pipes { signal(.reader(pipe.path), SIGKILL) } }
    }

    private func open(_ pipe: NotifyPipe, at now: Instant) -> Bool {
        do throws(Unrunnable) {
            pipe.open(as: try users.identity(of: pipe.configuration.user, at: now.sinceBoot))
            guard let problem = pipe.problem else { return true }
            tell(.error, "\(problem)", of: pipe.path)
        } catch {
            tell(.error, "\(pipe.path): \(error.reason)", of: pipe.path)
        }
        pipe.noteEnd(at: now)
        return false
    }

    /// A line for all of them. One that somebody has made anew meanwhile, as many readers do when they start, is opened anew.
    func write(_ line: [UInt8]) {
        for pipe in pipes {
            if pipe.isReplaced {
                log.write(.notice, "\(pipe.path) is another FIFO than before, or gone: it is opened anew")
                // Who reads one that is gone may wait for ever; where there is another one, its reader may have made it.
                if pipe.isGone { signal(.reader(pipe.path), SIGTERM) }
                pipe.close()
                _ = open(pipe, at: now)
            }
            pipe.write(line)
        }
    }

    private func isReaderRunning(_ pipe: NotifyPipe) -> Bool {
        running.values.contains { $0.purpose == .reader(pipe.path) }
    }

    func readerEnded(_ path: String, _ end: RunEnd) {
        for pipe in pipes where pipe.path == path {
            if stoppingSince == nil {
                log.write(
                    .warning, "the script that reads \(path) has ended (\(end.words)): it starts again in a while")
            }
            pipe.noteEnd(at: now)
        }
    }
}
