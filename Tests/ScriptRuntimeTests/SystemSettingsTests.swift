import Configuration
import Testing

@testable import ConfigurationFiles

@Suite("What only /proc/sys can set")
struct SystemSettingsTests {
    private func warnings(_ settings: [String: Int], ipv6: Bool = false, virtual: Bool = true) throws -> [String] {
        struct OneFile: SourceFiles {
            var text: String
            func read(_ path: String) throws(SourceError) -> [UInt8] { Array(text.utf8) }
            func expand(_ pattern: String) -> [String] { [] }
        }
        let file = """
            vrrp_instance Instance1 {
                interface eth0
                virtual_router_id 10
                \(virtual ? "use_vmac" : "")
                virtual_ipaddress {
                    \(ipv6 ? "2001:db8::1" : "192.0.2.1")
                }
            }
            """
        let configuration = try #require(ConfigurationReader.read("test", from: OneFile(text: file)).configuration)
        return SystemSettings.warnings(about: configuration) { settings[$0] }.map(\.message)
    }

    @Test("A macvlan would take part in what routers advertise: accept_ra is named, with the line to write")
    func routerAdvertisements() throws {
        let found = try warnings(["accept_ra": 1, "forwarding": 0, "disable_ipv6": 0])
        #expect(found.count == 1)
        #expect(found.first?.contains("'net.ipv6.conf.default.accept_ra = 0'") == true)
        #expect(try warnings(["accept_ra": 2, "forwarding": 1, "disable_ipv6": 0]).count == 1)
        #expect(try warnings(["accept_ra": 1, "forwarding": 1, "disable_ipv6": 0]).isEmpty)
        #expect(try warnings(["accept_ra": 0, "forwarding": 0, "disable_ipv6": 0]).isEmpty)
        #expect(try warnings(["accept_ra": 1, "forwarding": 0, "disable_ipv6": 0], virtual: false).isEmpty)
        #expect(try warnings([:]).isEmpty)
    }

    @Test("Without IPv6 a macvlan refuses IPv6 addresses; one of IPv4 has none")
    func noIPv6() throws {
        let found = try warnings(["accept_ra": 1, "forwarding": 0, "disable_ipv6": 1], ipv6: true)
        #expect(found.count == 1)
        #expect(found.first?.contains("'net.ipv6.conf.default.disable_ipv6 = 0'") == true)
        #expect(try warnings(["accept_ra": 1, "forwarding": 0, "disable_ipv6": 1]).isEmpty)
    }
}
