import Glibc
package import Kernel
import Scripts

/// A control group for one run, below the runner's own: whatever the run starts stays in it, also what leaves its process group, and all
/// of it ends at once.
package struct ControlGroup: ~Copyable {
    /// Its folder.
    package let path: String

    /// The runner's own folder; `nil` where there are no control groups of version 2.
    package static func ownFolder() -> String? {
        guard let mounts = text(of: "/proc/self/mountinfo"), let groups = text(of: "/proc/self/cgroup") else {
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

    /// Its processes; their own children, too.
    package var processes: [Int32] {
        (Self.text(of: path + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Asks all of its processes to end.
    package func terminate() {
        for process in processes { _ = kill(process, SIGTERM) }
    }

    /// Ends all of its processes.
    package func kill() {
        if Self.write("1", to: path + "/cgroup.kill") { return }
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

    private static func write(_ text: String, to path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return unsafe Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }

    private static func text(of path: String) -> String? {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < 1 << 20 {
            let count = unsafe read(file.number, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
