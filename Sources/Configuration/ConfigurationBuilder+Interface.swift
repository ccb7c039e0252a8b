import Addressing

/// An instance that names no interface.
extension ConfigurationBuilder {
    /// By unicast, the source address or the route to the peers tells the interface. It may be that none is found yet.
    /// - Returns: whether the instance can be used.
    mutating func findInterface(
        _ draft: InstanceDraft, into instance: inout InstanceConfiguration, _ place: Word
    ) -> Bool {
        guard let unicast = instance.unicast, !unicast.peers.isEmpty else {
            fail("'interface' is missing", place)
            return false
        }
        if let keyword = draft.virtualMAC?.keyword {
            fail("'use_vmac' needs an 'interface', on top of which the macvlan lies: write one", keyword)
            return false
        }
        let isLinkLocal = instance.source?.isLinkLocal ?? unicast.peers.contains { $0.address.isLinkLocal }
        if isLinkLocal {
            fail("'interface' is missing: a link-local address does not tell on which interface it is", place)
            return false
        }
        instance.findsInterface = true
        guard let question = instance.interfaceQuestion else { return true }
        guard let finder else {
            warn("'interface' is not written: it is looked for on the host that uses the file", place)
            return true
        }
        if let name = finder(question) {
            instance.interface = name
            warn("'interface' is not written: it is \(name), \(question.reason)", place)
        } else {
            warn(
                "'interface' is not written, and \(question.failure): the instance is in fault until that has changed",
                place)
        }
        return true
    }
}
