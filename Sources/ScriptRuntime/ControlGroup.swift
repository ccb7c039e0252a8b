import Glibc
package import Kernel
import Scripts

/// A control group for one run, below the runner's own: whatever the run starts stays in it, also what leaves its process group, and all
/// of it ends at once.
package struct ControlGroup: Hashable {
    /// Its folder.
    package let path: String

    /// The runner's own folder; `nil` where there are no control groups of version 2.
    package static func ownFolder() -> String? {
        guard let mounts = KernelFile.text(of: "/proc/self/mountinfo"),
            let groups = KernelFile.text(of: "/proc/self/cgroup")
        else {
            return nil
        }
        return ControlGroupFolder.own(mounts: mounts, groups: groups)
    }

    /// Makes it.
    /// - Parameters:
    ///   - name: of the run; one that no other has.
    ///   - folder: the runner's own.
    package init(_ name: String, in folder: String) throws(SystemError) {
        path = "\(folder)/\(name)"
        guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SystemError("can't make the control group \(path)")
        }
    }

    /// One that is there already.
    package init(path: String) throws(SystemError) {
        guard unsafe access(path, F_OK) == 0 else { throw SystemError("can't find the control group \(path)") }
        self.path = path
    }

    /// Its processes; their own children, too.
    package var processes: [Int32] {
        (KernelFile.text(of: path + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Asks all of its processes to end.
    package func terminate() {
        for process in processes { _ = kill(process, SIGTERM) }
    }

    /// Ends all of its processes.
    package func kill() {
        if KernelFile.write("1", to: path + "/cgroup.kill") { return }
        // Kernels before 5.14: what is started meanwhile is found the next time.
        for _ in 0..<16 {
            let left = processes
            guard !left.isEmpty else { return }
            for process in left { _ = kill(process, SIGKILL) }
        }
    }

    /// Takes it away.
    /// - Returns: false while a process is in it.
    package func remove() -> Bool { unsafe rmdir(path) == 0 || errno == ENOENT }

    private func kill(_ process: Int32, _ signal: Int32) -> Int32 { Glibc.kill(process, signal) }
}
