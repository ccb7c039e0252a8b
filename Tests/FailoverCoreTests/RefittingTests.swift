import Addressing
import Configuration
import Testing
import VRRP

@testable import FailoverCore

@Suite("An address with another label, broadcast address or scope than is wanted")
struct RefittingTests {
    private func file(_ addresses: String...) throws -> Configuration { try TestFile.guide(addresses: addresses) }

    private func master(_ configuration: Configuration, extra: [InterfaceAddress] = []) -> TestHost {
        let host = TestHost(configuration, extra: extra)
        host.watched = [IPAddress(192, 0, 2, 1)]
        host.pass(.seconds(5))
        return host
    }

    private func address(_ host: TestHost, _ text: String = "192.0.2.1/32") throws -> InterfaceAddress {
        try #require(host.addresses.first { $0.key == TestHost.key(text) })
    }

    private let labelled = "192.0.2.1 label eth0:vip brd 192.0.2.255 scope link"

    @Test("A reload puts it on anew while a copy of it answers, without a route, and announces it once")
    func reload() throws {
        let host = master(try file("192.0.2.1"))
        host.forgetLog()
        host.reconfigure(try file(labelled))
        let after = try address(host)
        #expect(after.label == "eth0:vip")
        #expect(after.broadcast == IPv4Address(192, 0, 2, 255))
        #expect(after.scope == AddressScope.link.rawValue)
        #expect(host.missed.isEmpty)
        #expect(host.addresses.count == 2, "the copy has gone: \(host.addresses)")
        let copies = host.log.compactMap { entry -> AddressAssignment? in
            if case .addAddress(_, let assignment) = entry.effect, !assignment.addsNetworkRoute { return assignment }
            return nil
        }
        #expect(copies.map(\.key.prefix.length) == [31])
        #expect(copies.allSatisfy { $0.lifetime != nil }, "it goes by itself if this program dies")
        #expect(host.announcements().count == 1)
        #expect(host.advertisements().isEmpty)
        #expect(
            host.events == [
                .addressRefitted(
                    instance: "Instance1", address: TestHost.key("192.0.2.1/32").prefix, interface: "eth0")
            ])
        host.forgetLog()
        host.pass(.seconds(3))
        #expect(host.requests.isEmpty)
    }

    @Test("On a kernel that marks no addresses, too, and it stays ours")
    func withoutMarks() throws {
        let host = TestHost(try file("192.0.2.1"))
        host.marksAddresses = false
        host.pass(.seconds(5))
        host.reconfigure(try file(labelled))
        #expect(try address(host).label == "eth0:vip")
        #expect(host.addresses.count == 2)
        host.give(.stop)
        host.pass(.seconds(5))
        #expect(!host.has("192.0.2.1/32"))
    }

    @Test("Its secondaries stay: they are promoted first")
    func secondaries() throws {
        let host = master(try file("198.51.100.1/24", "198.51.100.2/24"))
        let second = InterfaceAddress(
            key: TestHost.key("198.51.100.2/24"), isSecondary: true, origin: InterfaceAddress.ourOrigin, createdAt: 1002
        )
        host.give(.address(second))
        host.forgetLog()
        host.reconfigure(try file("198.51.100.1/24 label eth0:vip", "198.51.100.2/24"))
        let kinds = host.requests.map { effect in
            switch effect {
            case .addAddress(_, let assignment): "add \(assignment.key.prefix)"
            case .removeAddress(_, let key): "remove \(key.prefix)"
            default: "promote"
            }
        }
        #expect(
            kinds == [
                "add 198.51.100.1/32", "promote", "remove 198.51.100.1/24", "add 198.51.100.1/24",
                "remove 198.51.100.1/32",
            ])
        #expect(try address(host, "198.51.100.1/24").label == "eth0:vip")
    }

    @Test("Refused by the kernel, it stays as it was, and that is told once")
    func refused() throws {
        let host = master(try file("192.0.2.1"))
        host.forgetLog()
        host.refuseAddition = { key in
            key.prefix.length == 32 && !host.has("192.0.2.1/32") && host.log.filter { $0.effect.adds(key) }.count == 1
                ? KernelRefusal(code: 22, text: "ipv4: Invalid scope value") : nil
        }
        host.reconfigure(try file(labelled))
        #expect(try address(host).label == nil)
        #expect(host.addresses.count == 2)
        #expect(host.missed.isEmpty)
        #expect(host.state == .master)
        host.pass(.seconds(30))
        let refusals = host.events.filter { if case .refused(.change, _, _, _) = $0 { true } else { false } }
        #expect(refusals.count == 1)
        host.refuseAddition = { _ in nil }
        host.reconfigure(try file("192.0.2.1 label eth0:other"))
        #expect(try address(host).label == "eth0:other", "what is wanted now may be possible")
    }

    @Test("Without room for a copy nothing is taken away")
    func noCopy() throws {
        let host = master(try file("192.0.2.1"))
        host.refuseAddition = { _ in KernelRefusal(code: 12, text: "Cannot allocate memory") }
        host.reconfigure(try file(labelled))
        host.pass(.seconds(30))
        #expect(host.missed.isEmpty)
        #expect(host.state == .master)
    }

    @Test("Somebody puts ours there in another form again and again: it is put right, with growing pauses")
    func fight() throws {
        let host = master(try file(labelled))
        host.forgetLog()
        let wrong = InterfaceAddress(
            key: TestHost.key("192.0.2.1/32"), origin: InterfaceAddress.ourOrigin, createdAt: 9, label: "eth0:x")
        for _ in 0..<200 {
            host.give(.address(wrong))
            host.pass(.milliseconds(50))
        }
        let times = host.events.count { if case .addressRefitted = $0 { true } else { false } }
        #expect((10...25).contains(times), "\(times)")
        host.pass(.seconds(2))
        #expect(try address(host).label == "eth0:vip")
    }

    @Test("Reloads in a row are each carried out at once")
    func reloads() throws {
        let host = master(try file("192.0.2.1"))
        for number in 0..<20 {
            host.reconfigure(try file("192.0.2.1 label eth0:\(number)"))
            #expect(try address(host).label == "eth0:\(number)")
        }
        #expect(host.missed.isEmpty)
    }

    @Test("The host's own address is never touched, whatever its label")
    func hostsOwn() throws {
        let own = InterfaceAddress(key: TestHost.key("192.0.2.1/32"), createdAt: 3, label: "eth0:own")
        let host = master(try file("192.0.2.1"), extra: [own])
        host.reconfigure(try file(labelled))
        host.pass(.seconds(20))
        #expect(host.state == .master)
        #expect(host.requests.isEmpty)
        #expect(try address(host) == own)
    }

    @Test("What an earlier run left in another form is put right when this host is master, not before")
    func leftByAnEarlierRun() throws {
        let left = InterfaceAddress(
            key: TestHost.key("192.0.2.1/32"), origin: InterfaceAddress.ourOrigin, createdAt: 77, label: "eth0:old")
        let host = TestHost(
            try file("192.0.2.1"), extra: [left], adoptable: [0: TestHost.start - .milliseconds(800)])
        #expect(host.state == .master)
        #expect(try address(host).label == nil)
        #expect(host.addresses.count == 2)
        let other = TestHost(try file("192.0.2.1"), extra: [left])
        other.hear(200)
        #expect(!other.has("192.0.2.1/32"), "a backup only takes it off")
    }

    @Test("A reload in the middle of it: the copy goes, the address is there, in the form that is wanted then")
    func reloadInTheMiddle() throws {
        for answered in 0..<5 {
            let host = master(try file("192.0.2.1"))
            host.isSlow = true
            host.reconfigure(try file(labelled))
            for _ in 0..<answered { host.answerOne() }
            host.reconfigure(try file("192.0.2.1 label eth0:last"))
            host.isSlow = false
            host.answerAll()
            host.pass(.seconds(3))
            #expect(try address(host).label == "eth0:last", "\(answered)")
            #expect(host.addresses.count == 2, "\(answered): \(host.addresses)")
            #expect(host.state == .master)
        }
    }

    @Test("Another prefix length or interface: the new one is there before the old one goes")
    func moved() throws {
        let host = master(try file("192.0.2.1/24"))
        host.forgetLog()
        host.reconfigure(try file("192.0.2.1/32"))
        #expect(host.missed.isEmpty)
        #expect(host.has("192.0.2.1/32") && !host.has("192.0.2.1/24"))
        let announced = try #require(host.log.firstIndex { if case .announce = $0.effect { true } else { false } })
        let removed = try #require(host.log.firstIndex { if case .removeAddress = $0.effect { true } else { false } })
        #expect(announced < removed)
    }
}

extension Effect {
    fileprivate func adds(_ key: AddressKey) -> Bool {
        if case .addAddress(_, let assignment) = self { return assignment.key == key }
        return false
    }
}
