import CSystemd
import Glibc

/// Descriptors that systemd keeps while no process of the service runs (sd_notify(3), FDSTORE=1): what arrives meanwhile waits in
/// them for the next process. Without systemd nothing is kept.
package enum DescriptorStore {
    /// How many descriptors systemd keeps: what it says itself, since version 254, or what the unit says. Nobody tells when it has no room
    /// for one.
    package static let capacity = capacity(told: unsafe getenv("FDSTORE").map { unsafe String(cString: $0) })
    /// FileDescriptorStoreMax= in the unit.
    package static let capacityOfUnit = 3072
    /// How long the names of all may be together, in bytes, one more for each. systemd hands them over in one variable of the environment,
    /// and with one of 128 KiB or more the kernel starts no program (MAX_ARG_STRLEN): then there would be no next process at all.
    package static let longestNames = (128 << 10) - 64

    /// - Parameter value: $FDSTORE.
    package static func capacity(told value: String?) -> Int { value.flatMap { Int($0) } ?? capacityOfUnit }

    /// Whether there is somebody who keeps descriptors.
    package static var isThere: Bool { ServiceManager.isThere }

    /// Hands a descriptor over for keeping; this process goes on using it.
    /// - Parameter name: letters, digits and hyphens.
    /// - Returns: false where there is no descriptor left.
    package static func keep(_ descriptor: Int32, as name: String) -> Bool {
        // FDPOLL=0: an interface that is down for a while is no reason to let the socket go.
        ServiceManager.tell(order(name), descriptor: descriptor)
    }

    package static func forget(_ name: String) {
        ServiceManager.tell("FDSTOREREMOVE=1\nFDNAME=\(name)", insteadOf: order(name))
    }

    private static func order(_ name: String) -> String { "FDSTORE=1\nFDPOLL=0\nFDNAME=\(name)" }

    /// The descriptors that an earlier process has left, by name. Whoever takes one owns it. Only the first call gets any.
    package static func inherited() -> [String: Int32] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count > 0, let names = unsafe names else { return [:] }
        var result: [String: Int32] = [:]
        for index in 0..<count {
            guard let name = unsafe names[Int(index)] else { continue }
            // The first descriptor is number 3 (SD_LISTEN_FDS_START).
            if let old = result.updateValue(3 + index, forKey: unsafe String(cString: name)) { _ = close(old) }
            unsafe free(name)
        }
        unsafe free(names)
        return result
    }
}
