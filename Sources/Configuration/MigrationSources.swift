/// Keeps what was read.
final class FileRecorder<Files: SourceFiles>: SourceFiles {
    private let source: Files
    private(set) var files: [String: [UInt8]] = [:]
    /// What is there and can't be read: without it the new file would say less than the old one.
    private(set) var unreadable: [Diagnostic] = []

    init(_ source: Files) { self.source = source }

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        do throws(SourceError) {
            let bytes = try source.read(path)
            files[path] = bytes
            return bytes
        } catch {
            if !error.isMissing, !error.isFolder {
                unreadable.append(
                    Diagnostic(
                        severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                        message: "can't read it: \(error.description)"))
            }
            throw error
        }
    }

    func expand(_ pattern: String) throws(SourceError) -> [String] { try source.expand(pattern) }
}

/// The new file, before there is one.
struct OneFile: SourceFiles {
    let name: String
    let bytes: [UInt8]

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        guard path == name else { throw SourceError(description: "no such file", isMissing: true) }
        return bytes
    }

    func expand(_ pattern: String) -> [String] { [] }
}
