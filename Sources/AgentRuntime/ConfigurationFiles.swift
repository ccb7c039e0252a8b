import Configuration
import Glibc
import Kernel

/// Reads configuration files for the pure room that understands them.
struct ConfigurationFiles: SourceFiles {
    /// A configuration is text that people write: more is a mistake, a device for instance.
    private static let largest = 16 << 20

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else {
            let code = errno
            throw SourceError(description: SystemError.text(of: code), isMissing: code == ENOENT)
        }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(file.number, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw SourceError(description: SystemError.text(of: errno))
            }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largest else { throw SourceError(description: "the file is larger than 16 MiB") }
        }
    }

    /// What a configuration may ask about this machine.
    static func context(configurationID: String?) -> ReadingContext {
        var environment: [String: String] = [:]
        var variable = unsafe environ
        while let entry = unsafe variable.pointee {
            let parts = unsafe String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
            unsafe variable += 1
        }
        var buffer = [CChar](repeating: 0, count: 4096)
        let folder = unsafe getcwd(&buffer, buffer.count).map { unsafe String(cString: $0) } ?? "/"
        return ReadingContext(
            configurationID: configurationID ?? hostName, environment: environment, workingDirectory: folder)
    }

    /// The host's name up to the first dot.
    private static var hostName: String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return "" }
        let name = unsafe withUnsafeBytes(of: names.nodename) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return String(name.prefix { $0 != "." })
    }

    func expand(_ pattern: String) -> [String] {
        var result = unsafe glob_t()
        defer { unsafe globfree(&result) }
        guard unsafe glob(pattern, GLOB_BRACE | GLOB_MARK, nil, &result) == 0, let paths = unsafe result.gl_pathv else {
            return []
        }
        return (0..<Int(unsafe result.gl_pathc)).compactMap { index in
            guard let path = unsafe paths[index] else { return nil }
            let text = unsafe String(cString: path)
            return text.hasSuffix("/") ? nil : text
        }
    }
}
