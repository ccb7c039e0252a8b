import Foundation
import Testing

@Suite("The list of mutants")
struct MutantTests {
    /// A rule that is broken: Tests/Simulate/mutants.txt says how such a list is written.
    private struct Mutant {
        var name: String
        var file: String
        var old: String

        init?(_ block: Substring) {
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > 3 else { return nil }
            name = String(lines[0])
            file = String(lines[1])
            let change = lines.dropFirst(lines[2].hasPrefix("? ") ? 3 : 2).joined(separator: "\n")
            guard change.hasPrefix("-"), let end = change.range(of: "\n+") else { return nil }
            old = String(change[change.index(after: change.startIndex)..<end.lowerBound])
        }
    }

    @Test("Each fits one place of its file, so that contrib/mutants can break it")
    func fit() throws {
        let text = try String(
            contentsOf: ArchitectureTests.top.appending(path: "Tests/Simulate/mutants.txt"), encoding: .utf8)
        let blocks = "\n\(text)".split(separator: "\n== ").dropFirst()
        #expect(blocks.count > 100)
        for block in blocks {
            let mutant = try #require(Mutant(block), "\(block.prefix(200))")
            let file = ArchitectureTests.top.appending(path: mutant.file)
            let source = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            #expect(source.components(separatedBy: mutant.old).count == 2, "\(mutant.name): \(mutant.file)")
        }
    }
}
