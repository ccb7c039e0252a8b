import Configuration
import ConfigurationFiles
import FailoverCore
import Glibc
import Kernel

/// Reads the configuration, and keeps the last one that was accepted: where the file is broken at a start, that one still runs.
final class ConfigurationKeeper {
    private let options: Arguments
    private let file: BlobFile?
    private var archive = FileArchive()

    /// Room for the files of some thousand virtual routers.
    private static let capacity = 1 << 20

    init(_ options: Arguments, log: Log) {
        self.options = options
        do {
            file = try BlobFile(path: options.lastingDirectory + "/accepted", capacity: Self.capacity)
        } catch {
            file = nil
            log.write(.warning, "the accepted configuration is not kept: \(error)")
        }
    }

    var path: String { options.configurationPath }

    /// The configuration as the files are now.
    func read() -> ConfigurationReader.Result {
        let (result, files) = options.readConfigurationAndFiles()
        archive = files.archive
        return result
    }

    /// What was read last is in use now.
    /// - Returns: false when there is no room to keep it.
    @discardableResult
    func accept() -> Bool {
        guard let file else { return true }
        let bytes = archive.encoded
        return file.content == bytes || file.store(bytes)
    }

    /// The configuration that an earlier run accepted.
    func lastAccepted() -> Configuration? {
        guard let bytes = file?.content, let archive = FileArchive(encoded: bytes) else { return nil }
        return ConfigurationReader.read(
            options.configurationPath, from: archive,
            context: DiskFiles.context(configurationID: options.configurationID)
        ).configuration
    }
}

extension Arguments {
    /// Where files are kept that outlive the machine's next start: systemd's StateDirectory=, else the runtime directory.
    var lastingDirectory: String {
        guard stateDirectory == nil, let variable = unsafe getenv("STATE_DIRECTORY") else { return runtimeDirectory }
        let path = unsafe String(cString: variable)
        return path.isEmpty ? runtimeDirectory : String(path.prefix { $0 != ":" })
    }
}
