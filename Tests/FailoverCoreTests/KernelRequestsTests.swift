import Addressing
import Testing

@testable import FailoverCore

@Suite("What the kernel was asked for")
struct KernelRequestsTests {
    private let router = Sample.router(0)
    private let key = Sample.key(1)
    private let bridge = Sample.key(1, length: 31)

    @Test("Each request is answered once, and by its own number")
    func answered() {
        var requests = KernelRequests()
        #expect(requests.isEmpty)
        let first = requests.begin(.add(router, key))
        let second = requests.begin(.remove(router, Sample.key(2)))
        #expect(first != second)
        #expect(requests.end(second) == .remove(router, Sample.key(2)))
        #expect(requests.end(second) == nil, "an answer that comes twice")
        #expect(requests.end(RequestID(rawValue: 999)) == nil, "one to a question that was never asked")
        #expect(!requests.isEmpty)
        #expect(requests.end(first) == .add(router, key))
        #expect(requests.isEmpty)
        #expect(requests.begin(.add(router, key)) != first, "no number is used again")
    }

    @Test("An address may be on its way to an interface from the first question to the last answer", arguments: [1, 2])
    func additions(seed: UInt64) {
        var draws = Draws(seed: seed)
        var requests = KernelRequests()
        var open: [RequestID: KernelRequest] = [:]
        for step in 0..<1000 {
            let interface = draws.pick([Sample.eth0, Sample.eth1])
            let key = Sample.key(UInt8(draws.below(4)), on: interface)
            if draws.below(2) == 0 {
                let request = draws.pick([
                    KernelRequest.add(router, key), .remove(router, key), .promote(router, key), .removeLeftover(key),
                    .refit(
                        router, key, .add(bridge, as: AddressFit(Sample.shared(1)), before: AddressAssignment(key: key))
                    ),
                    .refit(router, key, .remove), .refit(router, key, .promote(bridge)),
                    .refit(router, key, .restore(bridge)),
                ])
                open[requests.begin(request)] = request
            } else if let id = open.keys.min(by: { $0.rawValue < $1.rawValue }) {
                #expect(requests.end(id) == open.removeValue(forKey: id))
            }
            #expect(requests.isEmpty == open.isEmpty)
            for interface in [Sample.eth0, Sample.eth1] {
                let isOpen = open.values.contains { request in
                    switch request {
                    case .add(_, let key), .refit(_, let key, .add), .refit(_, let key, .restore):
                        key.interface == interface
                    default: false
                    }
                }
                #expect(requests.areAdditionsOpen(on: interface) == isOpen, "step \(step)")
            }
        }
    }

    @Test("A leftover's removal is asked for once at a time, with its promotion before or without")
    func leftovers() {
        var requests = KernelRequests()
        #expect(requests.claimLeftover(key) == true)
        #expect(requests.claimLeftover(key) == false)
        #expect(requests.claimLeftover(Sample.key(2)) == true)
        let promotion = requests.begin(.promoteForLeftover(key))
        #expect(requests.claimLeftover(key) == false)
        _ = requests.end(promotion)
        #expect(requests.claimLeftover(key) == true)
        let removal = requests.begin(.removeLeftover(key))
        _ = requests.end(removal)
        #expect(requests.claimLeftover(key) == true, "it may come back")
        #expect(requests.claimLeftover(Sample.key(2)) == false)
    }

    @Test("Each request knows the address that it is about")
    func keys() {
        let all: [KernelRequest] = [
            .add(router, key), .remove(router, key), .promote(router, key), .removeLeftover(key),
            .promoteForLeftover(key), .refit(router, key, .bridge(bridge)), .refit(router, key, .remove),
        ]
        #expect(all.allSatisfy { $0.key == key })
        #expect(all.filter(\.isAboutLeftover) == [.removeLeftover(key), .promoteForLeftover(key)])
    }
}

@Suite("Addresses that have no place any more")
struct OutgoingAddressesTests {
    private let key = Sample.key(1)
    private let bridge = Sample.key(1, length: 31)

    @Test("What waits for an address is taken when that has been answered, once and in order")
    func waiting() {
        var outgoing = OutgoingAddresses()
        #expect(outgoing.isEmpty && outgoing.take(Sample.address(1)).isEmpty)
        outgoing.wait(Sample.key(1, on: Sample.eth1))
        outgoing.wait(key)
        outgoing.wait(key)
        outgoing.wait(Sample.key(2))
        #expect(outgoing.addresses == [Sample.address(1), Sample.address(2)])
        #expect(outgoing.take(Sample.address(1)) == [key, Sample.key(1, on: Sample.eth1)])
        #expect(outgoing.take(Sample.address(1)).isEmpty)
        #expect(!outgoing.isEmpty)
        #expect(outgoing.take(Sample.address(2)) == [Sample.key(2)])
        #expect(outgoing.isEmpty)
    }

    @Test("A bridge that has served waits to go, and is one until it has gone")
    func bridges() {
        var outgoing = OutgoingAddresses()
        outgoing.releaseBridge(bridge)
        #expect(outgoing.isEmpty, "none was there")
        outgoing.addBridge(bridge)
        #expect(outgoing.isBridge(bridge) && !outgoing.isBridge(key))
        #expect(outgoing.isEmpty, "it does not go before it is released")
        outgoing.releaseBridge(bridge)
        #expect(outgoing.take(Sample.address(1)) == [bridge])
        #expect(outgoing.isBridge(bridge))
        #expect(outgoing.dropBridge(bridge) == true)
        #expect(outgoing.dropBridge(bridge) == false)
        #expect(!outgoing.isBridge(bridge))
    }

    @Test("That a reload took an address out is told once")
    func dismissed() {
        var outgoing = OutgoingAddresses()
        #expect(outgoing.endDismissal(key) == false)
        outgoing.dismiss(key)
        #expect(outgoing.isEmpty, "when it goes is another question")
        #expect(outgoing.endDismissal(key) == true)
        #expect(outgoing.endDismissal(key) == false)
    }
}
