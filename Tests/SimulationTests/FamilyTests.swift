import Addressing
import FailoverCore
import Testing
import VRRP

@testable import Simulation

@Suite("Virtual routers of IPv6 in the simulation")
struct FamilyTests {
    @Test("Some seeds are of IPv6, some of both families, and none of those whose digests are kept")
    func features() {
        var found: Set<String> = []
        for seed: UInt64 in 2001...2400 { found.formUnion(Scenario(seed: seed).features) }
        #expect(found.isSuperset(of: ["ipv6", "mixed", "detection"]))
        for seed: UInt64 in 1...2000 { #expect(Scenario(seed: seed).families.isEmpty) }
    }

    @Test("A host speaks from a link-local address and shares global ones; the last 32 bits are those of IPv4")
    func addresses() {
        var scenario = Scenario(seed: 1)
        scenario.families = scenario.addressCounts.map { _ in .ipv6 }
        #expect(Scenario.ownAddress(1, .ipv6).isLinkLocal)
        #expect(Scenario.ownAddress(1, .ipv6).number == Scenario.ownAddress(1, .ipv4).number)
        #expect(scenario.sharedAddress(0).address.family == .ipv6 && !scenario.sharedAddress(0).address.isLinkLocal)
        #expect(scenario.ownFamily == .ipv6 && scenario.ownPrefixes(0, interface: 0).count == 1)
    }

    @Test("A kernel's IPv6 address that has failed detection answers for nothing, until it is removed and added anew")
    func detection() throws {
        let own = try #require(IPPrefix("fe80::1/64"))
        let shared = try #require(IPPrefix("2001:db8::1/64"))
        var kernel = VirtualKernel(host: 0, own: [[own]], marksAddresses: true, promotesSecondaries: false)
        let key = AddressKey(interface: VirtualKernel.eth0, prefix: shared)
        let now = Instant(sinceBoot: .seconds(1))
        _ = kernel.perform(.add(AddressAssignment(key: key)), at: now)
        #expect(kernel.answers(for: shared.address))
        #expect(kernel.failDetection(of: shared.address).count == 1)
        #expect(!kernel.answers(for: shared.address) && kernel.has(shared))
        let other = AddressKey(interface: VirtualKernel.eth0, prefix: IPPrefix(host: shared.address))
        #expect(kernel.perform(.add(AddressAssignment(key: other)), at: now).0 != .done, "once, with whatever length")
        _ = kernel.perform(.remove(key), at: now)
        #expect(kernel.perform(.add(AddressAssignment(key: other)), at: now).0 == .done)
        #expect(kernel.answers(for: shared.address))
    }
}
