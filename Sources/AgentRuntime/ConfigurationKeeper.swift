import Addressing
import Configuration
import ConfigurationFiles
import FailoverCore
import Glibc
import Kernel
import Reporting
import Scripts

/// Reads the configuration, and keeps the last one that was accepted: where the file is broken at a start, or says what nobody has
/// confirmed, that one still runs.
final class ConfigurationKeeper {
    private let options: Arguments
    private let file: BlobFile?
    /// Tells which files wait, or waited in vain, for a confirmation.
    private let unconfirmed: BlobFile?
    /// What was read last, until it comes into use.
    private var archive = FileArchive()
    /// What came into use last; `nil` where that is what `file` holds: it need not be in memory, too.
    private var applied: FileArchive? = FileArchive()
    private var hasRead = false
    /// What tells the files that were read last from others, where that matters to the runner.
    private var digest = SHA256().digest()
    /// The runner is in use, whether or not the files name anything for it.
    var usesRunner = false

    /// How long a pipe may have nothing to say at the start.
    private static let patience = Duration.seconds(3)

    /// Room for the files of some thousand virtual routers; it grows.
    private static let capacity = 1 << 20
    /// Why what is in use is not kept for a later run; `nil` where it is, or waits for its confirmation.
    private(set) var problem: String?

    init(_ options: Arguments) {
        self.options = options
        var problem: String?
        let open = { (name: String, capacity: Int) -> BlobFile? in
            do {
                return try BlobFile(path: options.lastingDirectory + name, capacity: capacity)
            } catch {
                problem = "\(error)"
                return nil
            }
        }
        file = open("/accepted", Self.capacity)
        // Of no use without the other one.
        unconfirmed = file == nil ? nil : open("/unconfirmed", 8)
        self.problem = problem
    }

    var path: String { options.configurationPath }

    /// The configuration as the files are now.
    /// - Parameter known: the interfaces that were found for what is in use.
    func read(known: [InterfaceQuestion: String] = [:]) -> ConfigurationReader.Result {
        // At the start nobody waits for anything else yet; later the loop must not wait for a writer.
        let pipes: DiskFiles.Pipes = hasRead ? .refused : .read(patience: Self.patience)
        hasRead = true
        let (result, files) = options.readConfigurationAndFiles(
            pipes: pipes, interfaces: .onThisHost(known: known))
        archive = files.archive
        noteDigest(of: archive, result.configuration)
        return result
    }

    private func noteDigest(of archive: FileArchive, _ configuration: Configuration?) {
        guard usesRunner || configuration?.scripting.isEmpty == false else { return }
        digest = SHA256.Digest(of: archive, readFrom: options.configurationPath, in: options.context)
    }

    /// Which file others than root can change, and what to type, as far as this program may look.
    var exposure: String? {
        ExposureCheck.diagnostics(
            options.configurationPath, configurationID: options.configurationID, environment: options.environmentPath,
            severity: .error
        ).first?.message
    }

    /// What the runner is to do with what was read last.
    func plan(of configuration: Configuration) -> ScriptPlan { ScriptPlan(configuration.scripting, digest: digest) }

    /// What was read last is in use from now on.
    func noteApplied() {
        applied = archive
        archive = FileArchive()
    }

    /// What is in use is what a later run may begin with.
    func accept() {
        guard let file else { return }
        if unconfirmed?.content?.isEmpty == false { _ = unconfirmed?.store([]) }
        problem = nil
        guard let bytes = applied?.encoded else { return }
        if file.content == bytes {
            applied = nil
            return
        }
        do throws(SystemError) {
            try file.makeRoom(for: bytes.count)
            if file.store(bytes) { applied = nil }
        } catch {
            // Better none than one of long ago.
            _ = file.store([])
            problem = "\(error)"
        }
    }

    /// Whether what is in use is kept for a later run.
    var keepsApplied: Bool {
        guard let content = file?.content else { return false }
        return applied.map { $0.encoded == content } ?? true
    }

    /// What is in use is nothing that a later run may begin with, before somebody confirms it.
    func awaitConfirmation() {
        if let applied, !keepsApplied { _ = unconfirmed?.store(Self.hash(applied)) }
    }

    /// What was read last was tried by an earlier run, and nobody has confirmed it.
    var isUnconfirmed: Bool { unconfirmed?.content == Self.hash(archive) }

    private static func hash(_ archive: FileArchive) -> [UInt8] {
        var hash = StableHash()
        hash.add(archive.encoded)
        return (0..<8).map { UInt8(truncatingIfNeeded: hash.value >> (8 * $0)) }
    }

    /// What was accepted last is in use again, as far as it is kept.
    func noteReturned() { applied = file?.content.flatMap { FileArchive(encoded: $0) } == nil ? FileArchive() : nil }

    /// What is in use, read once more, with these interfaces for instances that name none; `nil` where it is not kept.
    func readAgain(found: [InterfaceQuestion: String]) -> Configuration? {
        guard let archive = applied ?? file?.content.flatMap({ FileArchive(encoded: $0) }) else { return nil }
        var context = options.context
        context.findInterface = { found[$0] }
        return ConfigurationReader.read(options.configurationPath, from: archive, context: context).configuration
    }

    /// The configuration that an earlier run accepted; it is in use from now on.
    func lastAccepted() -> Configuration? {
        guard let bytes = file?.content, let archive = FileArchive(encoded: bytes) else { return nil }
        applied = nil
        let configuration = ConfigurationReader.read(options.configurationPath, from: archive, context: options.context)
            .configuration
        noteDigest(of: archive, configuration)
        return configuration
    }
}

extension Arguments {
    /// Where files are kept that outlive the machine's next start: systemd's StateDirectory=, else the runtime directory.
    var lastingDirectory: String {
        guard stateDirectory == nil, let variable = unsafe getenv("STATE_DIRECTORY") else { return runtimeDirectory }
        let path = unsafe String(cString: variable)
        return path.isEmpty ? runtimeDirectory : String(path.prefix { $0 != ":" })
    }

    /// What the configuration may ask about this host now.
    var context: ReadingContext {
        HostContext(configurationID: configurationID, environment: environmentPath).reading
    }
}
