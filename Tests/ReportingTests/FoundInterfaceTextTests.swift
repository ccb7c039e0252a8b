import Addressing
import FailoverCore
import Testing

@testable import Reporting

@Suite("An interface that was not found, in words")
struct FoundInterfaceTextTests {
    @Test("The fault says what was looked for, and the advice where to look")
    func words() {
        let bySource = Fault.noInterfaceFound(source: IPAddress(192, 0, 2, 11))
        #expect("\(bySource)" == "no interface has the source address 192.0.2.11")
        #expect(bySource.advice == "ip addr show, and compare with 'unicast_src_ip': 192.0.2.11")
        let byRoute = Fault.noInterfaceFound(source: nil)
        #expect("\(byRoute)" == "no route leads to a peer")
        #expect(byRoute.advice == "see where a packet to a peer would go: ip route get PEER")
    }
}
