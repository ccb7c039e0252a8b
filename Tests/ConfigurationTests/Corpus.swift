import Configuration
import Foundation

/// A folder of files in keepalived's dialect.
struct Corpus {
    /// What a file is called while it is read.
    static let path = "/k/keepalived.conf"

    private(set) var name: String
    private(set) var files: [String: [UInt8]] = [:]
    /// Those with which keepalived does not start, where the folder says so.
    private var failing: Set<String> = []

    /// The folder that FAILOVER_CORPUS names.
    static var other: URL? {
        ProcessInfo.processInfo.environment["FAILOVER_CORPUS"].map { URL(filePath: $0, directoryHint: .isDirectory) }
    }

    init(_ folder: URL) throws {
        name = folder.lastPathComponent
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "conf" {
            files[file.lastPathComponent] = Array(try Data(contentsOf: file))
        }
        // `file`, exit code of `keepalived -t`, "starts" or "does not start".
        guard let verdict = try? String(contentsOf: folder.appending(path: "verdict.tsv"), encoding: .utf8) else {
            return
        }
        for line in verdict.split(separator: "\n") {
            let columns = line.split(separator: "\t")
            if columns.count == 3, columns[2] == "does not start" { failing.insert(String(columns[0])) }
        }
    }

    static func all(_ folder: URL) throws -> [String: [UInt8]] {
        var files = try Corpus(folder).files
        if let other { files.merge(try Corpus(other).files) { first, _ in first } }
        return files
    }

    func starts(_ file: String) -> Bool { !failing.contains(file) }

    // MARK: - One file

    static func check(_ text: [UInt8], _ context: ReadingContext) -> ConfigurationReader.Result {
        ConfigurationReader.read(path, from: files(text), context: context)
    }

    static func migrate(_ text: [UInt8], _ context: ReadingContext) -> Result<Migration, Migration.Failure> {
        do throws(Migration.Failure) {
            return .success(try Migration(path, as: "/f/new.conf", from: files(text), context: context))
        } catch {
            return .failure(error)
        }
    }

    static func isMigrated(_ text: [UInt8], _ context: ReadingContext) -> Bool {
        guard case .success(let new) = migrate(text, context) else { return false }
        return !check(new.text, context).hasErrors
    }

    static func files(_ text: [UInt8]) -> MemoryFiles {
        var files = MemoryFiles([:])
        files.files[path] = text
        return files
    }

    // MARK: - All of them

    /// "N of M taken, N of M migrated", and each stated reason with the number of files that have it.
    func figures(_ context: ReadingContext) -> String {
        let checks = files.mapValues { Self.check($0, context) }
        let started = files.filter { starts($0.key) }
        let migrated = started.filter { Self.isMigrated($0.value, context) }
        var lines = [
            "\(name): \(checks.values.count { !$0.hasErrors }) of \(files.count) taken, "
                + "\(migrated.count) of \(started.count) migrated"
        ]
        func list(_ title: String, _ reasons: [String: Set<String>]) {
            guard !reasons.isEmpty else { return }
            lines.append("  \(title):")
            for (reason, files) in reasons.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
                lines.append("    \(files.count) × \(reason)")
            }
        }
        var reasons: [String: Set<String>] = [:]
        for (file, result) in checks {
            for diagnostic in result.diagnostics where diagnostic.severity == .error {
                reasons[diagnostic.message, default: []].insert(file)
            }
        }
        list("not taken", reasons)
        var left: [String: Set<String>] = [:]
        for (file, text) in started where migrated[file] == nil {
            guard case .failure(let failure) = Self.migrate(text, context) else { continue }
            for diagnostic in failure.diagnostics { left["\(file): \(diagnostic.message)", default: []].insert(file) }
        }
        list("a person decides", left)
        return lines.joined(separator: "\n")
    }

    // MARK: - Broken ones

    /// The same numbers for the same seed, everywhere.
    struct Steps {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(max(bound, 1)))
        }
    }

    /// Some lines go, come twice, change places, or lose a character.
    static func mutilate(_ text: [UInt8], _ random: inout Steps) -> [UInt8] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        for _ in 0..<1 + random.next(below: 4) where lines.count > 1 {
            let index = random.next(below: lines.count)
            switch random.next(below: 4) {
            case 0: lines.remove(at: index)
            case 1: lines.insert(lines[index], at: random.next(below: lines.count))
            case 2: lines.swapAt(index, random.next(below: lines.count))
            default:
                if !lines[index].isEmpty { lines[index].remove(at: random.next(below: lines[index].count)) }
            }
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
