/// The authentication of VRRPv2. RFC 3768 abolished it; RFC 2338's clear text form is what the field still uses.
///
/// It keeps a host with another configuration out, not an attacker: everybody on the network can read it.
package enum Authentication: Hashable, Sendable {
    case none
    /// RFC 2338, section 5.3.6, type 1: a password in clear text.
    case password(Password)

    /// The value of the Auth Type field.
    package var type: UInt8 {
        switch self {
        case .none: 0
        case .password: 1
        }
    }

    /// The eight octets of the Authentication Data field, the first one highest.
    package var data: UInt64 {
        switch self {
        case .none: 0
        case .password(let password): password.octets
        }
    }
}

/// A clear text password: eight octets, shorter ones filled up with zeros.
///
/// Its description never shows it, so that no log line and no reply can.
package struct Password: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// How many octets the field has; what is longer is cut off by every implementation known.
    package static let size = 8

    /// The octets in network order.
    package let octets: UInt64

    /// - Parameter bytes: the password; only the first eight count.
    package init(_ bytes: some Sequence<UInt8>) {
        var value: UInt64 = 0
        var count = 0
        for byte in bytes.prefix(Self.size) {
            value = value << 8 | UInt64(byte)
            count += 1
        }
        while count < Self.size {
            value <<= 8
            count += 1
        }
        octets = value
    }

    package var description: String { "********" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
