import Addressing
import Configuration
import Foundation
import ReloadWalk
import Testing
import VRRP

@testable import FailoverCore

@Suite("Every working keyword, changed at a reload of a master")
struct ReloadWalkTests {
    private static let eth1 = InterfaceIndex(rawValue: 3)

    private func master(_ file: String) throws -> TestHost {
        let second = Link(
            index: Self.eth1, name: "eth1", isAdministrativelyUp: true, isRunning: true,
            hardwareAddress: MACAddress(rawValue: 0x02_0000_0000_1C))
        let host = TestHost(
            try TestFile.read(file), own: ["192.0.2.11/24", "192.0.2.31/24"], links: [TestHost.link(), second],
            extra: [InterfaceAddress(key: TestHost.key("198.51.100.11/24", on: Self.eth1), createdAt: 1)])
        host.pass(.seconds(5))
        try #require(host.state == .master)
        return host
    }

    @Test("No working keyword is missing, and none is walked that does not work")
    func isWhole() throws {
        #expect(Set(try ReloadWalk().steps.map(\.name)) == KeywordTable.working)
    }

    @Test("Each is a change, but for those that say what is so anyway; the master keeps its role and its addresses")
    func walk() throws {
        let walk = try ReloadWalk()
        let host = try master(walk.file)
        var present = try TestFile.read(walk.file)
        var restarts: [String] = []
        for step in walk.steps {
            for file in step.files + [walk.file] {
                let wanted = try TestFile.read(file)
                let kept = addresses(of: present).intersection(addresses(of: wanted))
                let goesOn = present.instances[0].goesOn(as: wanted.instances[0], isMaster: true)
                let difference = ConfigurationDifference(from: present, to: wanted)
                #expect(difference.costs.contains { $0.contains("it starts anew") } == !goesOn, "\(step.name)")
                host.forgetLog()
                host.watched = goesOn ? kept : []
                host.missed = []
                host.reconfigure(wanted)
                if goesOn {
                    check(host, step.name)
                } else {
                    restarts.append(step.name)
                    let end = host.now + present.instances[0].outage(until: wanted.instances[0]).alone
                    while host.now < end, host.state != .master { host.pass(.milliseconds(10)) }
                    #expect(host.state == .master, "\(step.name): within the time that the table gives")
                }
                #expect(host.core.instances.count == 1, "\(step.name)")
                let configured = host.core.configuredInstances[0]
                #expect(configured.isEquivalent(to: wanted.instances[0]), "\(step.name)")
                checkAddresses(host, wanted, step.name)
                present = wanted
            }
        }
        #expect(restarts == Array(repeating: "vrrp_instance: interface", count: 2))
    }

    private func addresses(of configuration: Configuration) -> Set<IPAddress> {
        Set(configuration.instances.flatMap(\.addresses).map(\.prefix.address))
    }

    /// Two intervals, as a peer or a client would see them.
    private func check(_ host: TestHost, _ name: String) {
        let begin = host.now
        host.pass(.seconds(4))
        #expect(host.state == .master, "\(name)")
        #expect(host.missed.isEmpty, "\(name)")
        for event in host.events {
            if case .stateChanged = event { Issue.record("\(name): \(event)") }
        }
        let sent = host.advertisements(since: begin)
        #expect(sent.allSatisfy { $0.priority > 0 }, "\(name)")
        let interval = host.core.instances[host.core.routers[0]].configuration.advertisementInterval
        var last = begin - TestHost.start
        for at in sent.map(\.at) {
            #expect(at - last <= interval, "\(name)")
            last = at
        }
        #expect(sent.count >= 2, "\(name)")
    }

    /// What is on the interfaces is what the file says, and nothing else.
    private func checkAddresses(_ host: TestHost, _ wanted: Configuration, _ name: String) {
        let ours = host.addresses.filter { $0.origin == InterfaceAddress.ourOrigin }
        let placed = wanted.instances[0].addresses
        #expect(ours.count == placed.count, "\(name): \(ours)")
        for address in placed {
            let interface = host.link(named: address.interface)?.index
            let found = ours.first { $0.key.interface == interface && $0.key.prefix == address.prefix }
            #expect(found?.isFitted(as: address, on: address.interface) == true, "\(name): \(ours)")
        }
    }

    @Test("docs/operations.md has the table of what a change means for a master")
    func documented() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/operations.md")
        #expect(try String(contentsOf: path, encoding: .utf8).contains(RoleSetting.markdown))
    }
}
