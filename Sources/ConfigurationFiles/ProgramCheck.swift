package import Configuration
import Glibc
import Kernel

/// Looks whether the programs that a configuration has run can be run, and whether the users are there as whom they run.
package struct ProgramCheck {
    /// Who looks.
    package enum Observer: Hashable, Sendable {
        /// A person's command.
        case person
        /// The service: it does not see every folder, and must not wait for a directory of users.
        case service
    }

    private let scripting: ScriptingConfiguration
    private let observer: Observer
    private var diagnostics: [Diagnostic] = []
    private var told: Set<String> = []
    private var users: [ScriptUser: ProgramUser] = [:]
    private var surveys: [String: ProgramSurvey] = [:]

    /// - Returns: errors for what can't be run, and warnings for what can't be known.
    package static func diagnostics(
        about scripting: ScriptingConfiguration, as observer: Observer = .person
    ) -> [Diagnostic] {
        var check = ProgramCheck(scripting, observer)
        check.look()
        return check.diagnostics
    }

    private init(_ scripting: ScriptingConfiguration, _ observer: Observer) {
        self.scripting = scripting
        self.observer = observer
    }

    private mutating func look() {
        for pipe in scripting.pipes {
            if let user = pipe.user { _ = self.user(user, at: pipe.location) }
            var status = stat()
            if unsafe stat(pipe.path, &status) == 0, status.st_mode & S_IFMT != S_IFIFO {
                tell(.error, "\(pipe.path) is there, and is no named pipe", at: pipe.location)
            }
        }
        for use in scripting.programs {
            let user = use.user ?? scripting.defaultUser
            let runner = user.map { self.user($0, at: use.location) } ?? standardUser
            for fault in faults(of: use, for: runner) {
                tell(fault.severity, fault.description, at: use.location)
            }
        }
    }

    private mutating func tell(_ severity: Diagnostic.Severity, _ message: String, at location: SourceLocation) {
        // One program may be named by many lines.
        guard told.insert(message).inserted else { return }
        diagnostics.append(Diagnostic(severity: severity, location: location, message: message))
    }

    // MARK: - Users

    /// `keepalived_script` where it exists, else root.
    private var standardUser: ProgramUser? {
        guard observer == .person else { return nil }
        let name = "keepalived_script"
        return Self.user(named: name, hasAllGroups: false)
            ?? ProgramUser(name: "root", user: 0, group: 0, hasAllGroups: false)
    }

    private mutating func user(_ wanted: ScriptUser, at location: SourceLocation) -> ProgramUser? {
        guard observer == .person else { return nil }
        if let known = users[wanted] { return known }
        let hasAllGroups = wanted.hasAllGroups || scripting.givesAllGroups
        guard var user = Self.user(named: wanted.name, hasAllGroups: hasAllGroups) else {
            tell(.error, "there is no user '\(wanted.name)' to run it", at: location)
            return nil
        }
        if let name = wanted.group {
            guard let group = PeerCredentials.group(named: name) else {
                tell(.error, "there is no group '\(name)' to run it", at: location)
                return nil
            }
            user.group = group
        }
        users[wanted] = user
        return user
    }

    private static func user(named name: String, hasAllGroups: Bool) -> ProgramUser? {
        guard let entry = unsafe getpwnam(name) else { return nil }
        return ProgramUser(
            name: name, user: unsafe entry.pointee.pw_uid, group: unsafe entry.pointee.pw_gid,
            hasAllGroups: hasAllGroups)
    }

    // MARK: - Programs

    private mutating func faults(of use: ProgramUse, for user: ProgramUser?) -> [ProgramFault] {
        let candidates = ProgramPath.candidates(for: use.program, in: ProgramPath.standard)
        var first: [ProgramFault]?
        for path in candidates where observer == .person || !DiskFiles.isHidden(path) {
            let faults = survey(path).faults(for: user, isSecure: scripting.isSecure) { interpreter in
                unsafe access(interpreter, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR
            }
            if candidates.count == 1 || !faults.contains(where: { $0.severity == .error }) { return faults }
            if case .missing? = faults.first { continue }
            first = first ?? faults
        }
        guard candidates.count > 1 else { return [] }
        return first ?? [.notFound(program: use.program)]
    }

    private mutating func survey(_ path: String) -> ProgramSurvey {
        if let known = surveys[path] { return known }
        let survey = ProgramSurvey(onDisk: path)
        surveys[path] = survey
        return survey
    }
}

extension ProgramSurvey {
    /// As much as says whether the kernel runs it.
    private static let mostBytes = 256

    init(onDisk path: String) {
        self.init(path: path)
        guard let buffer = unsafe realpath(path, nil) else {
            let code = errno
            end =
                code == ENOENT || code == ENOTDIR
                ? .missing : code == EACCES ? .hidden : .broken(SystemError.text(of: code))
            return
        }
        let real = unsafe String(cString: buffer)
        unsafe free(buffer)
        // A link may be put elsewhere by whoever may write to its folder.
        let folders = Self.folders(above: path).filter { !Self.folders(above: real).contains($0) }
        for place in folders + Self.folders(above: real) + [real] {
            guard let step = Step(onDisk: place) else {
                end = .hidden
                return
            }
            steps.append(step)
        }
        if steps.last?.kind == .file { beginning = Self.firstBytes(of: real) }
    }

    /// `/`, `/usr`, `/usr/bin`
    private static func folders(above path: String) -> [String] {
        var folders = ["/"]
        for part in path.split(separator: "/").dropLast() {
            folders.append((folders.count == 1 ? "" : folders[folders.count - 1]) + "/" + part)
        }
        return folders
    }

    private static func firstBytes(of path: String) -> [UInt8]? {
        let number = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes = [UInt8](repeating: 0, count: mostBytes)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file.number, $0.baseAddress, $0.count) }
        return count >= 0 ? Array(bytes.prefix(count)) : nil
    }
}

extension ProgramSurvey.Step {
    fileprivate init?(onDisk path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        let kind: ProgramSurvey.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            default: .other
            }
        self.init(
            path: path, kind: kind, owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777,
            hasAccessList: AccessList.isOn(path))
    }
}
