import Addressing
import FailoverCore
import Testing
import VRRP

@testable import AgentRuntime

/// A new version takes over what the old one has left: the names under which systemd keeps the sockets, and the handovers.
@Suite("What one version leaves to the next stays what it was in version 0.1.0")
struct KeptNamesTests {
    @Test("The name of an interface's sockets tells its groups and shared addresses, in whatever order")
    func sockets() {
        let two = InterfaceIndex(rawValue: 2)
        let group = IPAddress(224, 0, 0, 18)
        let addresses = [IPAddress(192, 0, 2, 1), IPAddress(10, 0, 0, 1), IPAddress(255, 255, 255, 254)]
        #expect(
            Inheritance.names(InterfaceFamily(two, .ipv4), [group], addresses).first == "vrrp-2-67c273d856d34f1d-raw")
        #expect(
            Inheritance.names(InterfaceFamily(two, .ipv4), [group], addresses.reversed() + addresses).first
                == "vrrp-2-67c273d856d34f1d-raw")
        #expect(
            Inheritance.names(
                InterfaceFamily(InterfaceIndex(rawValue: 17), .ipv4), [IPAddress(224, 0, 0, 99), group], []
            ).first
                == "vrrp-17-8ae633b8c78fe781-raw")
        #expect(
            Inheritance.names(InterfaceFamily(two, .ipv4), [], [addresses[0]]).first == "vrrp-2-6d9b2a11fa8ef866-raw")
    }

    @Test("Handovers")
    func handovers() {
        let now = Instant(sinceBoot: .seconds(100))
        let orders = [
            (
                name: "one",
                order: HandoverOrder(
                    requestedBy: "root", requestedAt: "2026-01-02T03:04:05.678Z", until: now + .seconds(60),
                    isForced: true)
            ),
            (
                name: "two words",
                order: HandoverOrder(requestedBy: "user 1000", requestedAt: "-", neverClaims: true)
            ),
        ]
        let text = "one\troot\t2026-01-02T03:04:05.678Z\t1060\tf\ntwo words\tuser 1000\t-\t-\tn\n"
        #expect(HandoverFile.encode(orders, now: now, epoch: .seconds(1000)) == Array(text.utf8))
    }
}
