import Glibc

/// What /proc says of processes.
enum ProcFolder {
    /// So much of a command line is compared, in bytes.
    private static let longest = 4096

    static func processes() -> [Int32] {
        guard let directory = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(directory) }
        var found: [Int32] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let process = Int32(name) { found.append(process) }
        }
        return found
    }

    /// Its name and command line; `nil` where it is gone, or a zombie.
    static func words(of process: Int32) -> (name: [UInt8], commandLine: [UInt8])? {
        guard var name = bytes("/proc/\(process)/comm"), !name.isEmpty else { return nil }
        if name.last == UInt8(ascii: "\n") { name.removeLast() }
        return (name, bytes("/proc/\(process)/cmdline") ?? [])
    }

    private static func bytes(_ path: String) -> [UInt8]? {
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
        return count >= 0 ? Array(bytes.prefix(count)) : nil
    }
}
