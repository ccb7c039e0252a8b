import Addressing
import Configuration
import VRRP

/// Sync groups: all members are master here, or none. Each member's election says how it stands; what follows for the others is decided
/// here, when everything that came is taken in.
extension Core {
    /// A group as it is now.
    package struct GroupStatus: Hashable, Sendable {
        package var name: String
        /// `master` where all members are; `fault` where one has a fault of its own; `stopped` where all are; else `backup`. While
        /// members leave it is what it was before; `nil` while it waits for the start, or for the first word of what a member tracks.
        package var state: InstanceState?
        /// In the configuration's order.
        package var members: [RouterID]
    }

    /// In the configuration's order.
    package var groups: [GroupStatus] {
        (0..<Int32(truncatingIfNeeded: groupTable.count)).map { group in
            GroupStatus(
                name: groupTable.name(of: group), state: groupTable.told(of: group),
                members: groupTable.members(of: group).map(\.id))
        }
    }

    /// The name of the group that a virtual router is in.
    package func groupName(of id: RouterID) -> String? {
        guard instances.contains(id), instances[id].group != GroupTable.none else { return nil }
        return groupTable.name(of: instances[id].group)
    }

    /// How often a group is looked at in one go: what one look changes the next one sees.
    private static let looks = 8

    /// The groups of a configuration, after its instances have got their places.
    mutating func arrangeGroups(_ configuration: Configuration, at now: Instant) {
        guard !configuration.groups.isEmpty || !groupTable.isEmpty else { return }
        let wanted = configuration.groups.map { group in
            (name: group.name, members: group.members.compactMap { directory.router(named: $0) })
        }
        groupTable.change(to: wanted)
        var places: [RouterID: Int32] = [:]
        for (place, group) in wanted.enumerated() {
            for id in group.members { places[id] = Int32(truncatingIfNeeded: place) }
        }
        let written = Dictionary(
            configuration.instances.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for id in instances.order {
            let membership = places[id].map { place in
                Membership(
                    group: place, written: written[instances[id].configuration.name] ?? instances[id].configuration)
            }
            if instances[id].membership != membership { instances[id].membership = membership }
            let isGrouped = membership != nil
            guard instances[id].election.isGrouped != isGrouped else { continue }
            if isGrouped {
                instances[id].election.isGrouped = true
            } else {
                instances[id].election.leaveGroup(at: now)
            }
        }
    }

    /// All of the group of a virtual router, in the group's order; it alone where it is in none.
    package func withGroup(_ id: RouterID) -> [RouterID] {
        let group = instances[id].group
        guard group != GroupTable.none else { return [id] }
        return groupTable.members(of: group).map(\.id).filter { instances.contains($0) }
    }

    // MARK: - Faults

    /// Judges the members' own faults before any of them is started: none begins only to be taken out by the next one.
    mutating func noteFaultsOfGroups(at now: Instant) {
        guard !groupTable.isEmpty else { return }
        for id in instances.order where instances[id].group != GroupTable.none && !instances[id].isStopped {
            groupTable.note(ownFaults(of: id, at: now).first, of: id, in: instances[id].group)
        }
    }

    /// Notes what keeps a virtual router from taking part by itself. What it has because of another member is no fault of its own: two
    /// would hold each other for ever.
    mutating func noteOwnFault(_ faults: FaultSet, of id: RouterID) {
        let group = instances[id].group
        guard group != GroupTable.none else { return }
        groupTable.note(faults.firstOwn, of: id, in: group)
    }

    /// Another member's fault, which keeps this one out as well.
    func groupFault(of id: RouterID) -> Fault? {
        let group = instances[id].group
        guard group != GroupTable.none, let member = groupTable.faulty(in: group, beside: id), let fault = member.fault,
            instances.contains(member.id)
        else { return nil }
        return .memberOfGroup(groupTable.name(of: group), member: instances[member.id].name, fault)
    }

    // MARK: - Decisions

    /// Looks at the groups of which something has changed.
    /// - Parameter undrained: the interfaces whose packets have not all been read; `nil` where nobody may claim now, because it is not
    ///   known yet what waits to be read.
    mutating func settleGroups(undrained: [InterfaceIndex: Instant]? = nil, at now: Instant) {
        guard groupTable.hasWork, hasSnapshot else { return }
        var later: [Int32] = []
        for _ in 0..<Self.looks {
            let groups = groupTable.takeTouched()
            guard !groups.isEmpty else { break }
            for group in groups where !decide(group, undrained: undrained, at: now) { later.append(group) }
            settle()
        }
        for group in later { groupTable.touch(group) }
    }

    /// - Returns: whether nothing is left to be done.
    private mutating func decide(_ group: Int32, undrained: [InterfaceIndex: Instant]?, at now: Instant) -> Bool {
        let members = groupTable.members(of: group).map(\.id).filter { instances.contains($0) }
        if groupTable.takeNews(of: group) { evaluate(members, at: now) }
        var isDone = true
        if mayComeBack(members) {
            // Not before everything is read: perhaps somebody has taken over.
            isDone = undrained != nil
            for id in members where isDone && instances[id].isLeaving { goOn(id, at: now) }
        }
        let standings = members.map { instances[$0].election.standing }
        let isHeld = standings.contains { $0 == .holds || $0 == .claims }
        if isHeld, let objector = objector(members, standings) {
            for (id, standing) in zip(members, standings) where standing == .holds || standing == .claims {
                giveUp(id, because: objector, in: group, at: now)
            }
        } else if standings.contains(.wishes), !standings.contains(where: { $0.isObjection || $0 == .undecided }) {
            isDone = claim(members, undrained: undrained, at: now)
        }
        if undrained == nil {
            isDone = isDone && !groupTable.isAsked(group)
        } else if isDone, groupTable.endAsking(group) {
            for id in members where instances[id].election.wishes { reconcile(id, at: now) }
        }
        tell(group, members)
        return isDone
    }

    /// Whether members have let go only for another one that could be master now after all, and nobody has taken over: they may go on. Two
    /// hosts of which each has the better right to one member, and that hear each other again, both let go.
    private func mayComeBack(_ members: [RouterID]) -> Bool {
        var hasWish = false
        for id in members {
            switch instances[id].election.standing {
            case .wishes: hasWish = true
            case .leaves where instances[id].mayComeBack: break
            case .undecided, .claims, .holds, .objects, .out, .leaves: return false
            }
        }
        return hasWish
    }

    /// A member that can't be master now, or is not to be. One that only waits for its timer is none: it has heard of no master yet.
    private func objector(_ members: [RouterID], _ standings: [VirtualRouter.Standing]) -> RouterID? {
        let place =
            standings.firstIndex(of: .objects) ?? standings.firstIndex(of: .out) ?? standings.firstIndex(of: .leaves)
        return place.map { members[$0] }
    }

    /// A member lets go because another one can't be master. keepalived says nothing then, and removes the address. Here it resigns and
    /// answers until its successor does: with keepalived's silence the other host would wait for a whole master down interval.
    private mutating func giveUp(_ id: RouterID, because objector: RouterID, in group: Int32, at now: Instant) {
        let old = instances[id].state
        let reason = Reason.group(groupTable.name(of: group), member: instances[objector].name)
        if leave(id, reason, isPatient: true, at: now) { return }
        instances[id].election.standDown(at: now)
        instances[id].announcing.stop()
        instances[id].placement.endPauses()
        if old != instances[id].state { enter(id, from: old, reason, at: now) }
        reconcile(id, at: now)
    }

    /// Those that wish it claim, all in one go.
    private mutating func claim(
        _ members: [RouterID], undrained: [InterfaceIndex: Instant]?, at now: Instant
    ) -> Bool {
        guard let undrained else { return false }
        for id in members where instances[id].election.standing == .wishes {
            if let interface = instances[id].interface, undrained[interface] != nil { return false }
        }
        for id in members {
            if let reason = instances[id].election.claim(at: now) { instances[id].tenure.claim(reason) }
        }
        for id in members where instances[id].isClaiming { reconcile(id, at: now) }
        return true
    }

    /// Whether what a member has on the interfaces stays for now: it has just begun, and may be master in a moment.
    func awaitsDecision(_ id: RouterID) -> Bool {
        let group = instances[id].group
        return group != GroupTable.none && instances[id].election.wishes && groupTable.isAsked(group)
    }

    // MARK: - Claims

    /// Whether all that a claim waits for is there: a member's own addresses, and those of all others that claim.
    func mayConclude(_ id: RouterID) -> Bool {
        guard hasAllAddresses(id) else { return false }
        guard instances[id].group != GroupTable.none else { return true }
        return withGroup(id).reversed().allSatisfy { other in
            other == id || instances[other].election.standing == .holds
                || instances[other].isClaiming && hasAllAddresses(other)
        }
    }

    func hasAllAddresses(_ id: RouterID) -> Bool {
        guard isMacvlanReady(id) else { return false }
        for position in instances[id].placement.positions.reversed() {
            let address = instances[id].placement[position]
            guard address.pending == nil, isHeld(address) else { return false }
        }
        return true
    }

    /// A claim for which another member's addresses are still on their way.
    func awaitsGroup(_ id: RouterID) -> Bool {
        instances[id].group != GroupTable.none
            && withGroup(id).contains { other in
                other != id && instances[other].isClaiming && !hasAllAddresses(other)
            }
    }

    // MARK: - State

    private mutating func tell(_ group: Int32, _ members: [RouterID]) {
        let states = members.map { instances[$0].state }
        let old = groupTable.told(of: group)
        // Told when the last of them has left.
        guard !states.contains(.leaving) || old == nil else { return }
        // A member that a reload has brought listens first: until it has heard who is its master, nothing changes for the others.
        guard old != .master || !isJoining(members) else { return }
        let new: InstanceState =
            if states.allSatisfy({ $0 == .master }) {
                .master
            } else if states.allSatisfy({ $0 == .stopped }) {
                .stopped
            } else if groupTable.hasFault(group) || states.contains(.fault) {
                .fault
            } else {
                .backup
            }
        guard new != old, new != .fault || !members.allSatisfy({ isAwaited($0) }) else { return }
        groupTable.tell(new, of: group)
        record(.groupChanged(group: groupTable.name(of: group), from: old, to: new))
    }
}

extension Core {
    /// Some members are master here, and the others may become it in a moment: where one objects none is left that is master.
    private func isJoining(_ members: [RouterID]) -> Bool {
        let standings = members.map { instances[$0].election.standing }
        return standings.contains(.holds) && standings.contains { $0 != .holds }
    }
}

extension Instance {
    /// It leaves only because another one of its group could not be master, and nobody has taken over.
    fileprivate var mayComeBack: Bool {
        !election.hasSuccessor && wayOut.order == nil && !wayOut.isForGood && !wayOut.isForFault
    }
}

extension VirtualRouter.Standing {
    /// It can't be master now, or is not to be.
    fileprivate var isObjection: Bool {
        switch self {
        case .objects, .out, .leaves: true
        case .undecided, .wishes, .claims, .holds: false
        }
    }
}
