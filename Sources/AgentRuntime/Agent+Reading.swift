import Addressing
import FailoverCore
import Kernel
import Reporting
import VRRP

/// What the runtime reads for the core: packets, losses, the kernel's events and its whole table.
extension Agent {
    /// How far back the arrival of a packet is believed to lie.
    private static let longestWakeUp = Duration.milliseconds(5)
    /// Events of rtnetlink that are taken in one by one while more are waiting.
    private static let longestBacklog = 1000

    // MARK: - Packets

    /// Reads one batch from each interface that has packets.
    /// - Returns: the interfaces that may have more, and when the last packet that was read there had arrived.
    func readPackets(at now: Instant) -> [InterfaceIndex: Instant] {
        let ready = readyTokens ?? poll.ready()
        readyTokens = nil
        // Where as many are ready as one question tells of, any other may be, too.
        var undrained: [InterfaceIndex: Instant] = [:]
        if ready.count == PollSet.batch {
            for place in receivers.keys { undrained[place.interface] = Instant(sinceBoot: .zero) }
        }
        for token in ready where token != Self.monitorToken && token != Self.routingToken {
            let (interface, kind) = Self.interface(of: token)
            let place = InterfaceFamily(interface, kind.family)
            guard !kind.isOfClaims else {
                claimReceivers[place]?.receive { core.handle(.addressClaimed($0), at: now) }
                continue
            }
            let listening: InterfaceIndex
            let readUpTo: Instant?
            if kind.isOfMacvlan {
                guard let (receiver, place) = macvlanReceivers[interface] else { continue }
                listening = place.interface
                readUpTo = handOver(on: listening, at: now) { receive(from: receiver, place.family, $0) }
            } else {
                guard let receiver = receivers[place] else { continue }
                mayHaveLost.insert(place)
                let tapped = kind == .tap
                listening = interface
                readUpTo = handOver(on: listening, tapped: tapped, at: now) {
                    receive(from: receiver, tapped: tapped, $0)
                }
            }
            if let readUpTo { undrained[listening] = min(readUpTo, undrained[listening] ?? readUpTo) }
        }
        return undrained
    }

    private typealias PacketBody = (borrowing Span<UInt8>, Duration) -> Void

    /// Hands what `receive` reads to the core.
    /// - Parameter interface: that of the virtual routers.
    /// - Returns: where more may be waiting, when the last packet had arrived.
    private func handOver(
        on interface: InterfaceIndex, tapped: Bool = false, at now: Instant, _ receive: (PacketBody) -> Bool
    ) -> Instant? {
        var readUpTo = Instant(sinceBoot: .zero)
        let mayHaveMore = receive { bytes, age in
            readUpTo = now - age
            // What waited in the socket while this program was woken came a little earlier than now. Not more than
            // a little: a long stall must not make a living master look silent.
            core.receive(
                bytes, on: interface, tapped: tapped, arrived: now - age, at: now - min(age, Self.longestWakeUp))
        }
        return mayHaveMore ? readUpTo : nil
    }

    /// Before a backup claims, it has to know whether the kernel dropped what it did not hear.
    func readLosses(at now: Instant) {
        guard !mayHaveLost.isEmpty, let due = core.nextTimer(), due <= now else { return }
        // The kernel drops only what does not fit beside what waits, and that has been read by now, or holds the backup back.
        defer { mayHaveLost.removeAll(keepingCapacity: true) }
        for place in mayHaveLost {
            guard let receiver = receivers[place] else { continue }
            let count = receiver.losses.take()
            if count > 0 { core.handle(.packetsLost(place.interface, count: count), at: now) }
        }
    }

    private func receive(
        from receiver: any AdvertisementReceiver, tapped: Bool, _ body: PacketBody
    ) -> Bool {
        if let receiver = receiver as? IPv4AdvertisementReceiver {
            return receiver.receive(tapped: tapped, into: &slots, body)
        }
        return (receiver as? IPv6AdvertisementReceiver)?.receive(into: &slotsOfIPv6, body) ?? false
    }

