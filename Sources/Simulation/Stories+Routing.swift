import VRRP

/// Routes and rules, written out: two hosts of priority 150 and 100, two addresses.
extension Stories {
    private static func routed(_ hosts: [[Scenario.Router]]? = nil, faults: Fault...) -> Scenario {
        var scenario = Scenario(
            hosts: hosts ?? [[router(150)], [router(100)]], addresses: [2], delay: .microseconds(500), faults: faults)
        scenario.hasRouting = true
        return scenario
    }

    static let routing = [
        Story(
            name: "Routes: the master is killed, comes back as backup and preempts",
            scenario: routed(faults: fault(10_000, 10_000, .crash(host: 0)))),
        Story(
            name: "Routes: the master is stopped, and another program starts later",
            scenario: routed(faults: fault(10_000, 10_000, .stop(host: 0)))),
        Story(
            name: "Routes: a handover, and back",
            scenario: routed(faults: fault(10_000, 10_000, .handover(host: 0, router: 0)))),
        Story(
            name: "Routes: a new process goes on as master",
            scenario: routed(faults: fault(10_000, 700, .crash(host: 0)))),
        Story(
            name: "Routes: somebody removes each of them, and the address that one needs",
            scenario: routed(
                faults: fault(10_000, 0, .routeRemoved(host: 0, router: 0, line: 0)),
                fault(11_000, 0, .routeRemoved(host: 0, router: 0, line: 1)),
                fault(12_000, 0, .routeRemoved(host: 0, router: 0, line: 2)),
                fault(12_500, 0, .routeRemoved(host: 0, router: 0, line: 3)),
                fault(13_000, 0, .addressRemoved(host: 0, address: 0)))),
        Story(
            name: "Routes: the link is lost and comes back",
            scenario: routed(faults: fault(10_000, 10_000, .linkDown(host: 0)))),
        Story(
            name: "Routes: a reload takes the virtual router out and brings it back",
            scenario: routed(faults: fault(10_000, 10_000, .reload(host: 0, router: 0, .without)))),
        Story(
            name: "Routes: a route goes while the events get lost",
            scenario: routed(
                faults: fault(10_000, 3000, .eventsLost(host: 0)),
                fault(11_000, 0, .routeRemoved(host: 0, router: 0, line: 1)))),
    ]
}
