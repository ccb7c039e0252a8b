import Foundation

/// Changes of a configuration at reloads of a master, step by step: reload.txt.
package struct ReloadWalk: Sendable {
    /// What becomes of one keyword.
    package struct Step: Sendable {
        /// The block and the keyword.
        package var name: String
        /// The files in turn; the last reload goes back to `file`.
        package var files: [String] = []
    }

    package var file = ""
    package var steps: [Step] = []

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    package init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "reload.txt")
        var isFile = false
        for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("# ") {
            if line == "file" {
                isFile = true
            } else if line.hasPrefix("step ") {
                isFile = false
                steps.append(Step(name: String(line.dropFirst(5))))
            } else if isFile {
                file += line.dropFirst(4) + "\n"
            } else {
                try addEdit(String(line.dropFirst(4)))
            }
        }
    }

    /// `WHAT => INSTEAD`, with `\n` for a line's end.
    private mutating func addEdit(_ line: String) throws {
        let parts = (line.hasSuffix(" =>") ? line + " " : line).components(separatedBy: " => ").map {
            $0.replacing("\\n", with: "\n")
        }
        let before = steps.last?.files.last ?? file
        guard parts.count == 2, let range = before.range(of: parts[0]), !steps.isEmpty else {
            throw Failure(description: "reload.txt: this changes nothing: \(line)")
        }
        steps[steps.count - 1].files.append(before.replacingCharacters(in: range, with: parts[1]))
    }
}
