import EventLoop
import Glibc
import Kernel
import Scripts

/// Which processes are tracked, kept up to date by the kernel's proc connector; where that is refused or silent, by a look at all of them
/// each second.
final class ProcessWatch {
    private var patterns: [ProcessPattern]
    /// Which patterns each process fits; those that fit none are left out.
    private var fits: [Int32: [Int]] = [:]
    /// How many processes fit each pattern.
    private(set) var counts: [Int] = []
    private var connector: ProcessConnector?
    /// Why all processes are looked at each second; `nil` where the kernel tells.
    private(set) var problem: String?
    private var scannedAt = Duration.zero

    /// With the connector, too, all are looked at now and then.
    private static let scanPause = Duration.seconds(30)
    /// So long the connector may be silent at the start.
    private static let patience = Duration.seconds(3)
    private let begunAt = Clocks.sinceBoot()

    init(_ patterns: [ProcessPattern], in loop: EventLoop, _ handler: @escaping () -> Void) {
        self.patterns = patterns
        do {
            connector = try ProcessConnector(in: loop, handler)
        } catch {
            problem = "\(error)"
        }
        scan()
    }

    func change(to patterns: [ProcessPattern]) {
        self.patterns = patterns
        scan()
    }

    /// - Returns: whether counts may be others.
    func look(at now: Duration) -> Bool {
        if let connector, connector.hasSpoken || now - begunAt < Self.patience {
            guard now - scannedAt >= Self.scanPause || !connector.hasSpoken else { return false }
        } else if connector != nil {
            connector = nil
            problem = "the kernel does not tell of processes here"
        }
        scan()
        return true
    }

    /// - Returns: whether counts may be others.
    func readEvents() -> Bool {
        guard let connector else { return false }
        var isNew = false
        while let event = connector.next() {
            switch event {
            case .forked(let parent, let child):
                // It is as its parent, until it becomes something else.
                if let same = fits[parent], fits[child] == nil {
                    set(child, same)
                    isNew = true
                }
            case .changed(let process): isNew = judge(process) || isNew
            case .ended(let process):
                if fits[process] != nil {
                    set(process, [])
                    isNew = true
                }
            case .lost:
                scan()
                return true
            }
        }
        return isNew
    }

    private func scan() {
        scannedAt = Clocks.sinceBoot()
        fits = [:]
        counts = [Int](repeating: 0, count: patterns.count)
        for process in ProcFolder.processes() { _ = judge(process) }
    }

    private func judge(_ process: Int32) -> Bool {
        var new: [Int] = []
        if let (name, commandLine) = ProcFolder.words(of: process) {
            new = patterns.indices.filter { patterns[$0].fits(name: name, commandLine: commandLine) }
        }
        guard new != fits[process] ?? [] else { return false }
        set(process, new)
        return true
    }

    private func set(_ process: Int32, _ new: [Int]) {
        for index in fits[process] ?? [] { counts[index] -= 1 }
        for index in new { counts[index] += 1 }
        fits[process] = new.isEmpty ? nil : new
    }
}
