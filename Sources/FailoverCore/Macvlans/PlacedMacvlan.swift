import Addressing
import Configuration
import VRRP

/// The macvlan of one virtual router and where it stands: what was asked of the kernel, what it refused, and when again.
struct PlacedMacvlan: Hashable, Sendable {
    private(set) var wanted: VirtualMAC
    /// A request that the kernel has not answered yet.
    private(set) var pending: RequestID?
    /// What it is asked for is to be on.
    private(set) var isSwitchingOn = false
    /// Why the kernel did not do what was asked last; `nil` where it did.
    private(set) var refusal: KernelRefusal?
    /// Not before that the kernel is asked for anything again: after a refusal, or where somebody takes it away again and again.
    private(set) var retryAt: Instant?
    /// Not before that it is switched off or deleted: one slow request does not follow another.
    private(set) var turnAt: Instant?
    private var refusals = RepeatedRefusal()
    /// How often in a row it was put right after somebody had deleted it or switched it off, and when last.
    private var restorations = 0
    private var undoneAt: Instant?
    /// Advertisements could not leave from it: they leave from the parent.
    private(set) var isMute = false
    /// The link that was there as wanted: if none is there now, somebody took it away.
    private(set) var link: InterfaceIndex?
    /// On its way out, this host has left the virtual hardware address to its successor.
    var isGivenUp = false

    init?(_ wanted: VirtualMAC?, after old: PlacedMacvlan? = nil) {
        guard let wanted else { return nil }
        self.wanted = wanted
        guard let old, old.wanted.interface == wanted.interface, old.wanted.hardwareAddress == wanted.hardwareAddress
        else { return }
        self = old
        self.wanted = wanted
    }

    mutating func ask(_ request: RequestID, isSwitchingOn: Bool) {
        pending = request
        self.isSwitchingOn = isSwitchingOn
        (retryAt, turnAt) = (nil, nil)
    }

    mutating func noteDone() { (pending, isSwitchingOn, refusal, refusals) = (nil, false, nil, RepeatedRefusal()) }

    /// - Returns: whether that is another refusal than the last one.
    mutating func noteRefusal(_ refusal: KernelRefusal, at now: Instant) -> Bool {
        (pending, isSwitchingOn) = (nil, false)
        let isNews = self.refusal?.code != refusal.code
        self.refusal = refusal
        retryAt = now + refusals.countAndPause()
        return isNews
    }

    func isWaiting(at now: Instant) -> Bool { retryAt.map { now < $0 } ?? false }

    func isWaitingForItsTurn(at now: Instant) -> Bool { turnAt.map { now < $0 } ?? false }

    mutating func waitForTurn(until due: Instant) { turnAt = due }

    mutating func stopWaiting() { (retryAt, turnAt) = (nil, nil) }

    /// When it is to be looked at again.
    var deadline: Instant? { [retryAt, turnAt].compactMap { $0 }.min() }

    /// What has waited for its time is looked at now.
    mutating func endPauses(at now: Instant) {
        if let due = retryAt, now >= due { retryAt = nil }
        if let due = turnAt, now >= due { turnAt = nil }
    }

    /// Somebody has deleted it or switched it off: it is put right with growing pauses where that happens again and again.
    mutating func noteUndone(at now: Instant) {
        restorations = RepeatedUndoing.count(after: restorations, last: undoneAt, now: now)
        undoneAt = now
        let pause = RepeatedUndoing.pause(before: restorations)
        if pause > .zero { retryAt = now + pause }
    }

    /// Nothing that was sent from it has left.
    mutating func noteMute() { isMute = true }

    /// Another mastership: perhaps it leaves now.
    mutating func endMuteness() { isMute = false }

    mutating func noteThere(_ link: InterfaceIndex) { self.link = link }

    /// By this program: that it is missing is nobody else's doing.
    mutating func noteDeleted() { link = nil }

    /// The answer to what was asked about a link that has gone finds this one no more.
    mutating func noteGone() { (pending, isSwitchingOn) = (nil, false) }
}

/// What the kernel was asked for about a link.
struct LinkRequest: Hashable, Sendable {
    /// `nil` for what no virtual router has, and for many at a time.
    var router: RouterID?
    var order: LinkOrder
    /// Of the link, for people.
    var name: String
    /// Whose macvlan it was until somebody changed or renamed it; it is deleted for that.
    var changedOf: RouterID?
    /// Those that are deleted together.
    var together: [LinkOwner] = []
}

/// A link, and the virtual router that has it; `nil` for one that no virtual router wants.
struct LinkOwner: Hashable, Sendable {
    var router: RouterID?
    var name: String
}

extension OpenRequests<LinkRequest> {
    func isDeleting(_ index: InterfaceIndex) -> Bool {
        all.contains { $0.order.deletion.links.contains(index) }
    }

    /// Whether one may soon be on an interface.
    func isMaking(on parent: InterfaceIndex) -> Bool {
        all.contains { if case .make(let macvlan) = $0.order { macvlan.parent == parent } else { false } }
    }

    /// An interface's settings as they will be when the kernel has done what it was asked for.
    func settings(of index: InterfaceIndex, now present: ARPSettings) -> ARPSettings {
        var result = present
        for request in inOrder {
            let settings: ARPSettings
            switch request.order {
            case .set(let wanted, index): settings = wanted
            default:
                guard let mark = request.order.deletion.restoring.first(where: { $0.parent == index }) else { continue }
                settings = mark.lent
            }
            result.ignore = settings.ignore ?? result.ignore
            result.announce = settings.announce ?? result.announce
        }
        return result
    }
}

/// What concerns the macvlans of the whole host.
struct Macvlans: Sendable {
    var requests = OpenRequests<LinkRequest>(about: .link)
    /// On which of them there is a socket.
    private var heard: [InterfaceIndex: InterfaceFamily] = [:]
    /// When the next one may be switched off or deleted: that takes the kernel 10 to 30 ms, in which nothing else is done here.
    private var nextTurn: Instant?
    /// When macvlans that nobody wants are looked at again.
    var leftoversDue: Instant?
    /// When the settings of the interfaces below were last set without a reason.
    var settingsSetAt: Instant?
    /// The kernel does not delete many at a time.
    var deletesOneByOne = false

    private static let pause = Duration.milliseconds(20)

    /// - Returns: for whom somebody listened there until now; `place` where nothing changes.
    mutating func hear(_ macvlan: InterfaceIndex, for place: InterfaceFamily) -> InterfaceFamily? {
        heard.updateValue(place, forKey: macvlan)
    }

    /// - Returns: whether somebody listened there.
    mutating func stopHearing(_ macvlan: InterfaceIndex) -> Bool { heard.removeValue(forKey: macvlan) != nil }

    /// Takes the turn of one that is to be switched off or deleted.
    /// - Returns: when it has its turn; `nil` for now.
    mutating func takeTurn(at now: Instant) -> Instant? {
        if let next = nextTurn, next > now { return next }
        nextTurn = now + Self.pause
        return nil
    }
}
