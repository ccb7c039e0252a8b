package import Addressing
import FailoverCore
import Kernel

/// Between two runs of the program. The addresses stay, so that the next run can go on; but it may never come: told to stop
/// meanwhile, the service manager does not ask this program once more, and a program can be missing. So the kernel is told
/// to take the addresses away after a while. The next run, if it goes on as master, makes them lasting again.
package enum Interregnum {
    /// In seconds. A start takes less than one; by then the backups of usual intervals have taken over.
    private static let length: UInt32 = 5

    /// After a process that has died.
    /// - Parameter remembered: what the state file says.
    static func begin(remembered: [AddressKey: UInt32]) throws {
        guard let addresses = try RouteMonitor().snapshot()?.addresses else { return }
        let lapsing = addresses.filter { address in
            // What lapses already, by a lease, lapses sooner.
            !address.hasFiniteLifetime && address.isMarkedOurs(stamp: remembered[address.key])
        }
        begin(lapsing, try RouteRequests())
    }

    /// At the end of a process.
    static func begin(_ addresses: [InterfaceAddress], _ requests: RouteRequests) {
        var rest = addresses.map { RouteRequest.renew(lapsing($0)) }[...]
        while !rest.isEmpty {
            _ = requests.perform(rest.prefix(RouteRequests.batch))
            rest = rest.dropFirst(RouteRequests.batch)
        }
    }

    /// Of an IPv6 address a renewal says all of it anew.
    package static func lapsing(_ address: InterfaceAddress) -> AddressAssignment {
        var assignment = AddressAssignment(key: address.key, lifetime: length)
        assignment.peer = address.peer
        assignment.addsNetworkRoute = address.addsNetworkRoute
        assignment.preferredLifetime = address.isDeprecated ? 0 : nil
        return assignment
    }
}
