package import VRRP

/// What once broke a promise, written out: hosts, settings, faults with their times and what packets take. A change of the dice
/// changes none of it. The times of a story are those at which something used to go wrong: a router's timers follow from its
/// settings and from what it hears.
package enum Stories {
    package struct Story: Sendable {
        package var name: String
        package var scenario: Scenario
    }

    package static let all =
        handovers + stalls + ownAddresses + kernels + adoptions + trackers + announcements + groups + delays + routing
        + notifications

    // MARK: - Handovers

    /// 3 intervals of 1 s and the skew time of priority 100: when backups claim that have heard nobody since the start.
    private static let silence = Duration.microseconds(3_609_375)

    /// What `from` sends to `to` at a claim arrives after what it sends a little later.
    private static func overtaken(from: Int, to: Int, at claim: Duration, takes: Duration) -> Scenario.Timing {
        .told([.init(from: from, to: to, sent: claim..<claim + .microseconds(100), takes: takes)])
    }

    private static let handovers = [
        Story(
            name: "A standby that was handed over claims together with another host, wins, and leaves to it",
            scenario: Scenario(
                hosts: [
                    [router(100, preempts: false, answersLosingMaster: false)], [router(100, lastWord: true)],
                    [router(93, preempts: false)],
                ],
                addresses: [3], delay: .microseconds(500),
                timing: overtaken(from: 1, to: 0, at: silence, takes: .microseconds(1200)),
                faults: [fault(2150, 5186, .handover(host: 1, router: 0))])),
        Story(
            name: "The same in version 3, by two hosts that do not preempt",
            scenario: Scenario(
                version: .v3,
                hosts: [
                    [router(100, .milliseconds(100), preempts: false, spares: .milliseconds(300), lastWord: true)],
                    [
                        router(
                            100, .milliseconds(100), preempts: false, spares: .milliseconds(400),
                            answersLosingMaster: false)
                    ],
                ],
                addresses: [3], delay: .microseconds(600),
                timing: overtaken(from: 1, to: 0, at: .microseconds(360_937), takes: .microseconds(2400)),
                faults: [fault(237, 552, .handover(host: 1, router: 0))])),
        Story(
            name: "The same after their master was cut off",
            scenario: Scenario(
                hosts: [
                    [router(175, answersLosingMaster: false)], [router(100, preempts: false)], [router(100)],
                ],
                addresses: [2], delay: .microseconds(200),
                // Host 0 is master from 3.316406 s on, and is last heard 0.2 ms after 9.316406 s.
                timing: overtaken(
                    from: 2, to: 1, at: .microseconds(9_316_606) + silence, takes: .microseconds(800)),
                faults: [fault(9850, 8623, .partition([0])), fault(10_500, 5546, .handover(host: 2, router: 0))])),
        Story(
            name: "The successor is cut off while its predecessor is still on the way out",
            scenario: Scenario(
                version: .v3, isUnicast: true,
                hosts: [
                    [router(168, .milliseconds(100), downAdvertisements: 2)],
                    [router(100, .milliseconds(100), downAdvertisements: 2)],
                ],
                addresses: [2], delay: .microseconds(1550),
                faults: [
                    fault(1130, 897, .handover(host: 0, router: 0)), fault(2202, 769, .handover(host: 1, router: 0)),
                    fault(2257, 441, .partition([0])),
                ])),
        Story(
            name: "A host that is to hand over loses its own address, and nobody takes over: the handover stands",
            scenario: Scenario(
                hosts: [[router(165)], [router(54)]], addresses: [2], delay: .microseconds(230),
                faults: [
                    fault(9100, 9000, .partition([0])), fault(12_450, 20_000, .handover(host: 0, router: 0)),
                    fault(12_500, 7960, .ownAddressGone(host: 0)),
                ])),
    ]

    // MARK: - Stalls

    private static let stalls = [
        Story(
            name: "A backup is stalled and deaf, and again before it has heard its master",
            scenario: Scenario(
                version: .v3, isUnicast: true,
                hosts: [[router(100, answersLosingMaster: false)], [router(237, lastWord: true)]],
                addresses: [1], delay: .microseconds(1802),
                faults: [
                    fault(19_725, 4429, .stall(host: 0, deaf: true)), fault(25_000, 8850, .stall(host: 0, deaf: true)),
                ])),
        Story(
            name: "A stalled host has room for two resignations, and not for what their sender says when it goes on",
            scenario: Scenario(
                version: .v3,
                hosts: [
                    [router(255, downAdvertisements: 2), router(255, downAdvertisements: 2)],
                    [router(131, downAdvertisements: 2), router(100, downAdvertisements: 2)],
                ],
                addresses: [2, 3], delay: .microseconds(2121),
                faults: [
                    fault(3750, 7828, .stall(host: 1, deaf: false)),
                    fault(6075, 1189, .reload(host: 0, router: 1, .without)),
                ])),
        // No seed has drawn these two: they hold the bounds of that rule.
        Story(
            name: "A backup is stalled again and again while its master is dead: the fourth time it takes over at once",
            scenario: Scenario(
                hosts: [[router(100)], [router(200)]], addresses: [1], delay: .microseconds(500),
                faults: [fault(10_000, 30_000, .crash(host: 1))]
                    // Last heard after 9.218750 s. The first stall begins before 12.828625 s, each other one before the time that
                    // the one before it was granted is over.
                    + [12_500, 15_500, 18_500, 21_500].map { fault($0, 2000, .stall(host: 0, deaf: false)) })),
        Story(
            name: "A backup's socket overflows twice while its master is dead: the second time it takes over",
            scenario: Scenario(
                hosts: [[router(100)], [router(200)]], addresses: [1], delay: .microseconds(500),
                faults: [fault(10_000, 30_000, .crash(host: 1))]
                    + [12_600, 14_100].flatMap { at in
                        [fault(at, 200, .stall(host: 0, deaf: false))] + [10, 20].map { fault(at + $0, 1, .junk) }
                    })),
    ]

    // MARK: - Own addresses

    private static let ownAddresses = [
        Story(
            name: "A master without an own address is stalled and hears a lower one when it runs again",
            scenario: Scenario(
                hosts: [[router(212)], [router(63)]], addresses: [2], delay: .microseconds(194),
                faults: [
                    fault(9800, 6227, .ownAddressGone(host: 0)), fault(10_375, 5337, .stall(host: 0, deaf: false)),
                ]
            )),
        Story(
            name: "The same with the owner of the addresses",
            scenario: Scenario(
                hosts: [[router(255)], [router(100)]], addresses: [1], delay: .microseconds(345),
                faults: [
                    fault(12_800, 6390, .ownAddressGone(host: 0)), fault(12_850, 4393, .stall(host: 0, deaf: false)),
                ]
            )),
        Story(
            name: "The same in version 3, with different intervals",
            scenario: Scenario(
                version: .v3,
                hosts: [
                    [router(255, .milliseconds(500))],
                    [router(100, answersLosingMaster: false, lastWord: true)],
                    [router(235, .milliseconds(500), spares: .seconds(3))],
                ],
                addresses: [1], delay: .microseconds(2519),
                faults: [fault(6462, 4251, .ownAddressGone(host: 0)), fault(7625, 1469, .stall(host: 0, deaf: false))]
            )),
        Story(
            name: "A master without an own address is stalled for too long and hears a better one: no last word",
            scenario: Scenario(
                hosts: [[router(100)], [router(200)]], addresses: [1], delay: .microseconds(577),
                faults: [
                    fault(7000, 6000, .handover(host: 1, router: 0)), fault(12_500, 6000, .ownAddressGone(host: 0)),
                    fault(13_000, 5000, .stall(host: 0, deaf: false)),
                ])),
        Story(
            name: "A host is stalled for longer than it may be without an own address; when it runs again, it has it",
            scenario: Scenario(
                hosts: [[router(100, spares: .seconds(3))], [router(94, lastWord: true)]], addresses: [3],
                marksAddresses: false, delay: .microseconds(244),
                faults: [
                    fault(6825, 1561, .ownAddressGone(host: 0)), fault(6850, 2143, .stall(host: 0, deaf: true)),
                    fault(8275, 5766, .addressRemoved(host: 0, address: 2)),
                ])),
        Story(
            name: "A host is stopped without an own address, and hears its successor with another one",
            scenario: Scenario(
                version: .v3, isUnicast: true,
                hosts: [[router(174, .milliseconds(100))], [router(100, .milliseconds(100))]],
                addresses: [2], delay: .microseconds(263),
                faults: [
                    fault(1342, 425, .ownAddressGone(host: 0)), fault(1465, 367, .stop(host: 0)),
                    fault(1540, 585, .secondOwnAddress(host: 0)),
                ])),
        Story(
            name: "A host whose kernel has refused loses its own address: when it is back, the refusal is over",
            scenario: Scenario(
                version: .v3,
                hosts: [
                    [router(100, .milliseconds(200), spares: .milliseconds(300))],
                    [router(114, .milliseconds(200), lastWord: true)],
                ],
                addresses: [3], delay: .microseconds(130),
                faults: [
                    fault(605, 713, .refusal(host: 0)), fault(637, 873, .partition([1])),
                    fault(1062, 316, .ownAddressGone(host: 0)),
                ])),
        Story(
            name: "The same after another host was killed",
            scenario: Scenario(
                version: .v3,
                hosts: [
                    [router(100, .milliseconds(200))],
                    [router(100, .milliseconds(100), preempts: false, answersLosingMaster: false)],
                    [router(100, .milliseconds(100))],
                ],
                addresses: [1], delay: .microseconds(118),
                faults: [
                    fault(1582, 760, .crash(host: 2)), fault(1847, 165, .refusal(host: 1)),
                    fault(2137, 302, .ownAddressGone(host: 1)),
                ])),
    ]

    // MARK: - Kernels

    private static let kernels = [
        Story(
            name: "A claim finds an address that the table does not know, and the host yields at once",
            scenario: Scenario(
                version: .v3, isUnicast: true,
                hosts: [
                    [router(100, .milliseconds(500), answersLosingMaster: false, downAdvertisements: 4)],
                    [router(100, .milliseconds(500), lastWord: true, downAdvertisements: 4)],
                ],
                addresses: [3], delay: .microseconds(900),
                faults: [
                    fault(1000, 3013, .eventsLost(host: 0)), fault(1125, 2012, .addressAdded(host: 0, address: 2)),
                ])),
        Story(
            name: "A master is not told of a lease beside its address, and yields: the kernel takes the lease along",
            scenario: Scenario(
                hosts: [[router(100), router(50)], [router(200), router(60)], [router(50), router(250)]],
                addresses: [1, 1], delay: .microseconds(500),
                faults: [
                    fault(10_000, 15_000, .crash(host: 1)), fault(12_000, 28_000, .eventsLost(host: 0)),
                    fault(20_000, 15_000, .leased(host: 0, address: 1)),
                ])),
        Story(
            name: "Two shared addresses come to a stalled backup: it removes the first before it hears of the second",
            scenario: Scenario(
                hosts: [[router(100)], [router(65)]], addresses: [3], delay: .microseconds(500),
                faults: [
                    fault(13_675, 6561, .stall(host: 1, deaf: true)),
                    fault(19_125, 2959, .addressAdded(host: 1, address: 0)),
                    fault(19_650, 6113, .addressAdded(host: 1, address: 1)),
                ])),
        Story(
            name: "A master is not told that its address is a lease by now, and yields: it takes the lease away",
            scenario: Scenario(
                hosts: [[router(100)], [router(200)]], addresses: [1], delay: .microseconds(500),
                faults: [
                    fault(10_000, 15_000, .crash(host: 1)), fault(15_000, 25_000, .eventsLost(host: 0)),
                    fault(18_000, 1, .addressRemoved(host: 0, address: 0)),
                    fault(20_000, 15_000, .leased(host: 0, address: 0)),
                ])),
    ]

    // MARK: - New processes

    private static let adoptions = [
        Story(
            name: "A new process goes on as master and yields before it has said anything: no last word",
            scenario: Scenario(
                version: .v3, hosts: [[router(69, .milliseconds(100))], [router(152, .milliseconds(200))]],
                addresses: [2], delay: .microseconds(1400),
                // Host 1 preempts at 0.681250 s.
                timing: .told([]), faults: [fault(587, 95, .crash(host: 0))]))
    ]

    // MARK: - Trackers

    private static let trackers = [
        Story(
            name: "A tracked link of the master goes, and its weight lets the other one preempt; it comes back",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0, weight: -60)])], [router(100)]], addresses: [2],
                delay: .microseconds(500), faults: [fault(10_000, 20_000, .trackedLinkDown(host: 0, link: 0))])),
        Story(
            name: "With weight 0 it leaves without a gap, and preempts when the last of two links is back",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0), .init(1)])], [router(100)]], addresses: [2],
                delay: .microseconds(500),
                faults: [
                    fault(10_000, 10_000, .trackedLinkDown(host: 0, link: 0)),
                    fault(15_000, 10_000, .trackedLinkDown(host: 0, link: 1)),
                ])),
        Story(
            name: "Its own link and a tracked one are down: each that comes back leaves the other's fault",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0)])], [router(100)]], addresses: [1], delay: .microseconds(500),
                faults: [
                    fault(10_000, 10_000, .linkDown(host: 0)),
                    fault(12_000, 18_000, .trackedLinkDown(host: 0, link: 0)),
                ])),
        Story(
            name: "The kernel refuses an address, and a tracked link breaks and comes back in the pause",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0)])], [router(100)]], addresses: [1], delay: .microseconds(500),
                faults: [
                    fault(3000, 2000, .refusal(host: 0)), fault(3600, 300, .trackedLinkDown(host: 0, link: 0)),
                ])),
        Story(
            name: "A link that adds to a backup's priority comes and goes: what it has waited counts",
            scenario: Scenario(
                hosts: [[router(150)], [router(100, tracked: [.init(0, weight: 100)])]], addresses: [1],
                delay: .microseconds(500),
                faults: [
                    fault(2500, 7500, .trackedLinkDown(host: 1, link: 0)), fault(20_000, 15_000, .crash(host: 0)),
                    fault(21_000, 1000, .trackedLinkDown(host: 1, link: 0)),
                ])),
        Story(
            name: "A reload takes the line out while the link is down, and puts it back: priority and fault follow",
            scenario: Scenario(
                hosts: [
                    [router(150, tracked: [.init(0, weight: -60)]), router(150, tracked: [.init(1)])],
                    [router(100), router(100)],
                ],
                addresses: [1, 1], delay: .microseconds(500),
                faults: [
                    fault(10_000, 25_000, .trackedLinkDown(host: 0, link: 0)),
                    fault(10_000, 25_000, .trackedLinkDown(host: 0, link: 1)),
                    fault(18_000, 8000, .reload(host: 0, router: 0, .untracked)),
                    fault(19_000, 8000, .reload(host: 0, router: 1, .untracked)),
                ])),
        Story(
            name: "It is killed while a weight counts, and goes on as master with the same priority",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0, weight: -40)])], [router(100)]], addresses: [1],
                delay: .microseconds(500),
                faults: [
                    fault(8000, 20_000, .trackedLinkDown(host: 0, link: 0)), fault(12_000, 700, .crash(host: 0)),
                ])),
        Story(
            name: "Weight 0 goes while it leaves for a stop, and while it is handed over",
            scenario: Scenario(
                hosts: [[router(150, tracked: [.init(0)])], [router(100)], [router(50)]], addresses: [1],
                delay: .microseconds(500),
                faults: [
                    fault(8000, 4000, .handover(host: 0, router: 0)),
                    fault(8100, 1000, .trackedLinkDown(host: 0, link: 0)), fault(20_000, 4000, .stop(host: 0)),
                    fault(20_050, 1000, .trackedLinkDown(host: 0, link: 0)),
                ])),
    ]

    private static let announcements = [
        Story(
            name: "Announcements wait for their turn while a reload gives the address to one that is not master",
            scenario: {
                var scenario = Scenario(
                    hosts: [[router(150), router(150)], [router(100), router(100)]], addresses: [2, 1],
                    delay: .microseconds(500),
                    faults: [
                        fault(1000, 60_000, .rival(host: 0, router: 1, priority: 87)),
                        fault(9000, 8000, .reload(host: 0, router: 0, .move(to: 1))),
                    ])
                scenario.wide = Scenario.Wide(routerInterfaces: [0, 0], addressInterfaces: [0, 0, 0])
                scenario.wide?.pace = .milliseconds(500)
                return scenario
            }())
    ]

    // MARK: - Settings

    static func router(
        _ priority: UInt8, _ interval: Duration = .seconds(1), preempts: Bool = true, spares: Duration = .zero,
        answersLosingMaster: Bool = true, lastWord: Bool = false, downAdvertisements: Int = 3,
        tracked: [Scenario.TrackedLink] = []
    ) -> Scenario.Router {
        Scenario.Router(
            priority: priority, interval: interval, preempts: preempts, preemptDelay: spares,
            answersLosingMaster: answersLosingMaster, lastWord: lastWord, downAdvertisements: downAdvertisements,
            tracked: tracked)
    }

    /// - Parameters: in milliseconds.
    static func fault(_ at: Int, _ span: Int, _ kind: Fault.Kind) -> Fault {
        Fault(at: .milliseconds(at), span: .milliseconds(span), kind: kind)
    }
}

extension Scenario {
    /// A scenario that is written out. Every packet takes `delay`, unless `timing` says otherwise.
    /// - Parameters:
    ///   - hosts: its virtual routers, by host.
    ///   - addresses: how many addresses each virtual router shares.
    package init(
        version: ProtocolVersion = .v2, isUnicast: Bool = false, hosts: [[Router]], addresses: [Int],
        marksAddresses: Bool = true, promotesSecondaries: Bool = false, delay: Duration, timing: Timing = .told([]),
        faults: [Fault]
    ) {
        seed = 0
        self.version = version
        self.isUnicast = isUnicast
        self.hosts = hosts
        addressCounts = addresses
        self.marksAddresses = marksAddresses
        self.promotesSecondaries = promotesSecondaries
        self.delay = delay
        self.timing = timing
        self.faults = faults
    }
}
