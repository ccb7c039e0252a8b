import Configuration
import ConfigurationFiles
import Kernel
import Scripts

/// Reads the plan from root's files, and keeps those of the shelf for the next run.
final class PlanFiles {
    /// What the files say.
    struct Reading {
        var plan: ScriptPlan?
        /// Why there is none.
        var problem = RunnerReport.NoPlan.errors
        var diagnostics: [Diagnostic] = []
        /// What was read, and what it was asked in.
        fileprivate(set) var kept: KeptPlan?
    }

    private let options: RunnerArguments
    /// The present plan, the one before, and what the agent may go back to.
    private var files: [BlobFile] = []
    /// What they hold.
    private var kept: [SHA256.Digest: KeptPlan] = [:]
    /// Why plans are not kept; `nil` where they are.
    private(set) var problem: SystemError?

    private static let capacity = 64 << 10

    init(_ options: RunnerArguments) {
        self.options = options
        do throws(SystemError) {
            try Self.makePrivate(options.stateDirectory)
            for name in ["/present", "/previous", "/base"] {
                files.append(try BlobFile(path: options.stateDirectory + name, capacity: Self.capacity))
            }
        } catch {
            files = []
            problem = error
        }
    }

    /// What an earlier run had in use: the present plan, the one before, and what its agent might have gone back to.
    func earlier() -> [ScriptPlan] {
        files.compactMap { file in
            guard let kept = file.content.flatMap({ KeptPlan(encoded: $0) }), let plan = kept.plan else { return nil }
            self.kept[plan.digest] = kept
            return plan
        }
    }

    /// What the files say now.
    func read() -> Reading {
        var reading = Reading()
        let own = TrustedFiles()
        var environment = EnvironmentFile()
        do throws(SourceError) {
            environment = EnvironmentFile(
                try own.content(of: options.environmentPath, atMost: EnvironmentFile.longest))
        } catch {
            guard error.isMissing else {
                reading.problem = own.wasExposed ? .exposed : .unreadable
                reading.diagnostics = [Self.error(options.environmentPath, "can't read the environment: \(error)")]
                return reading
            }
        }
        let files = TrustedFiles()
        let context = HostContext.context(environment, configurationID: options.configurationID)
        let result = ScriptingReader.read(options.configurationPath, from: files, context: context)
        reading.diagnostics = environment.diagnostics(options.environmentPath) + result.diagnostics
        guard let configuration = result.configuration else {
            reading.problem = files.wasExposed ? .exposed : files.wasUnreadable ? .unreadable : .errors
            return reading
        }
        let kept = KeptPlan(path: options.configurationPath, context: context, archive: files.archive)
        let plan = ScriptPlan(configuration, digest: kept.digest)
        reading.plan = plan
        self.kept[plan.digest] = kept
        return reading
    }

    /// These are in use now, and before: a later run finds them.
    func keep(_ shelf: PlanShelf) {
        let plans = [shelf.present, shelf.previous, shelf.base]
        kept = kept.filter { entry in plans.contains { $0?.digest == entry.key } }
        for (file, plan) in zip(files, plans) {
            let bytes = plan.flatMap { kept[$0.digest] }?.encoded ?? []
            guard file.content != bytes else { continue }
            do throws(SystemError) {
                try file.makeRoom(for: bytes.count)
                problem = nil
            } catch {
                problem = error
            }
            // Better none than one of long ago.
            if !file.store(bytes) { _ = file.store([]) }
        }
    }

    private static func error(_ path: String, _ message: String) -> Diagnostic {
        Diagnostic(severity: .error, location: SourceLocation(file: path, line: 1, column: 1), message: message)
    }
}
