import Addressing
import Configuration
import VRRP

/// A shared address of one virtual router and where it stands: what was asked of the kernel, what it refused, and when again.
struct PlacedAddress: Sendable {
    /// Those of the virtual router, the configuration's own list: so nothing is kept twice.
    private let wanted: [SharedAddress]
    /// Of this one among them.
    private let position: Int32
    /// Where it belongs; `nil` while there is no interface of that name.
    private(set) var key: AddressKey?
    /// It was on the interface while this host was master: if it is missing now, somebody took it away.
    private(set) var wasHeld = false
    /// The host had it of its own at some time.
    private(set) var wasHosts = false
    /// A request that the kernel has not answered yet.
    private(set) var pending: PendingRequest?
    /// What is not as it should be, or was lately; `nil` as a rule.
    @Seldom private var remembered: Trouble?

    /// What is remembered of an address that was refused, taken away, changed, or given up.
    private struct Trouble: Hashable, Sendable {
        /// How many additions were refused in a row.
        var failures = 0
        /// When to look again, after a refusal or where somebody takes it away again and again.
        var retryAt: Instant?
        /// How often in a row it was put back, and when last: one that keeps disappearing is put back with growing pauses.
        var restorations = 0
        var restoredAt: Instant?
        var absences = Absences()
        /// How often in a row it was put on with another label, broadcast address or scope, when last, and when it is due again.
        var refits = 0
        var refittedAt: Instant?
        var refitAt: Instant?
        /// What the kernel did not take.
        var refusedFit: AddressFit?
        /// A reload wants another preferred lifetime than it was put on with.
        var hasOtherPreference = false
        /// While this host leaves: when another one announced it.
        var takenOverAt: Instant?
    }

    private var trouble: Trouble {
        get { remembered ?? Trouble() }
        set { remembered = newValue == Trouble() ? nil : newValue }
    }

    var retryAt: Instant? { remembered?.retryAt }
    var refitAt: Instant? { remembered?.refitAt }
    var takenOverAt: Instant? { remembered?.takenOverAt }

    enum PendingRequest: Hashable, Sendable {
        case add(RequestID)
        case remove(RequestID)
        case promote(RequestID)
        case refit(RequestID)
    }

    /// - Parameter position: of the address among those that are wanted.
    init(_ wanted: [SharedAddress], at position: Int) {
        self.wanted = wanted
        self.position = Int32(position)
    }

    var configuration: SharedAddress {
        _read { yield wanted[Int(position)] }
    }

    // MARK: - Its place

    /// An interface that was made anew has a new number: the answer to what was asked for the old place finds this one no more.
    mutating func move(to key: AddressKey?) {
        self.key = key
        pending = nil
        wasHeld = false
    }

    /// What is known of the same place under an older configuration.
    mutating func adopt(_ old: PlacedAddress) {
        key = old.key
        pending = old.pending
        wasHeld = old.wasHeld
        wasHosts = old.wasHosts
        let isPreferenceOther = configuration.preferredLifetime != old.configuration.preferredLifetime
        guard isPreferenceOther || old.remembered != nil else { return }
        var trouble = old.trouble
        trouble.refitAt = nil
        if isPreferenceOther { trouble.hasOtherPreference = true }
        // Who wants another form by a reload does not wait for it.
        if isPreferenceOther || AddressFit(configuration) != AddressFit(old.configuration) {
            trouble.refits = 0
            trouble.refittedAt = nil
        }
        self.trouble = trouble
    }

    // MARK: - Requests

    mutating func ask(_ request: PendingRequest) { pending = request }

    mutating func noteAnswer() { pending = nil }

    mutating func wait(until due: Instant) { trouble.retryAt = due }

    mutating func stopWaiting() {
        if retryAt != nil { trouble.retryAt = nil }
    }

    /// Whether it is not looked at before a later moment.
    func isWaiting(at now: Instant) -> Bool { retryAt.map { now < $0 } ?? false }

    mutating func takeRetry(at now: Instant) -> Bool {
        guard let due = retryAt, now >= due else { return false }
        trouble.retryAt = nil
        return true
    }

