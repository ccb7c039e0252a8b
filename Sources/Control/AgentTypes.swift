/// The types of `io.failoveragent.Agent` as Swift values. The interface description says what each field means.
package struct InstanceReport: Hashable, Sendable, Codable {
    package struct Address: Hashable, Sendable, Codable {
        package var address: String
        package var interface: String
        package var present: Bool
        package var hostsOwn: Bool

        package init(address: String, interface: String, present: Bool, hostsOwn: Bool) {
            self.address = address
            self.interface = interface
            self.present = present
            self.hostsOwn = hostsOwn
        }
    }

    package struct Master: Hashable, Sendable, Codable {
        package var address: String
        package var priority: Int

        package init(address: String, priority: Int) {
            self.address = address
            self.priority = priority
        }
    }

    package struct Counters: Hashable, Sendable, Codable {
        package var advertisementsSent: UInt64 = 0
        package var advertisementsReceived: UInt64 = 0
        package var resignationsSent: UInt64 = 0
        package var resignationsReceived: UInt64 = 0
        package var becameMaster: UInt64 = 0
        package var sendErrors: UInt64 = 0
        package var addressListDifferences: UInt64 = 0
        package var pseudoHeaderChecksums: UInt64 = 0
        package var plainChecksums: UInt64 = 0
        package var takeoversPostponed: UInt64 = 0
        package var dropped: [String: UInt64] = [:]

        package init() {}
    }

    package var name: String
    package var state: String
    package var since: String
    package var secondsInState: Double
    package var reason: String
    package var interface: String
    package var virtualRouterId: Int
    package var version: Int
    package var priority: Int
    package var master: Master?
    package var addresses: [Address]
    package var counters: Counters

    package init(
        name: String, state: String, since: String, secondsInState: Double, reason: String, interface: String,
        virtualRouterId: Int, version: Int, priority: Int, master: Master? = nil, addresses: [Address] = [],
        counters: Counters = Counters()
    ) {
        self.name = name
        self.state = state
        self.since = since
        self.secondsInState = secondsInState
        self.reason = reason
        self.interface = interface
        self.virtualRouterId = virtualRouterId
        self.version = version
        self.priority = priority
        self.master = master
        self.addresses = addresses
        self.counters = counters
    }
}

/// The parameters of a reply to `ListInstances`.
package struct ListInstancesReply: Hashable, Sendable, Codable {
    package var instance: InstanceReport

    package init(instance: InstanceReport) {
        self.instance = instance
    }
}
