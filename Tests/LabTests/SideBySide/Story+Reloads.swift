extension Story {
    private static let checked = fifo + script("web") + instance(priority: 150, track("web") + notify("V1"))
    private static let unchecked = fifo + instance(priority: 150, notify("V1"))

    /// A file is changed and read again.
    static let reloads: [Story] = [
        Story(
            name: "reloadUnchanged", sentence: "The same file once more: nothing happens", file: checked,
            before: [.check("web", "ok")], steps: [.at(4.5, .reload(checked))], length: 8),
        Story(
            name: "reloadAddsCheck", sentence: "A reload adds a check, which fails", file: unchecked,
            before: [.check("web", "fail")],
            steps: [.at(4, .reload(checked)), .at(7.5, .check("web", "ok"))], length: 11),
        Story(
            name: "reloadRemovesCheck", sentence: "A reload removes the check that fails", file: checked,
            before: [.check("web", "ok")],
            steps: [.at(3.5, .check("web", "fail")), .at(7, .reload(unchecked))], length: 11),
        Story(
            name: "reloadKeepsFault", sentence: "A reload of something else keeps what a check has said", file: checked,
            before: [.check("web", "fail")],
            steps: [
                .at(4, .reload(fifo + script("web") + instance(priority: 160, track("web") + notify("V1")))),
                .at(6.5, .check("web", "ok")),
            ], length: 10),
        Story(
            name: "reloadPriority", sentence: "A reload changes the priority",
            file: fifo + instance(priority: 150, notify("V1")),
            steps: [
                .at(3.5, .reload(fifo + instance(priority: 50, notify("V1")))),
                .at(7, .reload(fifo + instance(priority: 150, notify("V1")))),
            ], length: 11),
        Story(
            name: "reloadReverse", sentence: "A reload keeps `reverse` in force",
            file: fifo + script("web", "weight 60 reverse") + instance(priority: 180, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [
                .at(
                    4,
                    .reload(
                        fifo + script("web", "weight 60 reverse") + instance(priority: 170, track("web") + notify("V1"))
                    ))
            ], length: 8,
            meant: [
                Difference(
                    channel: "priorities of 10", keepalived: ["120", "230"], agent: ["120", "110"],
                    reason: "a reload forgets `reverse` of checks, and the error stays in the priority")
            ]),
        Story(
            name: "reloadDeletes", sentence: "A reload removes an instance: `notify` says FAULT",
            file: fifo + instance(priority: 150, notify("V1"))
                + instance("V2", id: 20, priority: 150, address: "192.0.2.2", notify("V2")),
            peer: instance(priority: 100) + instance("V2", id: 20, priority: 100, address: "192.0.2.2"),
            steps: [.at(4, .reload(unchecked))], length: 8),
        Story(
            name: "reloadDeletesWithScript", sentence: "A reload removes an instance that has `notify_deleted`",
            file: fifo + instance(priority: 150, notify("V1"))
                + instance(
                    "V2", id: 20, priority: 150, address: "192.0.2.2",
                    notify("V2") + "    notify_deleted \"@DIR@/record V2.state deleted\"\n"),
            peer: instance(priority: 100) + instance("V2", id: 20, priority: 100, address: "192.0.2.2"),
            steps: [.at(4, .reload(unchecked))], length: 8),
        Story(
            name: "reloadDeletesBare", sentence: "A bare `notify_deleted`: `notify` and the FIFO say DELETED",
            file: fifo + instance(priority: 150, notify("V1"))
                + instance("V2", id: 20, priority: 150, address: "192.0.2.2", notify("V2") + "    notify_deleted\n"),
            peer: instance(priority: 100) + instance("V2", id: 20, priority: 100, address: "192.0.2.2"),
            steps: [.at(4, .reload(unchecked))], length: 8),
        Story(
            name: "reloadDissolves", sentence: "A reload makes a group, and another one takes it apart",
            interfaces: ["eth0", "eth1"], file: fifo + pair, peer: pairOfPeer,
            steps: [
                .at(4, .reload(fifo + "vrrp_sync_group G {\n    group {\n        V1\n        V2\n    }\n}\n" + pair)),
                .at(6, .link("eth1", isUp: false)), .at(9, .reload(fifo + pair)),
            ], length: 13,
            meant: [
                Difference(
                    channel: "FIFO of GROUP G", keepalived: ["FAULT 0"], agent: ["MASTER 0", "FAULT 0"],
                    reason: "of an instance or a group that a reload makes, nobody is told what it is")
            ]),
    ]

    private static let pair =
        instance("V1", priority: 150, notify("V1"))
        + instance("V2", id: 20, interface: "eth1", priority: 150, address: "198.51.100.1", notify("V2"))
    private static let pairOfPeer =
        instance("V1", priority: 100)
        + instance("V2", id: 20, interface: "eth1", priority: 100, address: "198.51.100.1")
}
