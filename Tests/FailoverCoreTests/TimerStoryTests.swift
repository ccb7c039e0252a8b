import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

/// Stories drawn from fixed seeds. Whatever happens to a host: its timers are those of its virtual routers, and the core finds nothing
/// to repair.
@Suite("Stories: every timer is filed as it is")
struct TimerStoryTests {
    @Test("After each step the timers that run are those that the virtual routers have", arguments: 1...24)
    func story(seed: Int) throws {
        var story = try TimerStory(seed: UInt64(seed))
        for step in 0..<250 {
            let name = story.step()
            let wrong = story.misfiled
            #expect(wrong.isEmpty, "seed \(seed), step \(step), \(name): \(wrong)")
            guard wrong.isEmpty else { return }
        }
        story.comeToRest()
        #expect(story.misfiled.isEmpty, "seed \(seed)")
        #expect(story.repaired == 0, "seed \(seed)")
        #expect(
            story.host.core.requests.isEmpty && story.host.core.outgoing.isEmpty,
            "seed \(seed): nothing is asked for at rest")
        #expect(story.host.core.requests.areAdditionsOpen(on: TestHost.eth0) == false, "seed \(seed)")
        let present = Set(story.host.addresses.map(\.key))
        let wanted = Set(story.host.core.routers.flatMap { story.host.core.instances[$0].addresses.compactMap(\.key) })
        #expect(
            Set(story.host.core.ledger.own).isSubset(of: present.intersection(wanted)),
            "seed \(seed): what is ours is there")
        #expect(
            present.subtracting(story.foreign).isSubset(of: story.host.core.ledger.own),
            "seed \(seed): none of ours is forgotten")
    }
}

/// A host to which things happen at random.
private struct TimerStory {
    let host: TestHost
    private(set) var repaired = 0
    private var draws: Draws
    private let configurations: [Configuration]
    private var isStopped = false
    /// What somebody else has put on the interface at some time.
    private(set) var foreign: Set<AddressKey> = [own.key]

    private static let own = InterfaceAddress(key: TestHost.key("192.0.2.12/24"), createdAt: 1)

    init(seed: UInt64) throws {
        draws = Draws(seed: seed)
        configurations = try Self.files.map { try TestFile.read($0) }
        host = TestHost(configurations[0], starts: false)
        // Half of the kernels are older than 5.18.
        host.marksAddresses = seed.isMultiple(of: 2)
        host.snapshot()
    }

    private static var files: [String] {
        func one(_ id: Int = 10, _ addresses: String = "192.0.2.1\n192.0.2.2", _ extra: String = "") -> String {
            """
            vrrp_instance one {
                interface eth0
                virtual_router_id \(id)
                priority 100
                garp_master_refresh 7
                \(extra)
                virtual_ipaddress {
                    \(addresses)
                }
            }

            """
        }
        func two(_ extra: String = "", _ addresses: String = "192.0.2.3") -> String {
            """
            vrrp_instance two {
                interface eth0
                virtual_router_id 20
                priority 150
                version 3
                nopreempt
                \(extra)
                virtual_ipaddress {
                    \(addresses)
                }
            }

            """
        }
        let three = """
            vrrp_instance three {
                interface eth0
                virtual_router_id 30
                priority 255
                track_src_ip
                mcast_src_ip 192.0.2.12
                virtual_ipaddress {
                    192.0.2.4
                }
            }

            """
        return [
            one() + two() + three,
            two() + one(),
            three + one(10, "192.0.2.2\n192.0.2.5\n192.0.2.1", "advert_int 2") + two("preempt_delay 5"),
            one(10, "192.0.2.1 label eth0:1\n192.0.2.2/24 brd +") + two(),
            one(11) + three,
            "global_defs {\naddress_lease 3\nvrrp_garp_interval 0.1\n}\n" + one() + two("advert_int 0.3"),
            two("", "192.0.2.3\n192.0.2.1\n192.0.2.2"),
            one(10, "192.0.2.2"),
        ]
    }

    /// What is filed otherwise than it is.
    var misfiled: [String] {
        var wrong: [String] = []
        for id in host.core.routers {
            for kind in TimerKind.allCases
            where host.core.timers.deadline(kind, of: id) != host.core.instances[id].deadline(kind) {
                wrong.append("\(kind) of \(host.core.name(of: id))")
            }
        }
        wrong += host.core.timers.armed.filter { !host.core.contains($0.router) }.map {
            "\($0.kind) of one that has gone"
        }
        for state in [InstanceState.fault, .backup, .master, .leaving, .stopped]
        where host.core.count(of: state) != host.core.routers.count(where: { host.core.instances[$0].state == state }) {
            wrong.append("how many are \(state)")
        }
        return wrong
    }

    /// Lets the kernel answer, and time pass without anything else.
    mutating func comeToRest() {
        answerAll()
        host.sendFailure = nil
        host.refuseAddition = { _ in nil }
        host.pass(.seconds(20))
        audit()
    }

    private mutating func audit() {
        host.audit()
        repaired += host.events.count { if case .repaired = $0 { true } else { false } }
        host.forgetLog()
    }

