package import Configuration
import Glibc
package import Kernel

/// Reads configuration files for the pure room that understands them, and looks at who else may.
package final class DiskFiles: SourceFiles {
    /// Files with a password that everybody on this host can read.
    private var exposed: [String] = []
    /// What was read.
    package private(set) var archive = FileArchive()

    /// What has come through pipes.
    private var streamed: [String: [UInt8]] = [:]
    private let pipes: Pipes
    private var hasRead = false

    /// What becomes of a pipe, a terminal or another file that can be read only once.
    package enum Pipes {
        case refused
        /// It is read to its end.
        /// - Parameter patience: how long nothing may come; `nil` for as long as it takes.
        case read(patience: Duration?)
    }

    /// What to type where a file may not be read.
    package enum Advice {
        /// The service is to read the file.
        case letServiceRead
        /// Somebody wants to look at it.
        case runAsRoot
        /// Somebody wants to know whether the service could use it.
        case runAsRootOrLetServiceRead
    }

    private let advice: Advice
    /// It is the shipped unit's own configuration that is looked at.
    package var isServicesOwn = false

    package init(advice: Advice, pipes: Pipes) {
        self.advice = advice
        self.pipes = pipes
    }

    package func read(_ path: String) throws(SourceError) -> [UInt8] {
        // What comes through a pipe comes once.
        if let bytes = streamed[path] { return bytes }
        let source: OpenSource
        do throws(OpenSource.OpeningFailure) {
            // A pipe among included files may have no writer: only the file that was named is waited for.
            source = try OpenSource(path, pipes: hasRead ? .refused : pipes)
            hasRead = true
        } catch {
            switch error {
            case .system(let code):
                throw SourceError(
                    description: explanation(code, path), isMissing: code == ENOENT || code == ENOTDIR)
            case .unwanted(let what):
                throw SourceError(
                    description:
                        "it is \(what), which can be read once: the agent reads its configuration again at each reload, "
                        + "so name a file")
            }
        }
        let bytes: [UInt8]
        do throws(OpenSource.ReadingFailure) {
            bytes = try source.content(atMost: ReadingContext.standardMostBytes)
        } catch {
            switch error {
            case .tooLarge(let size): throw SourceError.tooLarge(size, limit: ReadingContext.standardMostBytes)
            case .late(let patience): throw SourceError(description: "nobody has written to it for \(patience)")
            case .system(EISDIR):
                throw SourceError(
                    description:
                        "it is a folder, and no file in it is read: write \(path.hasSuffix("/") ? path : path + "/")*.conf",
                    isFolder: true)
            case .system(let code): throw SourceError(description: Self.words(code))
            }
        }
        if source.isReadableByAll, Self.holdsPassword(bytes) { exposed.append(path) }
        guard !bytes.contains(0) else { throw SourceError(description: "it is no text file") }
        if source.isStream { streamed[path] = bytes }
        archive.add(path, bytes)
        return bytes
    }

    /// The system's words, and what to type where they are about permissions.
    private func explanation(_ code: Int32, _ path: String) -> String {
        let words = Self.words(code)
        guard code == EACCES, geteuid() != 0 else { return words }
        if advice == .runAsRoot { return "\(words): run this as root" }
        if advice == .runAsRootOrLetServiceRead, !(isServicesOwn && Self.isHidden(path)) {
            return "\(words): run this as root, or let the service read it" + Self.cure("", path)
        }
        if isServicesOwn, Self.isHidden(path) { return "\(words): \(Self.unseen)" }
        return Self.cure(words, path)
    }

    private static func cure(_ words: String, _ path: String) -> String {
        if let folder = closedFolder(above: path) {
            return
                "\(words): the service may not look into \(folder), so type: chgrp failover-agent \(folder) && chmod g+rx \(folder)"
        }
        return "\(words): the service reads it as a member of its group, so type: "
            + "chown root:failover-agent \(path) && chmod 640 \(path)"
    }

    private static func words(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    private static func holdsPassword(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("auth_pass")
    }

    /// The first folder on the way to a file that this process can't pass.
    private static func closedFolder(above path: String) -> String? {
        var place = path.startIndex
        while let slash = path[place...].dropFirst().firstIndex(of: "/") {
            place = slash
            let folder = String(path[..<slash])
            if unsafe faccessat(AT_FDCWD, folder, X_OK, AT_EACCESS) != 0, errno == EACCES { return folder }
        }
        guard path.hasSuffix("/") else { return nil }
        let folder = String(path.dropLast())
        return unsafe faccessat(AT_FDCWD, folder, R_OK, AT_EACCESS) != 0 && errno == EACCES ? folder : nil
    }

    /// Reads as that user from now on: for a program that checks what a service will see, and ends. Does nothing for anybody but
    /// root.
    /// - Returns: whether it does.
    package static func become(user: UInt32, group: UInt32) -> Bool {
        var groups = [group]
        return unsafe geteuid() == 0 && setgroups(1, &groups) == 0 && setegid(group) == 0 && seteuid(user) == 0
    }

    /// Reads as root again, where `become` has made another user of it.
    package static func becomeRootAgain() {
        guard getuid() == 0, geteuid() != 0 else { return }
        _ = seteuid(0)
    }

    /// What the shipped unit hides from the service, whoever may read it.
    private static let hidden = ["/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/"]

    private static let unseen =
        "the service does not see this folder (ProtectHome=, PrivateTmp=): put the file below /etc/failover-agent"

    /// Where links lead counts.
    static func isHidden(_ path: String) -> Bool {
        var places = [path]
        if let real = unsafe realpath(path, nil) {
            places.append(unsafe String(cString: real))
            unsafe free(real)
        }
        return places.contains { place in hidden.contains { place.hasPrefix($0) } }
    }

    /// An error for each file that the service would not see.
    package var hiddenFromService: [Diagnostic] {
        archive.paths.filter(Self.isHidden).map { path in
            Diagnostic(
                severity: .error, location: SourceLocation(file: path, line: 1, column: 1), message: Self.unseen)
        }
    }

    /// A warning for each file with a password that everybody on this host can read.
    package var warnings: [Diagnostic] {
        exposed.map { path in
            Diagnostic(
                severity: .warning, location: SourceLocation(file: path, line: 1, column: 1),
                message: "it holds a password and every user of this host can read it: "
                    + (path.hasPrefix("/etc/failover-agent/")
                        ? "chown root:failover-agent \(path) && chmod 640 \(path)" : "chmod o-r \(path)"))
        }
    }

    package func expand(_ pattern: String) throws(SourceError) -> [String] {
        do throws(SystemError) {
            let found = try Self.paths(matching: pattern)
            archive.add(expansion: pattern, found)
            return found
        } catch {
            let folder = String(pattern.prefix { !"*?[{".contains($0) })
            throw SourceError(description: explanation(error.code, folder.isEmpty ? "." : folder))
        }
    }

    /// The files that a pattern stands for, sorted; folders are left out. Both programs that read a configuration have to find the same ones.
    /// - Throws: when a folder can't be looked into. One that is not there holds nothing that fits, wherever in the pattern it stands.
    package static func paths(matching pattern: String) throws(SystemError) -> [String] {
        var result = unsafe glob_t()
        defer { unsafe globfree(&result) }
        let code = unsafe glob(
            pattern, GLOB_BRACE | GLOB_MARK, { _, code in code == ENOENT || code == ENOTDIR ? 0 : 1 }, &result)
        guard code != GLOB_ABORTED else {
            throw SystemError("can't look into a folder of '\(pattern)'", code: errno == 0 ? EACCES : errno)
        }
        guard code == 0, let paths = unsafe result.gl_pathv else { return [] }
        return (0..<Int(unsafe result.gl_pathc)).compactMap { index -> String? in
            guard let path = unsafe paths[index] else { return nil }
            let text = unsafe String(cString: path)
            return text.hasSuffix("/") ? nil : text
        }
    }
}
