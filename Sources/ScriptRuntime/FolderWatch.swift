import CLinux
import EventLoop
import Glibc
import Kernel

/// Tells when something happens to files in folders: inotify(7).
final class FolderWatch {
    private let descriptor: FileDescriptor
    private var source: EventSource?
    /// The folders, by their watches.
    private var folders: [Int32: String] = [:]
    /// The watches of folders that are there.
    private var watches: [String: Int32] = [:]

    /// - Parameter handler: something has happened; `takeChanges` says where.
    init(in loop: EventLoop, _ handler: @escaping () -> Void) throws {
        let number = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard number >= 0 else { throw SystemError("can't watch folders") }
        descriptor = FileDescriptor(owning: number)
        source = try EventSource.readable(number, in: loop, urgency: .control, handler)
    }

    deinit {
        // Before its descriptor is closed: see `EventSource.cancel`.
        source?.cancel()
    }

    /// Watches these folders, as far as they are there. To be called often: one that comes later is found then.
    func watch(_ wanted: Set<String>) {
        for (folder, watch) in watches where !wanted.contains(folder) {
            _ = inotify_rm_watch(descriptor.number, watch)
            forget(watch)
        }
        for folder in wanted where watches[folder] == nil {
            let kinds = CLinux_watched_kinds()
            let watch = unsafe inotify_add_watch(descriptor.number, folder, kinds)
            guard watch >= 0 else { continue }
            // Another name of the same folder has the same watch: the second one is looked at in turn.
            if folders[watch] == nil { folders[watch] = folder }
            watches[folder] = watch
        }
    }

    private func forget(_ watch: Int32) {
        folders[watch] = nil
        watches = watches.filter { $0.value != watch }
    }

    /// - Returns: the paths of files to which something has happened; `nil` where that is not known, and all may have changed.
    func takeChanges() -> Set<String>? {
        var changed: Set<String> = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        var isLost = false
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe read(descriptor.number, $0.baseAddress, $0.count)
            }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            // Watch, kind, cookie, length of the name: four bytes each, in the machine's order.
            while rest.count >= 16 {
                let head = rest.prefix(16)
                func word(_ index: Int) -> UInt32 {
                    let start = head.startIndex + 4 * index
                    return (0..<4).reduce(0) { $0 | UInt32(head[start + $1]) << (8 * UInt32($1)) }
                }
                let (watch, kind, length) = (Int32(bitPattern: word(0)), word(1), Int(word(3)))
                rest = rest.dropFirst(16)
                guard length <= rest.count else { break }
                let name = rest.prefix(length).prefix { $0 != 0 }
                rest = rest.dropFirst(length)
                if kind & UInt32(bitPattern: Int32(IN_Q_OVERFLOW)) != 0 { isLost = true }
                guard let folder = folders[watch] else { continue }
                if kind & UInt32(IN_IGNORED) != 0 || kind & UInt32(IN_MOVE_SELF) != 0 {
                    // It has gone: it is looked for again.
                    _ = inotify_rm_watch(descriptor.number, watch)
                    forget(watch)
                    isLost = true
                }
                let path = folder + (folder == "/" ? "" : "/") + String(decoding: name, as: UTF8.self)
                // A file that has been made is still to be written; a link is whole at once.
                if kind & UInt32(IN_CREATE) != 0, !Self.isWhole(path) { continue }
                changed.insert(path)
            }
        }
        return isLost ? nil : changed
    }

    private static func isWhole(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFLNK || status.st_nlink > 1
    }
}
