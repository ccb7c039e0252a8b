import CLinux
import Configuration
import EventLoop
import Glibc
import Kernel
import Scripts
import VRRP

/// A start that is tried once more.
struct StartRetry {
    var at: Instant
    var purpose: RunningScript.Purpose
    var name: String
    var order: LaunchOrder
}

/// Scripts are started, heard, and ended.
extension Runner {
    /// So much of a script's output is read at a time, in bytes.
    private static let chunk = 16 << 10
    /// A file that somebody has just written may still be open.
    private static let busyPause = Duration.milliseconds(100)

    /// Starts a script. What comes of it, also where it can't begin, is told by `ended`.
    /// - Parameters:
    ///   - user: `nil` for the default.
    ///   - arguments: the program first; `nil` for those of the command.
    func start(
        _ purpose: RunningScript.Purpose, named name: String, _ command: ScriptCommand, as user: ScriptUser?,
        arguments: [[UInt8]]?
    ) {
        do throws(Unrunnable) {
            let identity = try users.identity(of: user, at: now.sinceBoot)
            let path = try ScriptProgram.path(of: command, in: environment)
            if plan?.configuration.isSecure == true, identity.user == 0 { try ScriptProgram.checkSafety(of: path) }
            let rest = (arguments ?? command.arguments).dropFirst()
            let order = LaunchOrder(
                user: identity.user, group: identity.group, groups: identity.groups,
                arguments: [Array(path.utf8)] + rest)
            launch(purpose, named: name, order, isSecondTry: false)
        } catch {
            tell(.warning, "\(name): can't be run: \(error.reason)", of: name)
            ended(purpose, .notStarted(error.code), OutputExcerpt(Array(error.reason.utf8)))
        }
    }

    private func launch(
        _ purpose: RunningScript.Purpose, named name: String, _ order: LaunchOrder, isSecondTry: Bool
    ) {
        lastNumber &+= 1
        let group = groups.make(lastNumber)
        var order = order
        order.controlGroup = group?.path
        let run: RunningScript
        do throws(SystemError) {
            let process = try ScriptProcess(order, environment: environment)
            run = RunningScript(
                lastNumber, for: purpose, named: name, order, process, in: group, isSecondTry: isSecondTry)
        } catch {
            if let group { groups.release(group, endsRest: true) }
            tell(.warning, "\(name): \(error)", of: name)
            ended(purpose, .notStarted(error.code), OutputExcerpt())
            return
        }
        running[run.process.process] = run
        do {
            run.output = try EventSource.readable(run.process.output.number, in: loop, urgency: .bulk) {
                [unowned self, unowned run] in readOutput(of: run, atMost: 1)
            }
            run.beginning = try EventSource.readable(run.process.beginning, in: loop, urgency: .signal) {
                [unowned self, unowned run] in noteBeginning(of: run)
            }
        } catch {
            tell(.warning, "\(name): can't be heard: \(error)", of: name)
        }
    }

    func retryStarts(at now: Instant) {
        let due = retries.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        retries.removeAll { $0.at <= now }
        for retry in due { launch(retry.purpose, named: retry.name, retry.order, isSecondTry: true) }
    }

    func signal(_ purpose: RunningScript.Purpose, _ number: Int32) {
        for run in running.values where run.purpose == purpose { run.signal(number) }
    }

    // MARK: - What it says

    private func noteBeginning(of run: RunningScript) {
        guard let code = run.process.progress() else { return }
        run.beginning = nil
        if code != 0 { run.failure = code }
    }

    /// - Parameter turns: how many pieces.
    private func readOutput(of run: RunningScript, atMost turns: Int) {
        for _ in 0..<turns {
            if run.room <= 0 {
                guard CLinux_discard(run.process.output.number) > 0 else { break }
                continue
            }
            var bytes = [UInt8](repeating: 0, count: Self.chunk)
            let count = unsafe bytes.withUnsafeMutableBytes {
                unsafe read(run.process.output.number, $0.baseAddress, $0.count)
            }
            guard count > 0 else {
                // The last writer has gone.
                if count == 0 { run.output = nil }
                break
            }
            run.room -= count
            for line in run.lines.take(bytes.prefix(count)) { show(line, of: run.name) }
            if run.room <= 0 {
                tell(.notice, "\(run.name): says so much that the rest is thrown away", of: run.name)
            }
        }
    }

