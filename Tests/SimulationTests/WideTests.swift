import Addressing
import Configuration
import FailoverCore
import Testing
import VRRP

@testable import Simulation

@Suite("A third of the seeds have more than one interface, program or virtual router to deal with")
struct WideTests {
    @Test("All that is wide occurs, and the other seeds have none of it")
    func features() {
        let wide: Set = [
            "interfaces", "networks", "lease", "pacing", "arp", "claims", "rival", "reload-rename", "reload-reorder",
            "reload-move",
        ]
        var found: Set<String> = []
        var count = 0
        for seed in UInt64(1)...600 {
            let features = Set(Scenario(seed: seed).features)
            if features.contains("wide") {
                count += 1
                found.formUnion(features)
            } else {
                #expect(features.isDisjoint(with: wide))
                #expect(features.contains("reference"))
            }
        }
        #expect((150...250).contains(count))
        #expect(found.isSuperset(of: wide))
    }

    @Test("In a moved address's new place it is on the interface of the old one; none is on two virtual routers")
    func move() {
        var scenario = Scenario(
            hosts: [[.init(priority: 100, interval: .seconds(1)), .init(priority: 100, interval: .seconds(1))]],
            addresses: [2, 1], delay: .milliseconds(1), faults: [])
        scenario.wide = Scenario.Wide(routerInterfaces: [0, 0], addressInterfaces: [0, 1, 0])
        let host = VirtualHost(0, scenario, traces: false)
        host.edit(0, .move(to: 1), isOver: false)
        let configuration = scenario.configuration(of: host.file, on: 0)
        #expect(configuration.instances.map { $0.addresses.map(\.interface) } == [["eth0"], ["eth0", "eth1"]])
        #expect(Set(configuration.instances.flatMap(\.addresses).map(\.prefix)).count == 3)
        host.edit(0, .move(to: 1), isOver: true)
        #expect(host.file == scenario.hosts[0])
    }

    @Test("What is not renewed goes; a renewal puts that off, and one without a lifetime forgoes it")
    func lifetimes() throws {
        let own = try #require(IPPrefix("10.0.0.11/24"))
        let shared = try #require(IPPrefix("10.9.0.1/24"))
        var kernel = VirtualKernel(host: 0, own: [[own]], marksAddresses: true, promotesSecondaries: true)
        let key = AddressKey(interface: VirtualKernel.eth0, prefix: shared)
        func moment(_ second: Int) -> Instant { Instant(sinceBoot: .seconds(second)) }
        var assignment = AddressAssignment(key: key, lifetime: 5)
        _ = kernel.perform(.add(assignment), at: moment(0))
        #expect(kernel.address(shared)?.hasFiniteLifetime == true)
        #expect(!kernel.isLeased(shared), "it is no lease of the host's")
        #expect(kernel.nextExpiry == moment(5))
        _ = kernel.renew(.renewAddress(assignment), at: moment(3))
        #expect(kernel.expire(at: moment(5)).isEmpty)
        #expect(kernel.expire(at: moment(8)) == [.addressRemoved(key)])
        #expect(kernel.nextExpiry == nil)
        _ = kernel.perform(.add(assignment), at: moment(9))
        assignment.lifetime = nil
        #expect(kernel.renew(.renewAddress(assignment), at: moment(10)).count == 1)
        #expect(kernel.nextExpiry == nil)
    }
}