    private func receive(from receiver: MacvlanReceiver, _ family: IPFamily, _ body: PacketBody) -> Bool {
        switch family {
        case .ipv4: receiver.receive(into: &slots, body)
        case .ipv6: receiver.receive(into: &slotsOfIPv6, body)
        }
    }

    /// The sockets of an interface.
    enum SocketKind: UInt64 {
        case raw = 0
        case tap = 1
        case claims = 2
        case raw6 = 3
        case claims6 = 4
        case macvlan = 5
        case macvlan6 = 6

        var family: IPFamily {
            switch self {
            case .raw, .tap, .claims, .macvlan: .ipv4
            case .raw6, .claims6, .macvlan6: .ipv6
            }
        }

        var isOfClaims: Bool { self == .claims || self == .claims6 }
        var isOfMacvlan: Bool { self == .macvlan || self == .macvlan6 }

        static func claims(_ family: IPFamily) -> SocketKind { family == .ipv4 ? .claims : .claims6 }
        static func macvlan(_ family: IPFamily) -> SocketKind { family == .ipv4 ? .macvlan : .macvlan6 }

        /// Those of a receiver, in the order of its `sockets`.
        static func receiving(_ family: IPFamily) -> [SocketKind] { family == .ipv4 ? [.raw, .tap] : [.raw6] }
    }

    static func token(_ interface: InterfaceIndex, _ kind: SocketKind) -> UInt64 {
        UInt64(UInt32(bitPattern: interface.rawValue)) << 3 | kind.rawValue
    }

    private static func interface(of token: UInt64) -> (InterfaceIndex, SocketKind) {
        (InterfaceIndex(rawValue: Int32(truncatingIfNeeded: token >> 3)), SocketKind(rawValue: token & 7) ?? .raw)
    }

    // MARK: - The kernel's table

    func readEvents(at now: Instant) -> Bool {
        // With the address that a route needs goes the route: what is told of the address comes first, and is read first.
        var lost: RoutingWatch.Outcome?
        defer { if let lost { handOver(lost, at: now) } }
        // A question about all sockets at once is cheaper than one to a socket that has nothing to tell.
        if !hasAskedKernel {
            let ready = poll.ready()
            readyTokens = ready
            if ready.contains(Self.routingToken) { lost = readRoutingWatch() }
            guard ready.count == PollSet.batch || ready.contains(Self.monitorToken) else { return false }
        }
        let mayHaveMore = readMonitor(at: now)
        hasAskedKernel = hasAskedKernel && mayHaveMore
        return mayHaveMore
    }

    /// Hands the events that have come to the core.
    /// - Returns: whether more may be waiting.
    private func readMonitor(at now: Instant) -> Bool {
        do {
            switch try monitor.readEvents() {
            case .overrun:
                log.write(
                    .warning, "rtnetlink had more to tell than there was room for: reading the whole table", .eventsLost
                )
                duties.readsTable = true
            case .events(let events, let mayHaveMore):
                backlog += events.count
                if mayHaveMore, backlog > Self.longestBacklog {
                    // To take in each would take longer than to look at what has become of all of them.
                    backlog = 0
                    try monitor.discardEvents()
                    duties.readsTable = true
                    return false
                }
                if !mayHaveMore { backlog = 0 }
                for event in events {
                    core.handle(Input(event), at: now)
                }
                return mayHaveMore
            }
        } catch {
            log.write(.error, "\(error)")
            duties.readsTable = true
        }
        return false
    }

    func readTable(at now: Instant) -> Bool {
        do {
            guard let (links, addresses) = try monitor.snapshot() else { return false }
            // Before the core knows its links: then it knows what earlier runs have left when it decides.
            if !core.hasRoutingTable { readRouting(at: now) }
            core.handle(.snapshot(links: links, addresses: addresses), at: now)
            return true
        } catch {
            log.write(.error, "\(error)")
            return false
        }
    }
}

extension Input {
    fileprivate init(_ event: RouteEvent) {
        switch event {
        case .link(let link): self = .link(link)
        case .linkRemoved(let index): self = .linkRemoved(index)
        case .address(let address): self = .address(address)
        case .addressRemoved(let key): self = .addressRemoved(key)
        }
    }
}
