import Addressing
import Configuration
import Control
import EventLoop
import FailoverCore
import Foundation
import Kernel
import Reporting
import Testing
import VRRP

@testable import AgentRuntime

@Suite("What there is too little room for")
struct ShortageTests {
    @Test("It is told once when it begins, however it changes, and once when it is over; meanwhile it is a finding")
    func telling() {
        var shortages = Shortages()
        func sockets(_ interfaces: Int) -> Shortage {
            .socketsNotKept(interfaces: interfaces, kept: 5, most: 10, possible: nil)
        }
        let addresses = Shortage.addressesNotKept(count: 3, reason: "full")
        #expect(shortages.note(.socketsNotKept, nil) == nil)
        #expect(shortages.note(.socketsNotKept, sockets(1)) == .began)
        #expect(shortages.note(.socketsNotKept, sockets(2)) == nil)
        #expect(shortages.note(.addressesNotKept, addresses) == .began)
        #expect(shortages.all == [addresses, sockets(2)])
        let findings = shortages.all.map { FindingReport($0) }
        #expect(findings.map(\.code) == ["addressesNotKept", "socketsNotKept"])
        #expect(findings.map(\.level) == ["warning", "warning"])
        #expect(shortages.note(.socketsNotKept, nil) == .ended)
        #expect(shortages.note(.socketsNotKept, nil) == nil)
        #expect(shortages.all == [addresses])
    }

    @Test("systemd is never given more sockets than it keeps, nor longer names than a new program can be started with")
    func sockets() {
        func pair(_ name: String) -> [String] { ["\(name)-raw", "\(name)-tap"] }
        func add(_ name: String, to store: inout KeptSockets) -> Bool { store.add(pair(name)) }
        var few = KeptSockets(capacity: 5, longestNames: 1000)
        #expect(add("a", to: &few))
        #expect(add("b", to: &few))
        #expect(!add("c", to: &few))
        // Those that are kept already take no more room.
        #expect(add("a", to: &few))
        few.remove("a-raw")
        few.remove("a-raw")
        #expect(add("c", to: &few))
        // Each name and what divides it from the next.
        var short = KeptSockets(capacity: 100, longestNames: 23)
        #expect(add("a", to: &short))
        #expect(!add("b", to: &short))
        short.remove("a-tap")
        #expect(add("b", to: &short))
    }

    @Test("Announcements that could not be sent are told each ten seconds, with how many there were")
    func announcements() {
        var lost = LostAnnouncements()
        func note(_ count: Int, at seconds: Int) -> Int? {
            lost.note(count, at: Instant(sinceBoot: .seconds(seconds)))
        }
        #expect(note(1, at: 100) == 1)
        #expect(note(5, at: 101) == nil)
        #expect(note(6, at: 109) == nil)
        #expect(note(7, at: 110) == 18)
        #expect(note(2, at: 111) == nil)
        #expect(note(1, at: 300) == 3)
    }

    @Test("How many systemd keeps, it says since version 254; else it is what the unit says")
    func capacity() throws {
        #expect(DescriptorStore.capacity(told: "17") == 17)
        #expect(DescriptorStore.capacity(told: nil) == DescriptorStore.capacityOfUnit)
        let unit = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../systemd/failover-agent.service")
        let lines = try String(contentsOf: unit, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains("FileDescriptorStoreMax=\(DescriptorStore.capacityOfUnit)"))
        // The longest names: an interface's number of 31 bits, a hash of 64.
        #expect(
            DescriptorStore.capacityOfUnit * "vrrp-2147483647-ffffffffffffffff-raw:".utf8.count
                < DescriptorStore.longestNames)
    }
}

@Suite("Room for what arrives while the loop is busy")
struct ReceiveRoomTests {
    @Test("255 virtual routers of 10 ms on one interface, a loop that is late by 50 ms: 1275 advertisements")
    func needed() throws {
        func configuration(_ count: Int, on interface: String, _ interval: String) throws -> Configuration {
            let text = (1...count).map {
                "vrrp_instance \(interface)-\($0) { interface \(interface)\n version 3\n virtual_router_id \($0)\n advert_int \(interval)\n"
                    + " virtual_ipaddress {\n 192.0.2.\($0)\n }\n}\n"
            }.joined()
            let result = ConfigurationReader.read("text", from: TextAlone(text: text), context: ReadingContext())
            return try #require(result.configuration, "\(result.diagnostics)")
        }
        var mixed = try configuration(255, on: "eth0", "0.01")
        mixed.instances += try configuration(200, on: "eth1", "1").instances
        #expect(ReceiveRoom.needed(by: mixed.instances) == 1275)
        #expect(ReceiveRoom.needed(by: try configuration(200, on: "eth1", "1").instances) == 200)
        // The socket is asked for 8 MiB, of which the kernel counts the double.
        #expect(1275 * IPv4AdvertisementReceiver.memoryOfPacket < 8 << 20)
    }
}

private struct TextAlone: SourceFiles {
    let text: String
    func read(_ path: String) throws(SourceError) -> [UInt8] { Array(text.utf8) }
    func expand(_ pattern: String) -> [String] { [pattern] }
}

@Suite("Handovers that are kept")
struct HandoverBookTests {
    private let now = Instant(sinceBoot: .seconds(1000))

    private func withFile(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-handovers-\(UUID().uuidString)")
            .path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("As many as there are virtual routers are kept, and the next process reads them")
    func many() throws {
        try withFile { path in
            let orders = (0..<16_320).map { number in
                (
                    name: "instance-\(number)",
                    order: HandoverOrder(requestedBy: "alice (uid 1000)", requestedAt: "2026-11-29T10:00:00.000+00:00")
                )
            }
            try HandoverFile(path: path).store(orders, now: now, epoch: .seconds(5000))
            let read = try HandoverFile(path: path).orders(now: now, epoch: .seconds(5000))
            #expect(read.count == orders.count)
            #expect(read["instance-16319"] == orders[16_319].order)
        }
    }

    @Test("Only instances whose order may have changed are looked at; what has changed is told with all the others")
    func suspects() throws {
        let text = (1...3).map {
            "vrrp_instance i\($0) { interface eth0\n virtual_router_id \($0)\n virtual_ipaddress {\n 192.0.2.\($0)\n }\n}\n"
        }.joined()
        let result = ConfigurationReader.read("text", from: TextAlone(text: text), context: ReadingContext())
        var core = Core(try #require(result.configuration, "\(result.diagnostics)"), at: now)
        try withFile { path in
            let book = HandoverBook(try HandoverFile(path: path))
            let order = HandoverOrder(requestedBy: "alice", requestedAt: "2026-11-29T10:00:00.000+00:00")
            func changed() -> [String]? { book.changed(in: core)?.map(\.name).sorted() }
            #expect(changed() == nil)
            core.handOver(core.routers[0], order, at: now)
            core.handOver(core.routers[2], order, at: now)
            #expect(changed() == nil, "nobody has said so")
            book.mayHaveChanged(["i1", "i3"])
            #expect(changed() == ["i1", "i3"])
            #expect(changed() == nil)
            core.resume(core.routers[0], at: now)
            book.mayHaveEnded("i2")
            #expect(changed() == nil)
            book.mayHaveEnded("i1")
            #expect(changed() == ["i3"])
            core.resume(core.routers[2], at: now)
            book.mayAllHaveChanged()
            #expect(changed() == [])
        }
    }
}
