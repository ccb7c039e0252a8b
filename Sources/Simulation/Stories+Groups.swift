import VRRP

/// Sync groups, written out: virtual routers 0 and 1 of each host, of priority 150 on host 0 and 100 on host 1, unless told.
extension Stories {
    private static func pair(
        _ first: [Scenario.Router] = [router(150), router(150)],
        _ second: [Scenario.Router] = [router(100), router(100)], secondOnOtherLink: Bool = false, faults: Fault...
    ) -> Scenario {
        var scenario = Scenario(hosts: [first, second], addresses: [2, 1], delay: .microseconds(500), faults: faults)
        scenario.groups = [[0, 1]]
        if secondOnOtherLink {
            scenario.wide = Scenario.Wide(routerInterfaces: [0, 1], addressInterfaces: [0, 0, 1])
        }
        return scenario
    }

    static let groups = [
        Story(
            name: "A group: the master is killed, comes back, and preempts as a whole",
            scenario: pair(faults: fault(10_000, 10_000, .crash(host: 0)))),
        Story(name: "A group: the master is stopped", scenario: pair(faults: fault(10_000, 10_000, .stop(host: 0)))),
        Story(
            name: "A group: one virtual router is handed over, and taken back by the other one's name",
            scenario: pair(faults: fault(10_000, 10_000, .handover(host: 0, router: 1)))),
        Story(
            name: "A group: a handover to nobody goes on as a whole",
            scenario: pair(
                faults: fault(9000, 12_000, .partition([0])), fault(10_000, 20_000, .handover(host: 0, router: 0)))),
        Story(
            name: "A group: a new process goes on as master of all of it",
            scenario: pair(faults: fault(10_000, 700, .crash(host: 0)))),
        Story(
            name: "A group: the link of one virtual router is lost, and comes back",
            scenario: pair(secondOnOtherLink: true, faults: fault(10_000, 10_000, .secondLinkDown(host: 0)))),
        Story(
            name: "A group: one virtual router's tracked link goes, another one's while it is down; both come back",
            scenario: pair(
                [router(150, tracked: [.init(0)]), router(150, tracked: [.init(1)])],
                faults: fault(10_000, 10_000, .trackedLinkDown(host: 0, link: 0)),
                fault(15_000, 10_000, .trackedLinkDown(host: 0, link: 1)))),
        Story(
            name: "A group: what both track goes, and nobody is there to take over",
            scenario: pair(
                [router(150, tracked: [.init(0)]), router(150, tracked: [.init(0)])],
                faults: fault(8000, 20_000, .crash(host: 1)), fault(10_000, 10_000, .trackedLinkDown(host: 0, link: 0)))
        ),
        Story(
            name: "A group: one that does not preempt keeps all from it",
            scenario: pair([router(150), router(150, preempts: false)], faults: fault(10_000, 10_000, .crash(host: 0)))),
        Story(
            name: "A group: an owner that could not be master in it is one as soon as a reload takes it out",
            scenario: {
                var scenario = Scenario(
                    hosts: [
                        [router(255, preempts: false), router(255), router(19)],
                        [router(100), router(162), router(141)],
                    ],
                    addresses: [1, 1, 1], delay: .microseconds(500),
                    faults: [fault(10_000, 8000, .reload(host: 0, router: 1, .ungrouped))])
                scenario.groups = [[0, 1, 2]]
                return scenario
            }()),
        Story(
            name: "A group: one segment is cut: the backup stays one, on both",
            scenario: pair(faults: fault(10_000, 15_000, .segment(router: 1, [0])))),
        Story(
            name: "A group: a better master of one virtual router alone takes the other one along",
            scenario: pair(
                [router(100), router(100)], [router(90), router(200)],
                faults: fault(10_000, 15_000, .reload(host: 1, router: 1, .ungrouped)))),
        Story(
            name: "A group: each host has the better right to one, and both meet as masters of all",
            scenario: pair(
                [router(150), router(50)], [router(100), router(100)], faults: fault(10_000, 10_000, .partition([0])))),
        Story(
            name: "A group: the kernel refuses an address of one: none is master",
            scenario: pair(faults: fault(3000, 4000, .refusal(host: 0)))),
        Story(
            name: "A group: its owner was killed for long: nothing that is there goes when it begins again",
            scenario: pair([router(255), router(255)], faults: fault(10_000, 6000, .crash(host: 0)))),
        Story(
            name: "A group: a backup of it is stalled and loses packets while another one of it wishes already",
            scenario: pair(
                [router(100), router(100, downAdvertisements: 5)], [router(150), router(150)],
                faults: fault(10_000, 20_000, .crash(host: 1)), fault(14_200, 1000, .stall(host: 0, deaf: true)))),
    ]
}
