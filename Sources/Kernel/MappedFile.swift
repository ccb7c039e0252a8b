import CLinux
import Glibc

/// A file in memory that grows when it is told to: a crash loses nothing, and no store ever waits for a disk.
@safe final class MappedFile {
    private var file: FileDescriptor
    private var mapping: UnsafeMutableRawPointer
    private let path: String
    /// In bytes; what lies beyond it in the file is not looked at.
    private(set) var size: Int

    /// Opens the file, or makes it.
    /// - Parameter magic: what the file begins with if it is this program's, or 0 while it is being written. The highest byte is the
    ///   layout's number.
    /// - Throws: also when another process uses the file, or it is somebody else's.
    init(path: String, size: Int, magic: UInt64) throws(SystemError) {
        self.size = size
        self.path = path
        file = try Self.open(path, O_CREAT)
        // Whatever else lies there is not this program's to overwrite.
        var head: UInt64 = 0
        let count = unsafe pread(file.number, &head, MemoryLayout<UInt64>.size, 0)
        guard count == 0 || count == MemoryLayout<UInt64>.size && (head == 0 || (head ^ magic) << 8 == 0) else {
            throw SystemError("\(path) is no file of this program", code: EEXIST)
        }
        _ = fchmod(file.number, 0o600)
        unsafe mapping = try unsafe Self.map(file.number, path, size)
    }

    private static func open(_ path: String, _ flags: Int32) throws(SystemError) -> FileDescriptor {
        let number = try check("can't open \(path)") {
            unsafe Glibc.open(path, O_RDWR | flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        let file = FileDescriptor(owning: number)
        _ = try check("another process uses \(path)") { flock(number, LOCK_EX | LOCK_NB) }
        return file
    }

    private static func map(
        _ number: Int32, _ path: String, _ size: Int
    ) throws(SystemError) -> UnsafeMutableRawPointer {
        // Room is set aside now: a full file system must not kill the process later, at a store into the mapping.
        let code = posix_fallocate(number, 0, off_t(size))
        guard code == 0 else { throw SystemError("can't make room in \(path)", code: code) }
        guard let mapping = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0),
            unsafe mapping != MAP_FAILED
        else { throw SystemError("can't map \(path)") }
        return unsafe mapping
    }

    /// Makes the file anew where somebody has removed it, with what it held. For memory file systems.
    /// - Returns: whether it was missing.
    func renewIfMissing() throws(SystemError) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) != 0, errno == ENOENT else { return false }
        let renewed = try Self.open(path, O_CREAT | O_EXCL)
        let copy: UnsafeMutableRawPointer
        do throws(SystemError) {
            unsafe copy = try unsafe Self.map(renewed.number, path, size)
        } catch {
            // An empty one would look as if there were nothing to keep.
            _ = unsafe unlink(path)
            throw error
        }
        unsafe copy.copyMemory(from: mapping, byteCount: size)
        unsafe munmap(mapping, size)
        unsafe mapping = unsafe copy
        file = renewed
        return true
    }

    /// How long the file itself is, in bytes: an earlier process may have made it longer.
    var fileSize: Int {
        var status = stat()
        return unsafe fstat(file.number, &status) == 0 ? Int(status.st_size) : size
    }

    /// Makes room, and keeps what is there. Nothing happens where there is as much already.
    /// - Parameter newSize: in bytes.
    /// - Throws: where there is no room; then all is as before.
    func grow(to newSize: Int) throws(SystemError) {
        guard newSize > size else { return }
        let larger = try unsafe Self.map(file.number, path, newSize)
        unsafe munmap(mapping, size)
        unsafe mapping = unsafe larger
        size = newSize
    }

    /// What is in the file need not be in this process's memory, too: it comes back when it is asked for.
    func letPagesGo() {
        // Pages that are locked would stay.
        _ = unsafe munlock(mapping, size)
        _ = unsafe madvise(mapping, size, MADV_DONTNEED)
    }

    deinit {
        _ = unsafe munmap(mapping, size)
    }

    /// The value at an offset, which is a multiple of its alignment; `nil` outside the file.
    func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, offset <= size - MemoryLayout<Value>.size else { return nil }
        return unsafe mapping.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }

    /// Outside the file nothing happens.
    func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
        guard offset >= 0, offset <= size - MemoryLayout<Value>.size else { return }
        unsafe mapping.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }

    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, count >= 0, count <= size, offset <= size - count else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: mapping + offset, count: count))
    }

    /// - Returns: false when they do not fit.
    func store(_ bytes: [UInt8], at offset: Int) -> Bool {
        guard offset >= 0, bytes.count <= size, offset <= size - bytes.count else { return false }
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (mapping + offset).copyMemory(from: base, byteCount: source.count)
        }
        return true
    }
}