    private func answerAll() {
        host.isSlow = false
        host.answerAll()
    }

    private mutating func id() -> RouterID { draws.pick(host.core.routers) }

    private mutating func address() -> String { "192.0.2.\(1 + draws.below(5))" }

    private mutating func source() -> String { draws.pick(["192.0.2.11", "192.0.2.13", "192.0.2.14"]) }

    /// - Returns: what it was.
    mutating func step() -> String {
        guard !host.core.routers.isEmpty, !isStopped else { return "nothing" }
        let number = draws.below(27)
        // The kernel tells of what happens in its order: what it was asked for before comes before.
        if (12...17).contains(number) { answerAll() }
        switch number {
        case 0...3: host.pass(.milliseconds(draws.below(1500)))
        case 4: host.pass(.milliseconds(draws.below(12_000)))
        case 5...8: hear()
        case 9:
            // For a virtual router of another number, with our addresses.
            host.hear(
                UInt8(draws.below(256)), from: source(), vrid: 77, password: nil, addresses: [address(), address()])
        case 10: host.hearAnnouncement(address(), from: draws.pick([0x02_0000_0000_0D, 0x00_005E_0001_0A]))
        case 11: host.stall(.milliseconds(draws.below(6000)), hearing: draws.below(2) == 0 ? 120 : nil)
        case 12: host.give(.link(TestHost.link(running: draws.below(3) > 0)))
        case 13: host.give(draws.below(3) > 0 ? .address(Self.own) : .addressRemoved(Self.own.key))
        case 14, 15:
            guard let key = host.addresses.map(\.key).filter({ $0 != Self.own.key }).sorted().first else { break }
            host.give(.addressRemoved(key))
        case 16:
            let key = TestHost.key(address() + "/32")
            guard !host.addresses.contains(where: { $0.key == key }) else { break }
            foreign.insert(key)
            host.give(.address(InterfaceAddress(key: key, hasFiniteLifetime: draws.below(2) == 0)))
        case 17:
            host.replaceSilently(host.addresses.filter { _ in draws.below(8) > 0 })
            host.snapshot()
        case 18: host.isSlow = true
        case 19: host.answerOne()
        case 20: answerAll()
        case 21, 22: host.reconfigure(draws.pick(configurations))
        case 23: order()
        case 24: fail()
        case 25: listen()
        default:
            audit()
            guard draws.below(60) == 0 else { break }
            host.give(.stop)
            isStopped = true
        }
        return "kind \(number)"
    }

    private mutating func hear() {
        let vrid = draws.pick([10, 11, 20, 30] as [UInt8])
        let priority = draws.pick([0, 1, 50, 100, 120, 200, 255] as [UInt8])
        if vrid == 20 {
            let advertisement = Advertisement(
                version: .v3, virtualRouterID: vrid, priority: priority,
                interval: .milliseconds(draws.pick([300, 1000, 2000])), addresses: [IPAddress(192, 0, 2, 3)])
            host.hear(advertisement.ipv4Packet(from: IPv4Address(source()) ?? .unspecified))
            return
        }
        host.hear(
            priority, from: source(), vrid: vrid, password: draws.below(6) == 0 ? "wrong" : nil,
            addresses: draws.below(3) == 0 ? [address()] : ["192.0.2.1", "192.0.2.2"], isAgent: draws.below(2) == 0)
    }

    private mutating func order() {
        let id = id()
        guard draws.below(3) > 0 else {
            host.ask { $0.resume(id, at: $1) }
            return
        }
        let order = HandoverOrder(
            requestedBy: "alice", requestedAt: "now",
            until: draws.below(2) == 0 ? nil : host.now + .seconds(draws.below(9)),
            isForced: draws.below(2) == 0, neverClaims: draws.below(3) == 0)
        host.ask { $0.handOver(id, order, at: $1) }
    }

    private mutating func fail() {
        let failure = SendFailure(code: draws.pick([1, 90, 105]), text: "no")
        switch draws.below(6) {
        case 0: host.sendFailure = failure
        case 1, 2: host.sendFailure = nil
        case 3:
            let key = TestHost.key(address() + "/32")
            let refusal = KernelRefusal(code: draws.pick([1, 17]), text: "no")
            host.refuseAddition = { $0 == key ? refusal : nil }
        case 4: host.refuseAddition = { _ in nil }
        default: host.give(.receiverFailed(InterfaceFamily(TestHost.eth0, .ipv4), reason: "no"))
        }
    }

    private mutating func listen() {
        switch draws.below(3) {
        case 0: host.see(vrid: draws.pick([10, 20]), times: draws.below(4))
        case 1: host.give(.packetsLost(TestHost.eth0, count: 3))
        default:
            // What is left to another daemon of this host is its own from then on.
            foreign.formUnion(host.addresses.map(\.key))
            let advertisement = Advertisement(
                version: .v2, virtualRouterID: 10, priority: draws.below(2) == 0 ? 0 : 90, interval: .seconds(1),
                addresses: [IPAddress(192, 0, 2, 1)])
            host.overhear(advertisement.ipv4Packet(from: IPv4Address(192, 0, 2, 12)))
        }
    }
}
