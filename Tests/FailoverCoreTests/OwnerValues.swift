import Addressing
import Configuration
import VRRP

@testable import FailoverCore

/// SplitMix64: the same seed draws the same on every machine.
struct Draws: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: next() % UInt64(limit)) }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}

/// A moment of a test's own clock.
func moment(_ span: Duration) -> Instant { Instant(sinceBoot: .seconds(1000) + span) }

/// Places, addresses and configurations for tests of one owner alone.
enum Sample {
    static let eth0 = InterfaceIndex(rawValue: 2)
    static let eth1 = InterfaceIndex(rawValue: 3)
    static let location = SourceLocation(file: "test", line: 1, column: 1)

    /// 192.0.2.x or 2001:db8::x
    static func address(_ last: UInt8, _ family: IPFamily = .ipv4) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(192, 0, 2, last)
        case .ipv6: IPAddress(IPv6Address(high: 0x2001_0DB8 << 32, low: UInt64(last)))
        }
    }

    static func key(
        _ last: UInt8, length: Int = 32, _ family: IPFamily = .ipv4, on interface: InterfaceIndex = eth0
    ) -> AddressKey {
        let address = address(last, family)
        return AddressKey(
            interface: interface, prefix: IPPrefix(address: address, length: length) ?? IPPrefix(host: address))
    }

    static func shared(_ last: UInt8, label: String? = nil) -> SharedAddress {
        var shared = SharedAddress(location: location, prefix: IPPrefix(host: address(last)), interface: "eth0")
        shared.label = label
        return shared
    }

    static func router(_ slot: Int32, generation: Int32 = 1) -> RouterID {
        RouterID(slot: slot, generation: generation)
    }

    static func configuration(_ name: String, id: UInt8, addresses: [UInt8] = [1]) -> InstanceConfiguration {
        var configuration = InstanceConfiguration(
            name: name, location: location, interface: "eth0", virtualRouterID: id)
        configuration.addresses = addresses.map { shared($0) }
        configuration.advertisedAddresses = addresses.map { address($0) }
        return configuration
    }
}
