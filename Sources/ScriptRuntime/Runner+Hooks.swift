import Configuration
import Glibc
import Scripts
import VRRP

/// `startup_script` and `shutdown_script`.
extension Runner {
    /// The agent asks for one.
    func begin(_ hook: Hook, of plan: ScriptPlan, at now: Instant) {
        guard hooks[hook].map(\.isOver) ?? true else { return }
        guard let configuration = plan.configuration.hook(hook) else {
            port?.tell(
                .hook(
                    plan: plan.digest, hook, .init(progress: .exited, code: 0, duration: 0, output: OutputExcerpt())))
            return
        }
        // As often as calls of an object: whoever controls the agent may say so more often.
        guard hookStarts[hook, default: StartWindow()].opens(after: now) == nil else {
            orders.unknown &+= 1
            return
        }
        hookStarts[hook, default: StartWindow()].noteStart(at: now)
        hookScripts[hook] = (plan.digest, configuration.script)
        hooks[hook] = HookRun(timeout: configuration.timeout, waits: hook == .shutdown, at: now)
    }

    func advanceHooks(at now: Instant) {
        for hook in Hook.allCases {
            while let order = hooks[hook]?.advance(to: now, isQuiet: desk.isQuiet) {
                switch order {
                case .start:
                    guard let (_, script) = hookScripts[hook] else { break }
                    start(.hook(hook), named: hook.keyword, script.command, as: script.user, arguments: nil)
                case .terminate: signal(.hook(hook), SIGTERM)
                case .kill: signal(.hook(hook), SIGKILL)
                }
            }
        }
    }

    func hookEnded(_ hook: Hook, _ end: RunEnd, _ output: OutputExcerpt) {
        hooks[hook]?.ended(end, output: output, at: now)
        guard let run = hooks[hook]?.run, let (plan, _) = hookScripts[hook] else { return }
        if !end.isSuccess { log.write(.warning, "\(hook.keyword): has failed: \(end.words)") }
        port?.tell(.hook(plan: plan, hook, .init(run)))
    }
}

extension Hook {
    fileprivate var keyword: String {
        switch self {
        case .startup: "startup_script"
        case .shutdown: "shutdown_script"
        }
    }
}

extension ScriptingConfiguration {
    fileprivate func hook(_ hook: Hook) -> HookConfiguration? {
        switch hook {
        case .startup: startup
        case .shutdown: shutdown
        }
    }
}