    /// The kernel says that it is there, and its table does not show it.
    /// - Returns: whether that is the first time: with a new table it may be cleared up.
    mutating func noteDoubt(retryAt due: Instant) -> Bool {
        guard trouble.failures == 0 else { return false }
        trouble.failures = 1
        trouble.retryAt = due
        return true
    }

    mutating func noteRefusal() { trouble.failures += 1 }

    // MARK: - Held, or taken away

    mutating func noteAdded() {
        forgetFailures()
        if hasOtherPreference { trouble.hasOtherPreference = false }
    }

    var hasOtherPreference: Bool { remembered?.hasOtherPreference ?? false }

    /// It is put right where it is.
    mutating func notePreference() {
        if hasOtherPreference { trouble.hasOtherPreference = false }
    }

    private mutating func forgetFailures() {
        if remembered != nil { trouble.failures = 0 }
    }

    /// It was put back after somebody had taken it away.
    mutating func noteRestored(at now: Instant) { trouble.restoredAt = now }

    /// It is on its interface, where it belongs.
    mutating func noteHeld(at now: Instant) {
        wasHeld = true
        guard remembered != nil else { return }
        trouble.absences.end(at: now)
        trouble.failures = 0
    }

    /// It does not belong on this host now.
    mutating func noteUnwanted() {
        wasHeld = false
        if remembered != nil { trouble.absences.forget() }
    }

    /// This host takes it off itself, on its way out or to put it on anew: if it comes back, nobody had taken it away.
    mutating func noteGivenUp() { wasHeld = false }

    mutating func noteHostsOwn() { wasHosts = true }

    /// Somebody has taken it away: it is put back with growing pauses where that happens again and again.
    mutating func noteTakenAway(at now: Instant) {
        var trouble = trouble
        trouble.restorations = RepeatedUndoing.count(after: trouble.restorations, last: trouble.restoredAt, now: now)
        trouble.absences.begin(at: now)
        let pause = RepeatedUndoing.pause(before: trouble.restorations)
        if pause > .zero { trouble.retryAt = now + pause }
        self.trouble = trouble
    }

    /// It is away more than it is there.
    func isMissingMostly(at now: Instant) -> Bool {
        guard let remembered else { return false }
        return remembered.absences.total(at: now) > Absences.window / 2
    }

    /// Whether somebody takes it away again and again.
    /// - Parameter now: `nil` for the moment of the last change.
    func isContested(at now: Instant?) -> Bool {
        guard let remembered, remembered.restorations > 0, let restoredAt = remembered.restoredAt else { return false }
        return now.map { $0 - restoredAt < Absences.window } ?? true
    }

    // MARK: - Another form

    /// Whether the kernel has refused to have it as the configuration wants it.
    var isFitRefused: Bool {
        guard let refused = remembered?.refusedFit else { return false }
        return refused == AddressFit(configuration)
    }

    mutating func planRefit(at due: Instant) { trouble.refitAt = due }

    mutating func dropRefit() {
        if refitAt != nil { trouble.refitAt = nil }
    }

    /// It is to be put on anew; where somebody keeps changing it, with growing pauses.
    /// - Returns: whether to do so now; otherwise it is planned.
    mutating func beginRefit(at now: Instant) -> Bool {
        var count = 0
        var trouble = trouble
        defer { self.trouble = trouble }
        if let last = trouble.refittedAt, now - last < Absences.window {
            count = min(trouble.refits + 1, RepeatedUndoing.most)
            let due = last + RepeatedUndoing.pause(before: count)
            guard now >= due else {
                trouble.refitAt = due
                return false
            }
        }
        trouble.refits = count
        trouble.refittedAt = now
        return true
    }

    /// It stays as it is until the configuration wants something else.
    mutating func refuseFit() { trouble.refusedFit = AddressFit(configuration) }

    // MARK: - Given up to a successor

    mutating func beginLeaving() {
        if takenOverAt != nil { trouble.takenOverAt = nil }
    }

    mutating func noteTakenOver(at now: Instant) { trouble.takenOverAt = now }
}
