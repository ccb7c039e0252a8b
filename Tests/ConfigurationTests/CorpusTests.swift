import Configuration
import Foundation
import Testing

/// The files under Tests/Shapes, and where FAILOVER_CORPUS names a folder, those in it.
@Suite("Files in the shapes that people really have")
struct CorpusTests {
    static let context = ReadingContext(configurationID: "node1")

    static var shapes: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Shapes").standardizedFileURL
    }

    /// The table beside the shapes: `file`, what `--check` says, what `migrate` makes of it.
    static func expected() throws -> [(file: String, check: String, migration: String)] {
        try String(contentsOf: shapes.appending(path: "expected.tsv"), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { line in
                let columns = line.split(separator: "\t").map(String.init)
                try #require(columns.count == 3)
                return (columns[0], columns[1], columns[2])
            }
    }

    @Test("Each is what its table says: taken, migrated, or a person's to decide")
    func shapes() throws {
        let expected = try Self.expected()
        #expect(try Set(expected.map(\.file)) == Set(Corpus(Self.shapes).files.keys))
        let corpus = try Corpus(Self.shapes)
        for (file, check, migration) in expected {
            let text = try #require(corpus.files[file])
            let result = Corpus.check(text, Self.context)
            #expect((result.hasErrors ? "error" : "taken") == check, "\(file): \(result.diagnostics)")
            switch Corpus.migrate(text, Self.context) {
            case .success(let new):
                #expect(migration == "taken", "\(file)")
                #expect(!Corpus.check(new.text, Self.context).hasErrors, "\(file)")
            case .failure(let failure):
                #expect(migration == "person", "\(file): \(failure.diagnostics)")
                // It says which line.
                #expect(!failure.diagnostics.isEmpty, "\(file)")
                #expect(failure.diagnostics.allSatisfy { $0.location.file == Corpus.path }, "\(file)")
            }
        }
    }

    @Test("Both programs read the same about scripts, in the same order, of every file that is taken")
    func scripting() throws {
        var withScripts = 0
        for (file, text) in try Corpus.all(Self.shapes) {
            guard let agents = Corpus.check(text, Self.context).configuration else { continue }
            let runners = ScriptingReader.read(Corpus.path, from: Corpus.files(text), context: Self.context)
            #expect(runners.configuration == agents.scripting, "\(file): \(runners.diagnostics)")
            withScripts += agents.scripting.isEmpty ? 0 : 1
        }
        #expect(withScripts > 3)
    }

    @Test("A migrated file is migrated once: a second time nothing is left to do")
    func twice() throws {
        for (file, text) in try Corpus(Self.shapes).files {
            guard case .success(let first) = Corpus.migrate(text, Self.context) else { continue }
            guard case .success(let second) = Corpus.migrate(first.text, Self.context) else {
                Issue.record("\(file)")
                continue
            }
            #expect(second.text == first.text, "\(file)")
            #expect(second.dropped.isEmpty && second.ignored.isEmpty && second.replaced.isEmpty, "\(file)")
        }
    }

    @Test("Whatever lines are missing, doubled or swapped: what a migration writes is taken, and means what it says")
    func mutilated() throws {
        var random = Corpus.Steps(seed: 20_240_601)
        for (file, text) in try Corpus.all(Self.shapes).sorted(by: { $0.key < $1.key }) {
            for _ in 0..<3 {
                let changed = Corpus.mutilate(text, &random)
                guard case .success(let new) = Corpus.migrate(changed, Self.context) else { continue }
                let written = Corpus.check(new.text, Self.context)
                #expect(
                    written.configuration?.isEquivalent(to: new.configuration) == true,
                    "\(file): \(written.diagnostics)\n\(String(decoding: changed, as: UTF8.self))")
            }
        }
    }

    @Test("The figures: how many are taken and migrated, and why the others are not")
    func figures() throws {
        let folders = [Self.shapes] + (Corpus.other.map { [$0] } ?? [])
        for folder in folders { print(try Corpus(folder).figures(Self.context)) }
        guard let other = Corpus.other else { return }
        // keepalived's verdict, where the folder has it: what it does not start with is not counted.
        let corpus = try Corpus(other)
        let left = corpus.files.filter { corpus.starts($0.key) && !Corpus.isMigrated($0.value, Self.context) }
        #expect(left.count <= max(3, corpus.files.count / 40), "\(left.keys.sorted())")
    }
}
