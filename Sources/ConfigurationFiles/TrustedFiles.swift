package import Configuration
import Glibc
import Kernel

/// Reads the files of a configuration for a program that runs what they name as root: only those that nobody but root can change.
package final class TrustedFiles: SourceFiles {
    /// What was read: the plan's digest is made of it.
    package private(set) var archive = FileArchive()

    /// What others than root can change, a file or a folder above one: which it is, and what to type. Each once.
    package private(set) var exposures: [String] = []
    package var wasExposed: Bool { !exposures.isEmpty }
    /// A file could not be read for another reason.
    package private(set) var wasUnreadable = false

    package init() {}

    /// What a file holds that is no part of the configuration.
    package func content(of path: String, atMost limit: Int) throws(SourceError) -> [UInt8] {
        let bytes: [UInt8]?
        do throws(Distrust) {
            bytes = try TrustedFile(path).content(atMost: limit)
        } catch {
            throw self.error(error)
        }
        guard let bytes else { throw SourceError.tooLarge(nil, limit: limit) }
        return bytes
    }

    package func read(_ path: String) throws(SourceError) -> [UInt8] {
        let bytes = try content(of: path, atMost: ReadingContext.standardMostBytes)
        guard !bytes.contains(0) else { throw SourceError(description: "it is no text file") }
        archive.add(path, bytes)
        return bytes
    }

    /// The folder of the pattern is looked at, too: who can write to it decides which files there are.
    package func expand(_ pattern: String) throws(SourceError) -> [String] {
        let fixed = pattern.prefix { !"*?[{".contains($0) }
        let folder = fixed.prefix(upTo: fixed.lastIndex(of: "/") ?? fixed.startIndex)
        let paths: [String]
        do throws(Distrust) {
            try TrustedFile.checkFolder(folder.isEmpty ? "/" : String(folder))
        } catch {
            // A folder that is not there holds nothing.
            if case .system(_, ENOENT) = error {
                archive.add(expansion: pattern, [])
                return []
            }
            throw self.error(error)
        }
        do throws(SystemError) {
            paths = try DiskFiles.paths(matching: pattern)
        } catch {
            throw SourceError(description: "\(error)")
        }
        archive.add(expansion: pattern, paths)
        return paths
    }

    private func error(_ distrust: Distrust) -> SourceError {
        switch distrust {
        case .owner, .writable:
            if !exposures.contains("\(distrust)") { exposures.append("\(distrust)") }
        default: wasUnreadable = true
        }
        return switch distrust {
        case .system(_, let code): SourceError(description: "\(distrust)", isMissing: code == ENOENT || code == ENOTDIR)
        case .isFolder: SourceError(description: "\(distrust)", isFolder: true)
        default: SourceError(description: "\(distrust)")
        }
    }
}
