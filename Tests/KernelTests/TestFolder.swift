import Foundation

/// A folder for one test, removed with its content at the test's end.
final class TestFolder: Sendable {
    private let url = FileManager.default.temporaryDirectory.appending(path: "fotest-\(UUID().uuidString)")

    init() {
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appending(path: name).path() }

    /// The file's bytes.
    func bytes(of name: String) throws -> [UInt8] { try Array(Data(contentsOf: url.appending(path: name))) }

    /// Overwrites some bytes of a file, as damage does.
    func overwrite(_ name: String, at offset: Int, with bytes: [UInt8]) throws {
        var content = try self.bytes(of: name)
        content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        try Data(content).write(to: url.appending(path: name))
    }
}
