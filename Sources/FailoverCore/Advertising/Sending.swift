import Addressing
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
    /// What the system says to it, where nothing was sent because `size` says enough.
    static let wordsForTooLong = "Message too long"
    /// ENOBUFS: the interface's queue was full, which may be over a moment later.
    package var isQueueFull: Bool { code == 105 }
    /// EPERM: a firewall of this host.
    package var isForbidden: Bool { code == 1 }
}

/// How the sending of one virtual router's advertisements goes.
struct Sending: Sendable {
    /// Since when not one has left; `nil` while the last one did.
    private(set) var failingSince: Instant?
    private(set) var failure: SendFailure?
    private(set) var failedAt: Instant?
    /// After a full queue: when to try the same again, and how often that was done.
    private(set) var resendAt: Instant?
    private var retries = 0
    /// When a backup that can't send next looks whether it can.
    private(set) var trialAt: Instant?

    /// So often an advertisement is tried again after a full queue.
    private static let mostRetries = 3
    /// How often a backup looks whether it can send.
    private static let trialPeriod = Duration.seconds(5)

    /// Unicast peers that nothing reaches, although others are reached.
    private var unreached: [IPAddress: (failure: SendFailure, at: Instant)] = [:]

    /// As long as a peer counts as out of reach after a failure: more than the longest interval.
    private static let memory = Duration.seconds(60)
    /// More peers than a file has.
    private static let most = 256

    /// - Returns: whether that is news.
    mutating func noteUnreached(_ address: IPAddress, _ failure: SendFailure, at now: Instant) -> Bool {
        let isNew = unreached[address].map { $0.failure != failure || now - $0.at >= Self.memory } ?? true
        if unreached.count >= Self.most { unreached = [:] }
        unreached[address] = (failure, now)
        return isNew
    }

    func failure(to address: IPAddress, at now: Instant) -> SendFailure? {
        unreached[address].flatMap { now - $0.at < Self.memory ? $0.failure : nil }
    }

    func unreached(at now: Instant) -> [(IPAddress, SendFailure)] {
        unreached.filter { now - $0.value.at < Self.memory }.map { ($0.key, $0.value.failure) }.sorted { $0.0 < $1.0 }
    }

    /// - Parameter isMaster: a last word that is lost says nothing about a later mastership.
    mutating func note(_ failure: SendFailure, isMaster: Bool, at now: Instant) {
        if isMaster { failingSince = failingSince ?? now }
        self.failure = failure
        failedAt = now
    }

    /// A queue that was full for a moment: the same again, well before the next one.
    mutating func planResend(interval: Duration, at now: Instant) {
        guard retries < Self.mostRetries else { return }
        retries += 1
        resendAt = now + min(interval / 8, .milliseconds(50))
    }

    /// - Returns: whether the same is to be sent again now.
    mutating func takeResend(at now: Instant) -> Bool {
        guard let due = resendAt, now >= due else { return false }
        resendAt = nil
        return true
    }

    /// What it would send is longer than the interface carries.
    mutating func note(tooLong size: SendFailure.Size, at now: Instant) {
        failure = SendFailure(code: SendFailure.tooLong, text: SendFailure.wordsForTooLong, size: size)
        failingSince = failingSince ?? now
    }

    mutating func planTrial(at now: Instant) { trialAt = now + Self.trialPeriod }

    func isTrialDue(at now: Instant) -> Bool { trialAt.map { now >= $0 } ?? false }

    mutating func forget() { self = Sending() }

    /// Nothing is remembered: all that was sent has left.
    var isQuiet: Bool {
        failure == nil && failingSince == nil && failedAt == nil && resendAt == nil && retries == 0 && trialAt == nil
            && unreached.isEmpty
    }
}
