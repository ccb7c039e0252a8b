/// The files of a configuration as they were read, kept so that the same configuration can be read again when the files are
/// others, or broken.
package struct FileArchive: SourceFiles, Hashable, Sendable {
    private var files: [String: [UInt8]] = [:]
    private var expansions: [String: [String]] = [:]

    package init() {}

    /// The files' paths.
    package var paths: [String] { files.keys.sorted() }

    package mutating func add(_ path: String, _ bytes: [UInt8]) { files[path] = bytes }
    package mutating func add(expansion pattern: String, _ paths: [String]) { expansions[pattern] = paths }

    package func read(_ path: String) throws(SourceError) -> [UInt8] {
        guard let bytes = files[path] else { throw SourceError(description: "it was not kept", isMissing: true) }
        return bytes
    }

    package func expand(_ pattern: String) -> [String] { expansions[pattern] ?? [] }

    // MARK: - As bytes

    /// Lengths of four bytes before each part; parts by kind, sorted.
    package var encoded: [UInt8] {
        var result: [UInt8] = []
        func append(_ bytes: some Collection<UInt8>) {
            let count = UInt32(clamping: bytes.count)
            for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
                result.append(UInt8(truncatingIfNeeded: count >> shift))
            }
            result += bytes
        }
        for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
            append("file".utf8)
            append(path.utf8)
            append(bytes)
        }
        for (pattern, paths) in expansions.sorted(by: { $0.key < $1.key }) {
            append("expansion".utf8)
            append(pattern.utf8)
            append(paths.joined(separator: "\0").utf8)
        }
        return result
    }

    /// - Returns: `nil` for bytes that are no archive.
    package init?(encoded: [UInt8]) {
        var rest = encoded[...]
        func part() -> ArraySlice<UInt8>? {
            guard rest.count >= 4 else { return nil }
            let count = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        while !rest.isEmpty {
            guard let kind = part(), let name = part(), let content = part() else { return nil }
            let path = String(decoding: name, as: UTF8.self)
            switch String(decoding: kind, as: UTF8.self) {
            case "file": files[path] = Array(content)
            case "expansion":
                expansions[path] = String(decoding: content, as: UTF8.self).split(separator: "\0").map(String.init)
            default: return nil
            }
        }
    }
}
