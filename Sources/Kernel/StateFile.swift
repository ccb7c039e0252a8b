package import Addressing
import Glibc

/// Which addresses this program has added, kept in mapped files that outlive the process, one a family: a crash loses nothing, and
/// no write ever waits for a disk.
///
/// Kernels before 5.18 do not say who added an address. The kernel's creation stamp beside each entry tells our address
/// from a later one that looks the same.
package final class StateFile {
    private let ipv4: AddressRecords<IPv4AddressRecord>
    /// Made when it is first needed.
    private var ipv6: AddressRecords<IPv6AddressRecord>?
    private let ipv6Path: String
    /// Why there is none, and which IPv6 addresses are not kept for it.
    private var problem: SystemError?
    private var unkept: Set<AddressKey> = []
    private let most: Int?
    /// What the files said when they were opened.
    package let found: [AddressKey: UInt32]

    /// Opens the files; that for IPv4 is made where it is missing.
    /// - Parameters:
    ///   - path: of the file for IPv4 addresses; that for IPv6 ones has a 6 behind its name.
    ///   - most: how many entries each may have; `nil` for as many as there is room for.
    /// - Throws: also when another process uses a file.
    package init(path: String, most: Int? = nil) throws(SystemError) {
        self.most = most
        ipv4 = try AddressRecords(path: path, most: most ?? IPv4AddressRecord.most)
        ipv6Path = path + "6"
        if unsafe access(ipv6Path, F_OK) == 0 {
            ipv6 = try AddressRecords(path: ipv6Path, most: most ?? IPv6AddressRecord.most)
        }
        found = ipv4.found.merging(ipv6?.found ?? [:]) { first, _ in first }
    }

    /// Makes the files anew where somebody has removed them.
    /// - Returns: whether one was missing.
    package func renewIfMissing() throws(SystemError) -> Bool {
        let isFirstNew = try ipv4.renewIfMissing()
        return try ipv6?.renewIfMissing() == true || isFirstNew
    }

    /// Why some addresses are not kept, and how many; `nil` while all are.
    package var shortage: (count: Int, reason: String)? {
        let count = ipv4.unkept.count + (ipv6?.unkept.count ?? 0) + unkept.count
        guard count > 0 else { return nil }
        let reason = problem ?? ipv4.reason ?? ipv6?.reason
        return (count, reason?.description ?? "\(most ?? IPv4AddressRecord.most) are kept at most")
    }

    package func remember(_ key: AddressKey, createdAt: UInt32) {
        guard key.family == .ipv6 else { return ipv4.remember(key, createdAt: createdAt) }
        if ipv6 == nil {
            do throws(SystemError) {
                ipv6 = try AddressRecords(path: ipv6Path, most: most ?? IPv6AddressRecord.most)
                problem = nil
                unkept = []
            } catch {
                problem = error
                unkept.insert(key)
            }
        }
        ipv6?.remember(key, createdAt: createdAt)
    }

    package func forget(_ key: AddressKey) {
        unkept.remove(key)
        ipv4.forget(key)
        ipv6?.forget(key)
    }
}
