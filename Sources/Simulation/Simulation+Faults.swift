import Addressing
import Configuration
import FailoverCore
import VRRP

/// What a fault does when it begins, and when it is over.
extension Simulation {
    mutating func begin(_ kind: Fault.Kind) {
        if tells { tell("\(kind)") }
        audit.disturb(kind, begins: true, at: now)
        network.change(kind, begins: true)
        switch kind {
        case .stall(let host, let deaf):
            hosts[host].isStalled = true
            hosts[host].isDeaf = deaf
        case .crash(let host): hosts[host].crash()
        case .stop(let host):
            hosts[host].stop()
            turn(host)
        case .linkDown(let host): setLink(host, false)
        case .addressRemoved(let host, let address): remove(scenario.sharedAddress(address), from: host)
        case .addressAdded(let host, let address): add(address, to: host)
        case .leased(let host, let address): add(address, leased: true, to: host)
        case .ownAddressGone(let host): remove(own(host), from: host)
        case .secondOwnAddress(let host): add(own(host, second: true), to: host)
        case .sourceChanged(let host):
            add(own(host, second: true), to: host)
            remove(own(host), from: host)
        case .refusal(let host): hosts[host].kernel.refuses = true
        case .eventsLost(let host): hosts[host].losesEvents = true
        case .junk: sendJunk()
        case .mute(let host): hosts[host].isMute = true
        case .echoes(let host): echoes.append(host)
        case .handover(let host, let router):
            hosts[host].ask(router, handover: true)
            turn(host)
        case .reload(let host, let router, let edit):
            hosts[host].edit(router, edit, isOver: false)
            turn(host)
        case .secondLinkDown(let host): setLink(host, false, interface: 1)
        case .trackedLinkDown(let host, let link): setTrackedLink(host, link, false)
        case .runnerGone(let host):
            hosts[host].notifications?.endRunner(at: now)
            pumpNotifications(host)
        case .detectionFailed(let host, let address):
            tellHost(host, hosts[host].kernel.failDetection(of: scenario.sharedAddress(address).address))
        case .rival(let host, let router, _):
            guard scenario.addressCounts.indices.contains(router) else { break }
            hosts[host].rivals[router] += 1
            guard hosts[host].routers[router].isConfigured, hosts[host].file[router].isConfigured else { break }
            if let first = scenario.addresses(of: router).first { add(first, to: host) }
        case .routeRemoved(let host, let router, let line): removeRoute(line, of: router, from: host)
        case .macvlanDeleted(let host, let router):
            if let index = hosts[host].kernel.macvlan(of: router)?.index {
                tellHost(host, hosts[host].kernel.delete(index))
            }
        case .macvlanOff(let host, let router):
            if let index = hosts[host].kernel.macvlan(of: router)?.index {
                tellHost(host, hosts[host].kernel.perform(.switchOff(index)).1)
            }
        case .loss, .delay, .duplication, .partition, .oneWay, .segment, .strangers, .claims: break
        }
    }

    private mutating func removeRoute(_ line: Int, of router: Int, from host: Int) {
        guard scenario.addressCounts.indices.contains(router) else { return }
        let lines = scenario.routing(of: router, as: hosts[host].routers)
        guard lines.indices.contains(line) else { return }
        tellHost(host, hosts[host].kernel.take(lines[line].object))
    }

    mutating func end(_ kind: Fault.Kind) {
        if tells { tell("over: \(kind)") }
        audit.disturb(kind, begins: false, at: now)
        network.change(kind, begins: false)
        switch kind {
        case .stall(let host, _):
            hosts[host].isStalled = false
            hosts[host].ranAt = now
            turn(host)
        case .crash(let host), .stop(let host):
            // A stop that is still under way is over by then: it is bounded.
            hosts[host].crash()
            hosts[host].start(at: now)
            turn(host)
        case .linkDown(let host): setLink(host, true)
        case .addressAdded(let host, let address), .leased(let host, let address):
            remove(scenario.sharedAddress(address), from: host)
        case .ownAddressGone(let host): add(own(host), to: host)
        case .secondOwnAddress(let host): remove(own(host, second: true), from: host)
        case .sourceChanged(let host):
            add(own(host), to: host)
            remove(own(host, second: true), from: host)
        case .refusal(let host): hosts[host].kernel.refuses = false
        case .eventsLost(let host):
            hosts[host].losesEvents = false
            hosts[host].readTable()
            turn(host)
        case .handover(let host, let router):
            hosts[host].ask(router, handover: false)
            turn(host)
        case .reload(let host, let router, let edit):
            hosts[host].edit(router, edit, isOver: true)
            turn(host)
        case .mute(let host):
            hosts[host].isMute = false
            hosts[host].unmutedAt = now
        case .echoes(let host): if let place = echoes.firstIndex(of: host) { echoes.remove(at: place) }
        case .secondLinkDown(let host): setLink(host, true, interface: 1)
        case .trackedLinkDown(let host, let link): setTrackedLink(host, link, true)
        case .runnerGone(let host):
            hosts[host].notifications?.startRunner()
            pumpNotifications(host)
        case .rival(let host, let router, let priority):
            guard scenario.addressCounts.indices.contains(router) else { break }
            // One of two says that it goes.
            if priority % 2 == 0 { sendRival(host, router, 0) }
            hosts[host].rivals[router] -= 1
            if let first = scenario.addresses(of: router).first { remove(scenario.sharedAddress(first), from: host) }
        case .addressRemoved, .detectionFailed, .loss, .delay, .duplication, .partition, .oneWay, .segment, .junk,
            .strangers, .claims, .routeRemoved, .macvlanDeleted, .macvlanOff:
            break
        }
    }

    func own(_ host: Int, second: Bool = false) -> IPPrefix {
        scenario.ownPrefix(host, second: second, scenario.ownFamily)
    }

    mutating func setLink(_ host: Int, _ isUp: Bool, interface: Int = 0) {
        guard hosts[host].kernel.areLinksUp.indices.contains(interface) else { return }
        hosts[host].kernel.areLinksUp[interface] = isUp
        tellHost(host, [.link(hosts[host].kernel.link(interface))])
    }

    mutating func setTrackedLink(_ host: Int, _ link: Int, _ isUp: Bool) {
        guard hosts[host].kernel.areTrackedLinksUp.indices.contains(link) else { return }
        hosts[host].kernel.areTrackedLinksUp[link] = isUp
        tellHost(host, [.link(hosts[host].kernel.trackedLink(link))])
    }

    mutating func add(_ prefix: IPPrefix, to host: Int) {
        tellHost(host, hosts[host].kernel.add(prefix))
    }

    mutating func add(_ address: Int, leased: Bool = false, to host: Int) {
        let interface = scenario.interface(ofAddress: address)
        tellHost(host, hosts[host].kernel.add(scenario.sharedAddress(address), on: interface, leased: leased))
    }

    mutating func remove(_ prefix: IPPrefix, from host: Int) {
        tellHost(host, hosts[host].kernel.remove(prefix))
    }

    mutating func tellHost(_ host: Int, _ events: [Input]) {
        guard hosts[host].isRunning, !hosts[host].losesEvents else { return }
        hosts[host].events += events
        turn(host)
    }
}
