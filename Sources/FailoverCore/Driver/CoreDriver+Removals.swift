import Addressing
import VRRP

/// Removals that nobody wants any more when their turn comes.
extension CoreDriver where Self: ~Copyable {
    /// Asks the kernel for what is still wanted of some requests. A removal that is not is answered as one of an address that is not there.
    mutating func ask(_ requests: ArraySlice<SystemRequest>) -> [RequestResult?] {
        let isWithdrawn = withCore { core in requests.map { !core.isStillWanted($0) } }
        guard isWithdrawn.contains(true) else { return perform(requests) }
        let wanted = zip(requests, isWithdrawn).compactMap { $1 ? nil : $0 }
        var results = perform(wanted[...]).makeIterator()
        return isWithdrawn.map { $0 ? .refused(.withdrawn) : results.next() ?? nil }
    }
}

extension Core {
    /// Between the decision and the request something may have come: an address of ours has gone, and the host has put one of its own in
    /// its place (a lease that ran out in a stall, and a client of DHCP). That one is never removed.
    fileprivate func isStillWanted(_ request: SystemRequest) -> Bool {
        guard case .remove(let key) = request.kind, table.address(key) != nil else { return true }
        return mayRemove(key)
    }
}

extension KernelRefusal {
    /// Not asked for at all: ours is not there.
    fileprivate static let withdrawn = KernelRefusal(code: 99, text: "")
}
