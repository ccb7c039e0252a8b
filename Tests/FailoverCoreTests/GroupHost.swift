import Addressing
import Configuration
import VRRP

@testable import FailoverCore

/// A host with two virtual routers in a sync group: 10 with 192.0.2.1, and 11 with 192.0.2.2, both on eth0 unless told.
enum GroupHost {
    static let place = SourceLocation(file: "test", line: 1, column: 1)
    static let eth1 = InterfaceIndex(rawValue: 3)

    static func instance(_ number: UInt8, priority: UInt8 = 100, on interface: String = "eth0") -> InstanceConfiguration
    {
        var instance = InstanceConfiguration(
            name: "Instance\(number - 9)", location: place, interface: interface, virtualRouterID: number)
        let address = IPAddress(192, 0, 2, number - 9)
        instance.priority = priority
        instance.addresses = [SharedAddress(location: place, prefix: IPPrefix(host: address), interface: interface)]
        instance.advertisedAddresses = [address]
        return instance
    }

    static func configuration(
        _ instances: [InstanceConfiguration] = [instance(10), instance(11)], tracked: [TrackLine] = [],
        members: [String]? = nil
    ) -> Configuration {
        var configuration = Configuration(instances: instances)
        var group = SyncGroupConfiguration(
            name: "G", location: place, members: members ?? instances.map(\.name))
        group.tracked = tracked
        configuration.groups = [group]
        return configuration
    }

    /// A line about a link that is not the members' own.
    static func line(_ name: String, weight: Int = 0) -> TrackLine {
        TrackLine(location: place, tracker: TrackerName(.interface, name), weight: weight)
    }

    static func link(_ name: String, running: Bool = true) -> Link {
        Link(
            index: InterfaceIndex(rawValue: name == "eth1" ? 3 : 4), name: name, isAdministrativelyUp: true,
            isRunning: running, hardwareAddress: MACAddress(rawValue: 6))
    }

    /// With eth1, which has an address of its own, and eth2.
    static func host(
        _ configuration: Configuration = configuration(), extra: [InterfaceAddress] = [],
        adoptable: [Int: Instant] = [:]
    ) -> TestHost {
        TestHost(
            configuration, links: [TestHost.link(), link("eth1"), link("eth2")],
            extra: [InterfaceAddress(key: TestHost.key("192.0.3.12/24", on: eth1), createdAt: 1)] + extra,
            adoptable: adoptable)
    }

    static func master(_ configuration: Configuration = configuration()) -> TestHost {
        let host = host(configuration)
        host.pass(.seconds(5))
        host.forgetLog()
        return host
    }
}

extension TestHost {
    /// The states of the virtual routers in the configuration's order.
    var states: [InstanceState] { core.routers.map { core.status(of: $0).state } }

    /// What was told of groups.
    var groupEvents: [InstanceState] {
        events.compactMap { if case .groupChanged(_, _, let state) = $0 { state } else { nil } }
    }

    /// The number and the priority of each advertisement.
    var said: [[UInt8]] {
        log.compactMap { entry in
            guard case .advertise(_, _, _, _, let packet) = entry.effect else { return nil }
            return [packet[21], packet[22]]
        }
    }

    /// Another host advertises one of the group's.
    func hearMember(_ number: UInt8, _ priority: UInt8) {
        hear(priority, vrid: number, password: nil, addresses: ["192.0.2.\(number - 9)"])
        pass(.zero)
    }

    func hasShared(_ number: UInt8, on interface: InterfaceIndex = eth0) -> Bool {
        addresses.contains { $0.key == Self.key("192.0.2.\(number - 9)/32", on: interface) }
    }
}
