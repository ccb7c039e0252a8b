package import Configuration
import Glibc

/// What a configuration may ask about this host, and what is to be said about the file that tells it.
package struct HostContext {
    package var reading: ReadingContext
    /// About the environment's file. An error where that can't be read: the configuration might mean something else with it.
    package var diagnostics: [Diagnostic]

    /// - Parameters:
    ///   - configurationID: what `@ID` lines are compared with; `nil` for what the environment's file says, else the host's name.
    ///   - environment: the path of the environment's file.
    ///   - interfaces: where those are looked for that a file does not name.
    package init(
        configurationID: String?, environment path: String = EnvironmentFile.standardPath,
        interfaces: InterfaceSearch = .onThisHost()
    ) {
        var file = EnvironmentFile()
        diagnostics = []
        do throws(SourceError) {
            file = try Self.read(path)
            diagnostics = file.diagnostics(path)
        } catch {
            diagnostics = [
                Diagnostic(
                    severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                    message: "can't read the environment: \(error)")
            ]
        }
        reading = Self.context(file, configurationID: configurationID)
        reading.random = Self.random
        reading.routingNames = Self.routingNames
        reading.findInterface = interfaces.finder
    }

    private static func read(_ path: String) throws(SourceError) -> EnvironmentFile {
        let source: OpenSource
        do throws(OpenSource.OpeningFailure) {
            source = try OpenSource(path, pipes: .refused)
        } catch {
            switch error {
            case .system(ENOENT), .system(ENOTDIR): return EnvironmentFile()
            case .system(EACCES):
                throw SourceError(description: "\(words(EACCES)): the service reads it, too: chmod 644 \(path)")
            case .system(let code): throw SourceError(description: words(code))
            case .unwanted(let what): throw SourceError(description: "it is \(what), and no file")
            }
        }
        do throws(OpenSource.ReadingFailure) {
            return EnvironmentFile(try source.content(atMost: EnvironmentFile.longest))
        } catch {
            switch error {
            case .tooLarge, .late:
                throw SourceError(description: "it has more than \(EnvironmentFile.longest) bytes")
            case .system(let code): throw SourceError(description: words(code))
            }
        }
    }

    /// What a configuration may ask, where the environment's file says this. It draws no number.
    package static func context(_ file: EnvironmentFile, configurationID: String?) -> ReadingContext {
        var buffer = [CChar](repeating: 0, count: 4096)
        let folder = unsafe getcwd(&buffer, buffer.count).map { unsafe String(cString: $0) } ?? "/"
        return ReadingContext(
            configurationID: configurationID ?? file.configurationID ?? hostName, environment: file.variables,
            workingDirectory: folder)
    }

    /// For `${_RANDOM}`: from the system's generator.
    package static let random: @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) }

    /// The host's name up to the first dot.
    private static var hostName: String {
        var names = utsname()
        guard unsafe uname(&names) == 0 else { return "" }
        let name = unsafe withUnsafeBytes(of: names.nodename) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        return String(name.prefix { $0 != "." })
    }

    private static func words(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
