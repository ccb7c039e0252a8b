import Addressing
import FailoverCore
import VRRP

/// What the program has done, against what it may do and what the reference model says.
extension VirtualHost {
    /// Shared addresses come and go without a bearing on who can take part, unless the host has them for itself.
    func concernsSource(_ event: Input) -> Bool {
        func isShared(_ key: AddressKey) -> Bool {
            (0..<scenario.addressCounts.reduce(0, +)).contains { scenario.sharedAddress($0).address == key.address }
        }
        return switch event {
        case .address(let address):
            address.hasFiniteLifetime && address.origin != InterfaceAddress.ourOrigin || !isShared(address.key)
        case .addressRemoved(let key): !isShared(key)
        default: true
        }
    }

    func state(of router: Int) -> InstanceState? { states[router] }

    /// The numbers of the addresses of a virtual router that are in the configuration.
    func addresses(of router: Int) -> [Int] { scenario.addresses(of: router, as: routers) }

    /// The virtual router that has an address in the configuration that was read.
    func holder(of address: Int) -> Int? { routers.indices.first { addresses(of: $0).contains(address) } }

    /// The virtual router that has an address in the configuration that was read.
    func router(with address: IPAddress) -> Int? {
        routers.indices.first { router in
            addresses(of: router).contains { scenario.sharedAddress($0).address == address }
        }
    }

    func isHostsOwn(_ address: Int) -> Bool {
        kernel.isLeased(scenario.sharedAddress(address))
    }

    /// A master that was silent for long and listens before it goes on.
    func isListening(_ router: Int) -> Bool {
        references.indices.contains(router) && references[router].phase == .listening
    }

    /// What no agent may ever do.
    func check(_ effect: Effect) {
        switch effect {
        case .removeAddress(_, let key):
            let shared = scenario.addressCounts.indices.flatMap { scenario.addresses(of: $0) }.map {
                scenario.sharedAddress($0).address
            }
            if !shared.contains(key.address) {
                complaint = "host \(number) removes its own address \(key.prefix)"
            }
        case .advertise(_, _, _, _, let packet)
        where Scenario.priority(in: packet) != 0 && isNewMaster(Scenario.router(in: packet)) && !losesEvents
            && !readsSeveral:
            if let missing = addresses(of: Scenario.router(in: packet)).first(where: {
                !kernel.answers(for: scenario.sharedAddress($0).address)
            }) {
                complaint = "host \(number) advertises \(scenario.sharedAddress(missing)) and does not have it"
            }
        case .advertise(_, let interface, _, _, let packet)
        where interface.rawValue >= VirtualKernel.firstMacvlan && !isFromItsOwnMaster(packet):
            complaint =
                "host \(number) sends \(Scenario.priority(in: packet)) from a virtual MAC address beside another master"
        case .record(let recorded):
            if case .repaired(let name, let flaw) = recorded.event {
                complaint = complaint ?? "host \(number), \(name): its look at itself finds \(flaw)"
            }
        default: break
        }
    }

    /// Whether what leaves from a virtual router's hardware address is said by its master, or by one that resigns.
    private func isFromItsOwnMaster(_ packet: [UInt8]) -> Bool {
        let router = Scenario.router(in: packet)
        guard references.indices.contains(router), Scenario.priority(in: packet) != 0 else { return true }
        // What it decided as master may be carried out with what came behind it in the same turn: the model tells whether it heard another one.
        if [.master, .listening, .leaving].contains(references[router].phase) { return true }
        return index(of: router).flatMap { program?.core.state(of: $0) } == .master
    }

