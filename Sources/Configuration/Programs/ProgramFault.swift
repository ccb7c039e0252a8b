/// Why a program can't be run, or should not be.
package enum ProgramFault: Hashable, Sendable {
    case missing(path: String)
    /// In no folder of PATH.
    case notFound(program: String)
    case folder(path: String)
    case noFile(path: String)
    case notExecutable(path: String)
    /// The kernel runs what begins with `#!`, and binaries.
    case noInterpreter(path: String)
    /// The interpreter that the first line names.
    case interpreterMissing(path: String, interpreter: String)
    case notForUser(path: String, user: String)
    case broken(path: String, words: String)
    /// Root runs it, and others than root can change it.
    case changeable(path: String, isSecure: Bool)
    /// Whether it can be run is not known.
    case hidden(path: String)

    package var severity: Diagnostic.Severity {
        switch self {
        case .hidden, .changeable(_, isSecure: false): .warning
        default: .error
        }
    }
}

extension ProgramFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let path): "there is no \(printable(path)), so that it can't be run"
        case .notFound(let program): "'\(printable(program))' is in no folder of PATH: name it by its whole path"
        case .folder(let path): "\(printable(path)) is a folder, and no program"
        case .noFile(let path): "\(printable(path)) is no regular file, so that it can't be run"
        case .notExecutable(let path): "\(printable(path)) is not executable: chmod +x \(printable(path))"
        case .noInterpreter(let path):
            "\(printable(path)) does not begin with '#!', so that the kernel can't run it: write '#!/bin/sh' into its first line"
        case .interpreterMissing(let path, let interpreter) where interpreter.hasSuffix("\r"):
            "the first line of \(printable(path)) ends with a carriage return, and there is no program of that name: "
                + "sed -i 's/\\r$//' \(printable(path))"
        case .interpreterMissing(let path, let interpreter):
            "there is no \(printable(interpreter)), which the first line of \(printable(path)) names"
        case .notForUser(let path, let user):
            "the user \(printable(user)), who is to run it, may not use \(printable(path))"
        case .broken(let path, let words): "\(printable(path)) can't be run: \(words)"
        case .changeable(let path, let isSecure):
            "root runs it, and others than root can change \(printable(path))"
                + (isSecure ? ", which 'enable_script_security' forbids" : "")
                + ": chown root \(printable(path)) && chmod go-w \(printable(path)), or name another user"
        case .hidden(let path):
            "whether \(printable(path)) can be run is not known, because a folder may not be looked into: run this as root"
        }
    }
}

extension ProgramSurvey {
    /// What is wrong with it for somebody.
    /// - Parameters:
    ///   - user: `nil` where it is not known as whom it runs.
    ///   - isSecure: `enable_script_security`.
    ///   - exists: whether there is an interpreter of that name.
    package func faults(for user: ProgramUser?, isSecure: Bool, exists: (String) -> Bool) -> [ProgramFault] {
        switch end {
        case .missing: return [.missing(path: path)]
        case .hidden: return [.hidden(path: path)]
        case .broken(let words): return [.broken(path: path, words: words)]
        case nil: break
        }
        guard let program = steps.last else { return [] }
        switch program.kind {
        case .folder: return [.folder(path: path)]
        case .other: return [.noFile(path: path)]
        case .file: break
        }
        guard program.mode & 0o111 != 0 else { return [.notExecutable(path: path)] }
        var faults: [ProgramFault] = []
        if let interpreter {
            if !exists(interpreter) { faults.append(.interpreterMissing(path: path, interpreter: interpreter)) }
        } else if let beginning, Self.isText(beginning) {
            faults.append(.noInterpreter(path: path))
        }
        guard let user else { return faults }
        if let step = steps.first(where: { !$0.mayBeUsed(by: user) }) {
            faults.append(.notForUser(path: step.path, user: user.name))
        }
        if user.user == 0, let step = steps.first(where: \.isChangeable) {
            faults.append(.changeable(path: step.path, isSecure: isSecure))
        }
        return faults
    }

    /// Without anything that only a binary has.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains { $0 < 32 && !(9...13).contains($0) || $0 == 127 }
    }
}

extension ProgramSurvey.Step {
    /// Whether a user may run it, or pass it.
    fileprivate func mayBeUsed(by user: ProgramUser) -> Bool {
        if user.user == 0 || hasAccessList { return true }
        if user.user == owner { return mode & 0o100 != 0 }
        if user.group == group { return mode & 0o010 != 0 }
        return mode & (user.hasAllGroups ? 0o011 : 0o001) != 0
    }

    /// Others than root may put something else in its place. In a sticky folder they may not.
    fileprivate var isChangeable: Bool {
        owner != 0 || mode & 0o022 != 0 && !(kind == .folder && mode & 0o1000 != 0)
    }
}
