import Addressing
import Glibc
import Kernel
import Scripts

/// The control groups of all runs, below the runner's own; nothing where there are none, and then a process group is all that holds a run
/// together.
final class RunGroups {
    /// So many processes may a run have at once: one that starts others without end stops there.
    static let mostProcesses = 256

    /// How this runner's groups are named: others may be in the same place, in a container or in a test.
    private let prefix: String
    /// The runner's own; `nil` where groups can't be made.
    private let folder: String?
    private(set) var limitsProcesses = false
    /// Groups whose run is over, and that still hold processes.
    private var left: [String] = []

    /// Ends what an earlier runner has left, and prepares the limits.
    /// - Parameter name: of this runner, the same in its next run.
    init(of name: String) {
        var hash = StableHash()
        hash.add(Array(name.utf8))
        prefix = "run-\(String(hash.value, radix: 16))-"
        folder = Self.usable(prefix)
        guard let folder else { return }
        for name in groups(in: folder) { endGroup("\(folder)/\(name)") }
        limitsProcesses = Self.prepareLimits(folder)
    }

    var areThere: Bool { folder != nil }

    /// A group for a run.
    /// - Returns: `nil` where there are none.
    func make(_ number: UInt64) -> ControlGroup? {
        guard let folder, let group = try? ControlGroup("\(prefix)\(number)", in: folder) else { return nil }
        if limitsProcesses { _ = KernelFile.write("\(Self.mostProcesses)", to: group.path + "/pids.max") }
        return group
    }

    /// The run is over.
    /// - Parameter endsRest: what it has left running ends, too.
    func release(_ group: ControlGroup, endsRest: Bool) {
        guard !group.remove() else { return }
        if endsRest { group.kill() }
        if !group.remove() { left.append(group.path) }
    }

    /// Whether groups wait for their last process to go.
    var hasLeft: Bool { !left.isEmpty }

    /// Takes away what is empty now.
    func tidy() { left.removeAll { unsafe rmdir($0) == 0 || errno == ENOENT } }

    private func endGroup(_ path: String) {
        guard let group = try? ControlGroup(path: path) else { return }
        release(group, endsRest: true)
    }

    private static func usable(_ prefix: String) -> String? {
        guard let own = ControlGroup.ownFolder() else { return nil }
        // An earlier process of this program may have gone into the group for itself.
        let folder = own.hasSuffix("/runner") ? String(own.dropLast("/runner".count)) : own
        let trial = "\(folder)/\(prefix)0"
        guard unsafe mkdir(trial, 0o755) == 0 || errno == EEXIST else { return nil }
        _ = unsafe rmdir(trial)
        return folder
    }

    private func groups(in folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        return names
    }

    /// Limits may be set below a group only when no process is in it itself: this one goes into a group of its own, where it was alone.
    private static func prepareLimits(_ folder: String) -> Bool {
        guard unsafe access(folder + "/cgroup.subtree_control", W_OK) == 0,
            (KernelFile.text(of: folder + "/cgroup.controllers") ?? "").split(whereSeparator: \.isWhitespace)
                .contains("pids")
        else { return false }
        let others = (KernelFile.text(of: folder + "/cgroup.procs") ?? "").split(separator: "\n")
            .filter { Int32($0) != getpid() }
        guard others.isEmpty else { return false }
        let own = folder + "/runner"
        _ = unsafe mkdir(own, 0o755)
        guard KernelFile.write("0", to: own + "/cgroup.procs") else { return false }
        return KernelFile.write("+pids", to: folder + "/cgroup.subtree_control")
    }
}