    private func show(_ line: OutputExcerpt, of name: String) {
        if isTold(line.description, of: name) { log.write(line, of: name) }
    }

    /// Something about a script, as often as its own lines.
    func tell(_ level: RunnerLog.Level, _ text: String, of name: String) {
        if isTold(text, of: name) { log.write(level, text) }
    }

    /// The same line again is told once an hour.
    private func isTold(_ line: String, of name: String) -> Bool {
        let now = self.now
        if let last = lastLines[name], last.line == line, now - last.at < .seconds(3600) { return false }
        let (isTold, leftOut) = budgets[name, default: LineBudget()].take(at: now)
        if leftOut > 0 { log.write(.notice, "\(name): \(leftOut) lines were left out") }
        if isTold { lastLines[name] = (line, now) }
        return isTold
    }

    // MARK: - Its end

    /// Takes note of children that have ended.
    func takeEnded() {
        while true {
            // Looked at first: as long as it is not waited for, its process group's number is nobody else's.
            let process = CLinux_ended_child()
            guard process > 0 else { break }
            let run = running.removeValue(forKey: process)
            if let run, run.group == nil, run.purpose.endsRest { _ = kill(-process, SIGKILL) }
            var status: Int32 = 0
            guard unsafe waitpid(process, &status, WNOHANG) == process else { continue }
            if let run { finish(run, status) }
        }
    }

    private func finish(_ run: RunningScript, _ status: Int32) {
        if run.beginning != nil { noteBeginning(of: run) }
        run.beginning = nil
        // Everything that it has said itself: a pipe holds 64 KiB.
        if run.output != nil { readOutput(of: run, atMost: 5) }
        let isOpen = run.output != nil
        run.output?.cancel()
        run.output = nil
        if isOpen, !run.purpose.endsRest { linger(run) }
        if let line = run.lines.end() { show(line, of: run.name) }
        if let group = run.group { groups.release(group, endsRest: run.purpose.endsRest) }
        if let failure = run.failure {
            if failure == ETXTBSY, !run.isSecondTry {
                retries.append(
                    StartRetry(at: now + Self.busyPause, purpose: run.purpose, name: run.name, order: run.order))
                return
            }
            let program = OutputExcerpt(run.order.arguments.first ?? [])
            tell(.warning, "\(run.name): can't be run: \(program): \(SystemError.text(of: failure))", of: run.name)
            ended(run.purpose, .notStarted(failure), OutputExcerpt())
            return
        }
        let signal = status & 0x7F
        let end =
            signal == 0
            ? RunEnd.exited(UInt8(truncatingIfNeeded: status >> 8)) : .signalled(UInt8(truncatingIfNeeded: signal))
        ended(run.purpose, end, run.lines.first)
    }

    /// What a notify script has left running may go on to say something: a pipe that nobody reads would end it. It is thrown away.
    private func linger(_ run: RunningScript) {
        // As many are no reason to have no descriptor for others.
        guard lingering.count < Self.mostLingering else { return }
        let number = run.number
        lingering[number] = run
        do {
            run.rest = try EventSource.readable(run.process.output.number, in: loop, urgency: .bulk) {
                [unowned self, unowned run] in
                let count = CLinux_discard(run.process.output.number)
                guard count == 0 || count < 0 && errno != EAGAIN && errno != EINTR else { return }
                lingering[number] = nil
            }
        } catch {
            lingering[number] = nil
        }
    }

    private func ended(_ purpose: RunningScript.Purpose, _ end: RunEnd, _ output: OutputExcerpt) {
        switch purpose {
        case .check(let id, let run): checkEnded(id, run, end, output)
        case .call(let run): callEnded(run, end, output)
        case .hook(let hook): hookEnded(hook, end, output)
        case .reader(let path): readerEnded(path, end)
        }
    }
}

extension RunningScript.Purpose {
    /// What it has left running ends with it: a check comes again each second. What a notify script has started may be meant to stay.
    var endsRest: Bool {
        switch self {
        case .check, .reader: true
        case .call, .hook: false
        }
    }
}
