import CLinux
import Glibc

/// A file's access list (acl(5)), in the form in which the kernel takes it (linux/posix_acl_xattr.h).
package enum AccessList {
    private static let attribute = "system.posix_acl_access"

    private enum Tag: UInt16 {
        case owner = 0x01
        case owningGroup = 0x04
        case group = 0x08
        case mask = 0x10
        case others = 0x20
    }

    private static let readAndWrite: UInt16 = 6
    /// The identity of entries that name nobody.
    private static let nobody = UInt32.max

    /// The owner and the members of the group may read and write, nobody else may; the owning group, too, may not.
    /// - Returns: whether that is so now; file systems may have no such lists.
    static func letGroup(_ group: UInt32, use path: String) -> Bool {
        var bytes = little(UInt32(2), count: 4)
        for (tag, access, identity) in [
            (Tag.owner, readAndWrite, nobody), (.owningGroup, 0, nobody), (.group, readAndWrite, group),
            (.mask, readAndWrite, nobody), (.others, 0, nobody),
        ] {
            bytes +=
                little(UInt32(tag.rawValue), count: 2) + little(UInt32(access), count: 2) + little(identity, count: 4)
        }
        return unsafe lsetxattr(path, attribute, bytes, bytes.count, 0) == 0
    }

    /// Whether a file has one: then its mode does not say everything.
    package static func isOn(_ path: String) -> Bool { unsafe getxattr(path, attribute, nil, 0) > 0 }

    /// The file's mode counts alone.
    static func remove(from path: String) { _ = unsafe lremovexattr(path, attribute) }

    private static func little(_ value: UInt32, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
}
