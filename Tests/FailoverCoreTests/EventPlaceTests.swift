import Configuration
import FailoverCore
import Testing

@Suite("An event is told with the place that it had when it happened")
struct EventPlaceTests {
    private func file(_ virtualRouterID: Int, _ address: String) throws -> Configuration {
        try TestFile.read(
            """
            vrrp_instance a {
                interface eth0
                virtual_router_id \(virtualRouterID)
                virtual_ipaddress {
                    \(address)
                }
            }
            """)
    }

    @Test("A reload gives the name to another virtual router: the end of the first one is the first one's")
    func name() throws {
        let host = TestHost(try file(5, "192.0.2.1"))
        host.pass(.seconds(5))
        host.forgetLog()
        host.reconfigure(try file(9, "192.0.2.9"))
        host.pass(.seconds(10))
        let places = host.log.compactMap { entry -> (InstanceState, InstanceState, UInt8?)? in
            guard case .record(let recorded) = entry.effect,
                case .stateChanged(_, let old, let new, _) = recorded.event
            else { return nil }
            return (old, new, recorded.place?.virtualRouterID)
        }
        #expect(places.filter { $0.1 == .leaving || $0.1 == .stopped }.map(\.2).allSatisfy { $0 == 5 })
        #expect(places.contains { $0.1 == .stopped })
        #expect(places.filter { $0.1 == .master }.map(\.2) == [9])
    }
}
