import Addressing
import Configuration
import FailoverCore
import Testing
import VRRP

/// A host with eth0, and with eth1 and eth2 to be tracked.
enum TrackedHost {
    static func link(_ name: String, up: Bool = true, running: Bool = true) -> Input {
        .link(
            Link(
                index: InterfaceIndex(rawValue: name == "eth1" ? 3 : 4), name: name, isAdministrativelyUp: up,
                isRunning: running, hardwareAddress: MACAddress(rawValue: 5)))
    }

    static func tracked(_ lines: String..., extra: String = "", root: String = "") throws -> Configuration {
        try instance(root: root, "track_interface {\n\(lines.joined(separator: "\n"))\n}\n\(extra)")
    }

    /// - Parameter settings: what the virtual router has besides.
    static func instance(root: String, _ settings: String) throws -> Configuration {
        try TestFile.read(
            """
            \(root)
            vrrp_instance Instance1 {
                state BACKUP
                interface eth0
                virtual_router_id 10
                priority 100
                authentication {
                    auth_type PASS
                    auth_pass s3cret
                }
                \(settings)
                virtual_ipaddress {
                    192.0.2.1
                }
            }
            """)
    }

    static func host(_ configuration: Configuration) -> TestHost {
        let host = TestHost(configuration)
        host.give(Self.link("eth1"))
        host.give(Self.link("eth2"))
        return host
    }

    static func master(_ configuration: Configuration) -> TestHost {
        let host = host(configuration)
        host.pass(.seconds(5))
        #expect(host.state == .master)
        host.forgetLog()
        return host
    }
}
