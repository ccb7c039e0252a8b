/// What the agent tells the runner.
package enum RunnerOrder: Hashable, Sendable {
    /// Use the plan of this digest; read the files again if it is none of those that are kept.
    /// - Parameters:
    ///   - keeping: of those, the plan to which the agent goes back unless somebody confirms its present one.
    ///   - isReload: the agent has another plan in use, and stays with it where this one is no good: the files are read in any case, and all that
    ///     they name has to be there for its user.
    ///   - isStart: the agent begins, and goes on with nothing of an earlier run: `init_file` is written.
    case activate(SHA256.Digest, keeping: SHA256.Digest? = nil, isReload: Bool = false, isStart: Bool = false)
    /// Something has happened to an object.
    case notify(plan: SHA256.Digest, object: UInt32, NotifyEvent)
    /// The agent has started, or is about to end: run what the file names for it.
    case hook(plan: SHA256.Digest, Hook)

    private enum Kind: UInt8 {
        case activate = 1
        case notify = 2
        case hook = 3
    }

    package var encoded: [UInt8] {
        switch self {
        case .activate(let plan, let base, let isReload, let isStart):
            let flags: UInt8 = (base == nil ? 0 : 1) | (isReload ? 2 : 0) | (isStart ? 4 : 0)
            return RunnerWire.header(Kind.activate.rawValue) + plan.bytes + [flags] + (base?.bytes ?? [])
        case .notify(let plan, let object, let event):
            var bytes = RunnerWire.header(Kind.notify.rawValue) + plan.bytes
            bytes.append(number: object)
            bytes.append(event.state.rawValue)
            bytes.append(event.priority)
            bytes.append(number: event.sequence)
            return bytes
        case .hook(let plan, let hook):
            return RunnerWire.header(Kind.hook.rawValue) + plan.bytes + [hook.rawValue]
        }
    }

    /// - Returns: `nil` for bytes that are no order.
    package init?(_ bytes: some Collection<UInt8>) {
        guard let (number, reader) = RunnerWire.open(bytes), let kind = Kind(rawValue: number) else { return nil }
        var body = reader
        guard let plan = body.digest() else { return nil }
        switch kind {
        case .activate:
            guard let flags = body.number(UInt8.self), flags < 8 else { return nil }
            var base: SHA256.Digest?
            if flags & 1 != 0 {
                base = body.digest()
                guard base != nil else { return nil }
            }
            self = .activate(plan, keeping: base, isReload: flags & 2 != 0, isStart: flags & 4 != 0)
        case .notify:
            guard let object = body.number(UInt32.self), let state = body.value(NotifyState.self),
                let priority = body.number(UInt8.self), let sequence = body.number(UInt64.self)
            else { return nil }
            self = .notify(plan: plan, object: object, NotifyEvent(state, priority: priority, sequence: sequence))
        case .hook:
            guard let hook = body.value(Hook.self) else { return nil }
            self = .hook(plan: plan, hook)
        }
        guard body.rest.isEmpty else { return nil }
    }
}

/// What is run once, when the agent starts or ends. The numbers go over the wire.
package enum Hook: UInt8, Hashable, Sendable, CaseIterable {
    /// `startup_script`
    case startup = 1
    /// `shutdown_script`
    case shutdown = 2
}
