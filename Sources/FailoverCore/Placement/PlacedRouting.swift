import Addressing
import Configuration
import VRRP

/// A route or rule of one virtual router and where it stands: what was asked of the kernel, what it refused, and when again.
struct PlacedRouting: Sendable {
    private(set) var wanted: VirtualRouting
    /// What is asked of the kernel; `nil` while there is no interface of that name.
    private(set) var object: RoutingObject?
    /// It is there, and ours, as far as is known.
    private(set) var isHeld = false
    /// The kernel may have it, whatever it said last: it refuses to look for a route whose gateway it does not reach any more.
    private(set) var mayBeThere = false
    /// IPv6: the host has another route in its place.
    private(set) var isOccupied = false
    private(set) var pending: Pending?
    /// It may have gone without a word.
    private(set) var isDoubtful = false
    /// Why it is not there.
    private(set) var refusal: KernelRefusal?
    private var refusals = RepeatedRefusal()
    /// Not before that it is asked for again.
    private(set) var retryAt: Instant?
    /// Not before that the kernel is asked to remove it again.
    private(set) var removeAt: Instant?
    /// How often in a row it was put back, and when last.
    private var restorations = 0
    private var restoredAt: Instant?
    /// It was there while this host was master: if it is missing now, somebody took it away.
    private var wasHeld = false
    /// This program takes it off to remove another one, and puts it on again at once.
    private var stepsAside = false
    /// IPv6: its source address has gone, and with it the route's preference for it. The kernel keeps the route, tells nobody, and takes no
    /// second one: it is put on anew.
    private(set) var hasLostSource = false

    enum Pending: Hashable, Sendable {
        case addition(RequestID)
        case removal(RequestID)
    }

    /// What an answer to a request to set it says.
    enum News: Hashable, Sendable {
        case none
        case added
        case restored
        case refused
        case occupied
    }

    init(_ wanted: VirtualRouting) { self.wanted = wanted }

    /// Whether it has to be asked for now.
    /// - Parameter looks: also where it is there as far as is known, and nobody knows for sure.
    func isDue(at now: Instant, looks: Bool) -> Bool {
        pending == nil && (!isHeld || isDoubtful && looks) && retryAt.map { now >= $0 } ?? true
    }

    /// Whether the kernel has to be asked to remove it now. It may just have been asked to set it: the one follows the other.
    func isToGo(at now: Instant) -> Bool {
        switch pending {
        case .addition: true
        case .removal: false
        case nil: mayBeThere && removeAt.map { now >= $0 } ?? true
        }
    }

    /// Whether the kernel may have it when all is done that it has been asked for.
    var mayStay: Bool {
        switch pending {
        case .addition: true
        case .removal: false
        case nil: mayBeThere
        }
    }

    func isAsked(by id: RequestID) -> Bool {
        switch pending {
        case .addition(id), .removal(id): true
        case .addition, .removal, nil: false
        }
    }

    /// Whether somebody takes it away again and again.
    func isContested(at now: Instant) -> Bool {
        restorations > 0 && restoredAt.map { now - $0 < Absences.window } ?? false
    }

    // MARK: - Requests

    mutating func ask(_ request: Pending) {
        pending = request
        (isDoubtful, hasLostSource) = (false, false)
        (retryAt, removeAt) = (nil, nil)
    }

    /// It is taken off and put on again, so that the removal of another one does not take it.
    mutating func stepAside(_ addition: RequestID) {
        stepsAside = isHeld
        isHeld = false
        ask(.addition(addition))
    }

    /// What has waited for its time waits for something else now, or is asked for.
    mutating func endPause(at now: Instant) {
        if let due = retryAt, now >= due { retryAt = nil }
        if let due = removeAt, now >= due { removeAt = nil }
    }

    /// The kernel has answered that it is there, or was already.
    mutating func noteAnswer(_ result: RequestResult, at now: Instant) -> News {
        pending = nil
        defer { stepsAside = false }
        switch result {
        case .done:
            defer { noteThere() }
            guard !stepsAside else { return .none }
            guard wasHeld else { return .added }
            restoredAt = now
            return .restored
        case .refused(let refusal) where refusal.saysAlreadyThere:
            guard case .route(let route)? = object, !route.isIPv4, !isHeld else {
                noteThere()
                return .none
            }
            // IPv6 knows no second route of the same metric, whosever it is.
            defer { isOccupied = true }
            self.refusal = nil
            retryAt = now + RepeatedRefusal.longest
            return isOccupied ? .none : .occupied
        case .refused(let refusal):
            isHeld = false
            let isNews = self.refusal?.code != refusal.code
            self.refusal = refusal
            retryAt = now + refusals.countAndPause()
            return isNews ? .refused : .none
        }
    }

    private mutating func noteThere() {
        (isHeld, mayBeThere, isOccupied, wasHeld, refusal, refusals) = (true, true, false, true, nil, RepeatedRefusal())
    }

    /// The kernel has answered to its removal.
    mutating func noteRemoved() {
        pending = nil
        lose()
    }

    /// Another virtual router that had it, too, asks for its removal, which comes behind what was asked for here.
    mutating func noteRemovedByOther() {
        pending = nil
        lose()
        (wasHeld, stepsAside) = (false, false)
    }

    /// The kernel would not remove it.
    mutating func noteKept(until due: Instant) {
        pending = nil
        removeAt = due
    }

    // MARK: - What happens to it

    /// The kernel has it, by a look at all of them.
    mutating func find() {
        (isHeld, mayBeThere, isOccupied, wasHeld, refusal, retryAt) = (true, true, false, true, nil, nil)
    }

    mutating func lose() { (isHeld, mayBeThere) = (false, false) }

    /// An address has gone from the host.
    mutating func noteGone(_ address: IPAddress) {
        guard case .route(let route)? = object, !route.isIPv4, route.source == address, mayStay else { return }
        (hasLostSource, isDoubtful) = (true, true)
    }

    /// Another virtual router that had it leaves it to this one, or a reload does.
    /// - Parameter isSure: the kernel has it as far as is known.
    mutating func inherit(isSure: Bool) {
        guard pending == nil, !isHeld else { return }
        find()
        isDoubtful = !isSure
    }

    /// Its interface has gone, has come, or has another name or number now. What was asked for the old one finds this one no more.
    mutating func move(to object: RoutingObject?) {
        self.object = object
        (pending, retryAt, removeAt) = (nil, nil, nil)
        lose()
    }

    mutating func doubt() { isDoubtful = true }

    /// Something on the host has changed: what was refused may be taken now.
    mutating func tryAgain(at due: Instant) {
        guard !isHeld, refusal != nil || isOccupied, let retryAt else { return }
        self.retryAt = min(retryAt, due)
    }

    /// What was refused for want of an address need not wait.
    mutating func endRefusal() { if refusal != nil { retryAt = nil } }

    /// Somebody has taken it away: it is put back with growing pauses where that happens again and again.
    mutating func noteTakenAway(at now: Instant) {
        isHeld = false
        restorations = RepeatedUndoing.count(after: restorations, last: restoredAt, now: now)
        let pause = RepeatedUndoing.pause(before: restorations)
        if pause > .zero { retryAt = now + pause }
    }

    /// It does not belong on this host now.
    mutating func noteUnwanted() {
        (isDoubtful, isOccupied, wasHeld, refusal, retryAt) = (false, false, false, nil, nil)
        refusals = RepeatedRefusal()
        (restorations, restoredAt, stepsAside) = (0, nil, false)
    }

    /// What is known of the same line under an older configuration.
    mutating func adopt(_ old: PlacedRouting) {
        let line = wanted
        self = old
        wanted = line
    }
}
