import Addressing
import Testing

@testable import AgentRuntime

@Suite("Addresses that lapse unless the next process comes")
struct InterregnumTests {
    @Test("Each keeps what it has: a renewal says all of an IPv6 address anew")
    func form() throws {
        let prefix = try #require(IPPrefix("2001:db8::1/128"))
        var address = InterfaceAddress(key: AddressKey(interface: InterfaceIndex(rawValue: 2), prefix: prefix))
        #expect(Interregnum.lapsing(address).preferredLifetime == nil)
        address.isDeprecated = true
        address.addsNetworkRoute = false
        address.peer = IPAddress("2001:db8::2")
        let lapsing = Interregnum.lapsing(address)
        #expect(lapsing.lifetime == 5 && lapsing.isMarked && !lapsing.detectsDuplicates)
        #expect(lapsing.preferredLifetime == 0 && !lapsing.addsNetworkRoute && lapsing.peer == address.peer)
    }
}
