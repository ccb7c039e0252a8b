import Configuration
import Glibc
import Kernel

/// Reads configuration files for the pure room that understands them.
struct ConfigurationFiles: SourceFiles {
    /// A configuration is text that people write: more is a mistake, a device for instance.
    private static let largest = 16 << 20

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw SourceError(description: SystemError.text(of: errno)) }
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
