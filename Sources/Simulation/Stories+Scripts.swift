import VRRP

/// Delays of tracked links, and who is told what virtual routers become, written out. Host 0 has priority 150, host 1 100, unless told.
extension Stories {
    /// Host 0 tracks two links, of which the first counts later.
    private static func delayed(
        _ delays: Scenario.LinkDelays, weight: Int = 0, faults: Fault...
    ) -> Scenario {
        var scenario = Scenario(
            hosts: [[router(150, tracked: [.init(0, weight: weight)])], [router(100)]], addresses: [1],
            delay: .microseconds(500), faults: faults)
        scenario.linkDelays = [[delays, nil], [nil, nil]]
        return scenario
    }

    private static func down(_ at: Int, _ span: Int) -> Fault { fault(at, span, .trackedLinkDown(host: 0, link: 0)) }

    private static let slow = Scenario.LinkDelays(down: .seconds(2), up: .seconds(3))

    static let delays = [
        Story(
            name: "Delays: a link is down for less than counts",
            scenario: delayed(slow, faults: down(10_000, 1500))),
        Story(
            name: "Delays: two short breaks are not one long one",
            scenario: delayed(slow, faults: down(10_000, 1500), down(11_600, 1500))),
        Story(
            name: "Delays: a link is down for longer, and up for less than counts in between",
            scenario: delayed(slow, faults: down(10_000, 8000), down(20_000, 2500))),
        Story(
            name: "Delays: the weight of a link counts later, both ways",
            scenario: delayed(slow, weight: -60, faults: down(10_000, 12_000))),
        Story(
            name: "Delays: a link that is down at the start counts at once, and as up without a wait",
            scenario: delayed(
                Scenario.LinkDelays(down: .seconds(2), up: .seconds(6)), faults: down(4000, 10_000),
                fault(5000, 6000, .crash(host: 0)))),
        Story(
            name: "Delays: what waits goes on to wait over a reload",
            scenario: delayed(
                Scenario.LinkDelays(down: .seconds(6)), weight: -60, faults: down(10_000, 20_000),
                fault(14_000, 8000, .reload(host: 0, router: 0, .priority(140))))),
        Story(
            name: "Delays: a weight counts at last, and with the priority that it makes a takeover is due",
            scenario: {
                var scenario = Scenario(
                    hosts: [[router(150)], [router(100, tracked: [.init(0, weight: 100)])]], addresses: [1],
                    delay: .microseconds(500),
                    faults: [
                        fault(5000, 5000, .trackedLinkDown(host: 1, link: 0)), fault(10_200, 10_000, .stop(host: 0)),
                    ])
                // The master resigns at 10.2 s; with priority 100 its backup waits until 10.81 s, with 200 until 10.42 s.
                scenario.linkDelays = [[nil, nil], [Scenario.LinkDelays(down: .zero, up: .milliseconds(500)), nil]]
                return scenario
            }()),
        Story(
            name: "Delays: the program does not run when the link's time has come, and the link is back by then",
            scenario: delayed(slow, faults: down(10_000, 3500), fault(10_500, 3300, .stall(host: 0, deaf: false)))),
    ]

    private static func told(
        longest: Duration = .milliseconds(20), _ hosts: [[Scenario.Router]] = [[router(150)], [router(100)]],
        addresses: [Int] = [1], groups: [[Int]] = [], faults: Fault...
    ) -> Scenario {
        var scenario = Scenario(hosts: hosts, addresses: addresses, delay: .microseconds(500), faults: faults)
        scenario.longestCall = longest
        scenario.groups = groups
        return scenario
    }

    private static let two = [[router(150), router(150)], [router(100), router(100)]]

    static let notifications = [
        Story(
            name: "Told: the master is killed, stopped, and hands over",
            scenario: told(
                faults: fault(10_000, 6000, .crash(host: 0)), fault(24_000, 4000, .stop(host: 0)),
                fault(36_000, 8000, .handover(host: 0, router: 0)))),
        Story(
            name: "Told: a new process goes on as master: nobody is told again",
            scenario: told(faults: fault(10_000, 700, .crash(host: 0)))),
        Story(
            name: "Told: the runner is gone while roles change, and says what they are when it is back",
            scenario: told(
                faults: fault(8000, 20_000, .runnerGone(host: 0)), fault(10_000, 3000, .linkDown(host: 0)),
                fault(18_000, 4000, .handover(host: 0, router: 0)))),
        Story(
            name: "Told: the runner is killed while a call runs: that state is told once more",
            scenario: told(
                longest: .seconds(30), faults: fault(10_000, 60_000, .linkDown(host: 0)),
                fault(10_100, 500, .runnerGone(host: 0)))),
        Story(
            name: "Told: both programs are gone at once, and begin in either order",
            scenario: told(
                faults: fault(10_000, 5000, .runnerGone(host: 0)), fault(10_000, 900, .crash(host: 0)),
                fault(30_000, 900, .runnerGone(host: 0)), fault(30_000, 5000, .crash(host: 0)))),
        Story(
            name: "Told: a call takes longer than three states last: the last one is told last",
            scenario: told(
                longest: .seconds(60), faults: fault(10_000, 1000, .linkDown(host: 0)),
                fault(15_000, 1000, .linkDown(host: 0)), fault(90_000, 1, .junk))),
        Story(
            name: "Told: a reload takes one out, brings it back, and gives it another name",
            scenario: told(
                two, addresses: [1, 1], faults: fault(10_000, 8000, .reload(host: 0, router: 1, .without)),
                fault(30_000, 8000, .reload(host: 0, router: 0, .rename)))),
        Story(
            name: "Told: a reload takes the only one out, and brings it back",
            scenario: told(faults: fault(10_000, 8000, .reload(host: 0, router: 0, .without)))),
        Story(
            name: "Told: one is still on its way out when another reload comes",
            scenario: told(
                two, addresses: [1, 1], faults: fault(10_000, 8000, .reload(host: 0, router: 1, .without)),
                fault(10_200, 8000, .reload(host: 0, router: 0, .priority(140))))),
        Story(
            name: "Told: one comes back under its old name after another reload, and between two runs",
            scenario: told(
                two, addresses: [1, 1], faults: fault(10_000, 20_000, .reload(host: 0, router: 1, .rename)),
                fault(16_000, 6000, .reload(host: 0, router: 0, .priority(140))), fault(40_000, 6000, .crash(host: 0)),
                fault(41_000, 20_000, .reload(host: 0, router: 1, .rename)))),
        Story(
            name: "Told: a group, and what its members are",
            scenario: told(
                two, addresses: [1, 1], groups: [[0, 1]], faults: fault(10_000, 6000, .linkDown(host: 0)),
                fault(24_000, 8000, .reload(host: 0, router: 1, .ungrouped)),
                fault(44_000, 4000, .stop(host: 0)))),
        Story(
            name: "Told: a reload changes a priority, and with it who is master",
            scenario: told(
                faults: fault(10_000, 8000, .reload(host: 0, router: 0, .priority(50))),
                fault(30_000, 8000, .reload(host: 1, router: 0, .priority(200))))),
    ]
}
