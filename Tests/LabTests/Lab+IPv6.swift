import Foundation
import Testing

extension Lab {
    /// The IPv6 addresses of an interface, with what `ip` says behind each.
    func addressesIPv6(_ host: String, _ interface: String = "eth0") -> [(prefix: String, flags: String)] {
        let output = (try? on(host, "-o", "-6", "addr", "show", "dev", interface)) ?? ""
        return output.matches(of: /inet6 ([0-9a-f:\/]+) (.*?)(\\|\n)/).map { (String($0.1), String($0.2)) }
    }

    /// The hosts on which an IPv6 address is in use, in order.
    func holdersIPv6(_ address: String = "2001:db8::1", _ interface: String = "eth0") -> String {
        hosts.filter { host in
            addressesIPv6(host, interface).contains {
                $0.prefix.split(separator: "/")[0] == address && !$0.flags.contains("tentative")
            }
        }.joined()
    }

    func waitForHolderIPv6(_ hosts: String, _ address: String = "2001:db8::1", within seconds: Double = 20) throws {
        try wait("\(hosts) holds \(address)", within: seconds) { holdersIPv6(address) == hosts }
    }

    /// Gives each host a global IPv6 address on eth0, 2001:db8::11 and so on, and waits until its link-local one is in use.
    func addressIPv6() throws {
        for (index, host) in hosts.enumerated() {
            try on(host, "addr", "add", "2001:db8::\(11 + index)/64", "dev", "eth0", "nodad")
        }
        try wait("link-local addresses") {
            hosts.allSatisfy { host in
                addressesIPv6(host).contains { $0.prefix.hasPrefix("fe80") && !$0.flags.contains("tentative") }
            }
        }
    }
}

/// What the tests of IPv6 have in common.
enum IPv6Lab {
    static func file(
        priority: Int, extra: String = "", addresses: [String] = ["fe80::51", "2001:db8::1/64"], interval: String = "1"
    ) -> String {
        """
        vrrp_instance Six {
            state BACKUP
            interface eth0
            virtual_router_id 10
            priority \(priority)
            advert_int \(interval)
            \(extra)
            virtual_ipaddress {
                \(addresses.joined(separator: "\n        "))
            }
        }

        """
    }

    static func hosts(_ hosts: String) throws -> Lab {
        let lab = try Lab(hosts)
        do {
            try lab.addressIPv6()
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }
}
