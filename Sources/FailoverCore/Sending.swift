import VRRP

/// Why an advertisement could not be sent.
package struct SendFailure: Hashable, Sendable {
    /// The error number.
    package var code: Int32
    /// The system's words for it.
    package var text: String
    /// Where the packet was longer than the interface carries: both in bytes.
    package var size: Size?

    package struct Size: Hashable, Sendable {
        /// Of the packet.
        package var length: Int
        package var mtu: Int
        /// How many addresses the packet has, and how many would fit.
        package var addresses: Int
        package var fitting: Int

        package init(length: Int, mtu: Int, addresses: Int, fitting: Int) {
            self.length = length
            self.mtu = mtu
            self.addresses = addresses
            self.fitting = fitting
        }
    }

    package init(code: Int32, text: String, size: Size? = nil) {
        self.code = code
        self.text = text
        self.size = size
    }

    /// EMSGSIZE.
    static let tooLong: Int32 = 90
    /// ENOBUFS: the interface's queue was full, which may be over a moment later.
    var isQueueFull: Bool { code == 105 }
    /// EPERM: a firewall of this host.
    var isForbidden: Bool { code == 1 }
}

/// How the sending of one virtual router's advertisements goes.
struct Sending: Hashable, Sendable {
    /// Since when not one has left; `nil` while the last one did.
    var failingSince: Instant?
    var failure: SendFailure?
    var failedAt: Instant?
    /// After a full queue: when to try the same again, and how often that was done.
    var resendAt: Instant?
    var retries = 0
    /// When a backup that can't send next looks whether it can.
    var trialAt: Instant?

    /// So often an advertisement is tried again after a full queue.
    static let mostRetries = 3
    /// How often a backup looks whether it can send.
    static let trialPeriod = Duration.seconds(5)

    mutating func note(_ failure: SendFailure, at now: Instant) {
        failingSince = failingSince ?? now
        self.failure = failure
        failedAt = now
    }

    mutating func forget() { self = Sending() }
}
