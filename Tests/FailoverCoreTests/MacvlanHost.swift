import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// Hosts with a virtual router that has a hardware address of its own, on a macvlan.
enum MacvlanHost {
    static let address = MACAddress(rawValue: 0x00_005E_0001_0A)
    static let name = "vrrp.10"

    /// As `use_vmac` makes it of a file.
    static func configuration(
        _ written: Configuration, _ name: String = name, _ address: MACAddress = address, fromParent: Bool = false
    ) -> Configuration {
        var written = written
        for index in written.instances.indices {
            var virtual = VirtualMAC(interface: name, hardwareAddress: address)
            virtual.sendsFromParent = fromParent
            written.instances[index].virtualMAC = virtual
            let family = written.instances[index].family
            for place in written.instances[index].addresses.indices
            where written.instances[index].addresses[place].prefix.address.family == family {
                written.instances[index].addresses[place].interface = name
            }
        }
        return written
    }

    static func host(
        priority: Int = 100, fromParent: Bool = false, extra: String = "", links: [Link]? = nil,
        addresses: [InterfaceAddress] = [], addressList: [String] = ["192.0.2.1"]
    ) throws -> TestHost {
        TestHost(
            configuration(
                try TestFile.guide(priority: priority, extra: extra, addresses: addressList), fromParent: fromParent),
            links: links, extra: addresses)
    }

    /// Virtual routers from 1 on, each with a macvlan of its own.
    /// - Parameter device: where the addresses are; `nil` for the macvlans.
    static func many(_ count: Int, device: String? = nil) throws -> Configuration {
        let instances = (1...count).map { number in
            """
            vrrp_instance V\(number) {
                interface eth0
                virtual_router_id \(number)
                use_vmac
                virtual_ipaddress {
                    192.0.2.\(100 + number)\(device.map { " dev \($0)" } ?? "")
                }
            }
            """
        }
        return try TestFile.read(instances.joined(separator: "\n"))
    }

    static func six(_ extra: String = "") throws -> TestHost {
        let written = try TestFile.read(
            """
            vrrp_instance Six {
                interface eth0
                virtual_router_id 10
                \(extra)
                virtual_ipaddress {
                    2001:db8::1/64
                }
            }
            """)
        var own = InterfaceAddress(
            key: TestHost.key("fe80::12/64"), scope: AddressScope.link.rawValue, createdAt: 1)
        own.detection = .done
        return TestHost(
            configuration(written, name, MACAddress(rawValue: 0x00_005E_0002_0A)), own: ["2001:db8::12/64"],
            extra: [own])
    }

    static func hearSix(_ host: TestHost, _ priority: UInt8, isAgent: Bool = true) throws {
        let advertisement = Advertisement(
            version: .v3, virtualRouterID: 10, priority: priority, interval: .seconds(1),
            addresses: [try #require(IPAddress("2001:db8::1"))])
        host.hear(advertisement.ipv6Packet(from: try #require(IPv6Address("fe80::13"))))
    }

    /// One that lies on top of eth0.
    static func link(
        _ name: String = name, index: Int32 = 50,
        alias: String? = "failover-agent parent=2 arp_ignore=0 arp_announce=0",
        on isOn: Bool = false, mac: MACAddress = address
    ) -> Link {
        var link = Link(
            index: InterfaceIndex(rawValue: index), name: name, isAdministrativelyUp: isOn, isRunning: isOn,
            hardwareAddress: mac)
        link.isMacvlan = true
        link.isPrivate = true
        link.alias = alias
        return link
    }

    static func interfaces(_ host: TestHost, since: Instant = TestHost.start) -> [InterfaceIndex] {
        host.log.compactMap { entry in
            if case .advertise(_, let interface, _, _, _) = entry.effect, entry.at >= since { interface } else { nil }
        }
    }
}
