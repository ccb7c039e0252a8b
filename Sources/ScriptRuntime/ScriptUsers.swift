import Configuration
import Glibc
import Kernel

/// As whom a script runs, in numbers.
struct ScriptIdentity: Hashable {
    var user: UInt32
    var group: UInt32
    var groups: [UInt32] = []
}

/// Why a script is not run at all.
struct Unrunnable: Error, Hashable {
    /// errno, as it goes over the wire.
    var code: Int32
    /// One line: what stands in the way, and what to do.
    var reason: String
}

/// The users of scripts. The system's lists are asked once a plan, for asking may take time; for who is not in them once a minute.
struct ScriptUsers {
    /// Who runs scripts where no file says so, if this user exists; else root.
    static let standardUser = "keepalived_script"

    private var known: [ScriptUser?: Result<ScriptIdentity, Unrunnable>] = [:]
    private var askedAt = Duration.zero
    private var standard: ScriptUser?
    private var givesAllGroups = false

    init() {}

    init(_ configuration: ScriptingConfiguration) {
        standard = configuration.defaultUser
        givesAllGroups = configuration.givesAllGroups
    }

    /// - Parameter user: `nil` for the default.
    mutating func identity(of user: ScriptUser?, at now: Duration) throws(Unrunnable) -> ScriptIdentity {
        if let known = known[user] {
            if case .success = known { return try known.get() }
            if now - askedAt < .seconds(60) { return try known.get() }
        }
        askedAt = now
        let answer: Result<ScriptIdentity, Unrunnable>
        do throws(Unrunnable) {
            answer = .success(try ask(user))
        } catch {
            answer = .failure(error)
        }
        known[user] = answer
        return try answer.get()
    }

    private func ask(_ user: ScriptUser?) throws(Unrunnable) -> ScriptIdentity {
        guard let wanted = user ?? standard else {
            let exists = PeerCredentials.user(named: Self.standardUser) != nil
            return try Self.ask(ScriptUser(name: exists ? Self.standardUser : "root"), givesAllGroups)
        }
        return try Self.ask(wanted, givesAllGroups)
    }

    private static func ask(_ wanted: ScriptUser, _ givesAllGroups: Bool) throws(Unrunnable) -> ScriptIdentity {
        guard let entry = unsafe getpwnam(wanted.name) else {
            throw Unrunnable(
                code: ENOENT, reason: "there is no user '\(wanted.name)': \(advice)")
        }
        var identity = ScriptIdentity(user: unsafe entry.pointee.pw_uid, group: unsafe entry.pointee.pw_gid)
        if let name = wanted.group {
            guard let group = PeerCredentials.group(named: name) else {
                throw Unrunnable(
                    code: ENOENT, reason: "there is no group '\(name)': \(advice)")
            }
            identity.group = group
        }
        if wanted.hasAllGroups || givesAllGroups { identity.groups = groups(of: wanted.name, identity.group) }
        return identity
    }

    private static let advice = "make it, or name another one in the configuration"

    private static func groups(of name: String, _ group: UInt32) -> [UInt32] {
        var count: Int32 = 64
        var groups = [UInt32](repeating: 0, count: Int(count))
        while unsafe getgrouplist(name, group, &groups, &count) < 0 {
            guard count > groups.count, count <= 65_536 else { return [group] }
            groups = [UInt32](repeating: 0, count: Int(count))
        }
        return Array(groups.prefix(Int(max(count, 0))))
    }
}