    /// A new master has its addresses first, says so then, and announces them last.
    /// - Parameter batch: what came out together: none of it follows from an answer to a request among it.
    func checkOrder(_ batch: [Effect]) {
        // A copy with another prefix length answers while one is put on in another form.
        let asked = Set(
            batch.compactMap { if case .addAddress(_, let assignment) = $0 { assignment.key.address } else { nil } }
        ).filter { !kernel.answers(for: $0) }
        var speaking = Set(output.compactMap(speaker))
        for effect in batch {
            switch effect {
            case .adopted(let id):
                // The neighbours know it: what is put back before its first word may be announced.
                if let router = references.indices.first(where: { index(of: $0) == id }) { goesOn.insert(router) }
            case .advertise:
                guard let router = speaker(effect), isNewMaster(router) else { break }
                speaking.insert(router)
                if let early = addresses(of: router).map({ scenario.sharedAddress($0).address }).first(
                    where: asked.contains)
                {
                    complaint =
                        complaint
                        ?? "host \(number) advertises \(early) before the kernel has acknowledged it"
                }
            case .announce(_, _, let addresses, _):
                for router in Set(addresses.compactMap({ self.router(with: $0) })).sorted()
                where isNewMaster(router) && !speaking.contains(router) && !goesOn.contains(router) {
                    complaint =
                        complaint
                        ?? "host \(number) announces addresses of virtual router \(router) before it advertises"
                }
            default: break
            }
        }
    }

    /// One that found no successor on its way out goes on as if it had never left: it has had its addresses all the while, and mends one
    /// that it has lost meanwhile as every master does.
    private func isNewMaster(_ router: Int) -> Bool { masterSince[router] == nil && states[router] != .leaving }

    /// The virtual router that says with an effect that it is master.
    private func speaker(_ effect: Effect) -> Int? {
        guard case .advertise(_, _, _, _, let packet) = effect, Scenario.priority(in: packet) != 0 else { return nil }
        return Scenario.router(in: packet)
    }

    /// Both must be in the same state, and have said the same.
    func compare(at now: Instant) {
        guard complaint == nil, let program else { return }
        var said: [[Int]] = references.map { _ in [] }
        let first = scenario.isUnicast ? scenario.hosts.indices.first { $0 != number } : nil
        for case .advertise(_, _, let destination, _, let packet) in output {
            let router = Scenario.router(in: packet)
            // By unicast the same is said to each peer: the first one stands for all.
            if let first, destination != Scenario.ownAddress(first, scenario.family(of: router)) { continue }
            said[router].append(Int(Scenario.priority(in: packet)))
        }
        for index in references.indices {
            let id = self.index(of: index)
            states[index] = id.map { program.core.state(of: $0) }
            let state = states[index] ?? .stopped
            let agrees: Bool
            switch references[index].phase {
            case .initialize: agrees = state == .fault || state == .stopped
            case .backup: agrees = state == (references[index].cannotSend ? .fault : .backup)
            case .master, .listening: agrees = state == .master
            case .leaving: agrees = state == .leaving
            case .claiming: agrees = false
            }
            if unreferenced.contains(index) {
                references[index].said = []
            } else if !agrees {
                complaint =
                    "host \(number), virtual router \(index) is \(state) where the RFC's state machine is \(references[index].phase)"
            } else if said[index] != references[index].said {
                complaint =
                    "host \(number), virtual router \(index) advertised \(said[index]) where the RFC's state machine says \(references[index].said)"
            }
            // It looks every five seconds whether something leaves.
            let patience = max(unmutedAt, ranAt) + .seconds(6)
            if references[index].cannotSend, references[index].phase == .backup, !isMute, now > patience,
                kernel.isLinkUp
            {
                complaint = complaint ?? "host \(number), virtual router \(index) can send again, and does not know"
            }
            references[index].said = []
            if agrees, !unreferenced.contains(index),
                let postponed = id.map({ program.core.counters(of: $0).takeoversPostponed }),
                postponed != references[index].grants
            {
                complaint =
                    "host \(number), virtual router \(index) postponed \(postponed) takeovers where the model says \(references[index].grants)"
            }
            let isOnItsWay = wayOut[index].map { $0.until == nil } ?? false
            if state == .leaving, !isOnItsWay { wayOut[index] = (now, nil) }
            if state != .leaving, isOnItsWay { wayOut[index]?.until = now }
            if leavesForGood.contains(index), references[index].phase == .initialize { forget(index) }
            if state != .master { advertisedAt[index] = nil }
            if state != .master { goesOn.remove(index) }
            masterSince[index] = state == .master ? masterSince[index] ?? now : nil
        }
    }
}
