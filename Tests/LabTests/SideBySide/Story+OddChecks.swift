extension Story {
    /// Checks with which this agent does what keepalived does not: docs/configuration.md has the reasons.
    static let oddChecks: [Story] = [
        Story(
            name: "stubborn", sentence: "A check ignores SIGTERM: it has failed at its deadline, not when it is dead",
            file: fifo + script("web", interval: 5, timeout: 1) + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")], steps: [.at(3, .check("web", "stubborn"))], length: 10,
            // keepalived: when SIGKILL has ended it, two seconds later.
            bound: 3),
        Story(
            name: "polite", sentence: "A check that hangs, and ends with 0 on SIGTERM, has failed",
            file: fifo + script("web", interval: 2, timeout: nil)
                + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")], steps: [.at(3, .check("web", "polite"))], length: 10,
            meant: Difference.all(
                keepalived: ["BACKUP", "MASTER"], agent: ["BACKUP", "MASTER", "FAULT"],
                holders: (keepalived: ["a"], agent: ["a", "b"]),
                priorities: (keepalived: ["150"], agent: ["150", "0"]),
                because: "a run that answers 0 when it is ended at its timeout has succeeded")),
        Story(
            name: "initFail", sentence: "`init_fail`: the check has failed until it has succeeded `rise` times",
            file: fifo + script("web", "init_fail\n    rise 3") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")], steps: [], length: 8,
            // keepalived: after the first success.
            bound: 3,
            meant: Difference.states(
                keepalived: ["BACKUP", "MASTER"], agent: ["FAULT", "BACKUP", "MASTER"],
                because: "the first result alone decides, whatever `rise` and `fall` say; `init_fail` has no effect")),
        Story(
            name: "removed", sentence: "A check's program is removed: the check fails",
            file: fifo + script("web", command: "\"@DIR@/tool\"")
                + instance(priority: 150, track("web") + notify("V1")),
            before: [.program("tool", "#!/bin/sh\nexit 0\n")], steps: [.at(4.5, .remove("tool"))], length: 9,
            meant: Difference.all(
                keepalived: ["BACKUP", "MASTER"], agent: ["BACKUP", "MASTER", "FAULT"],
                holders: (keepalived: ["a"], agent: ["a", "b"]),
                priorities: (keepalived: ["150"], agent: ["150", "0"]),
                because: "is left out at the start, and counts as up at run time")),
        Story(
            name: "missing", sentence: "A check's program is not there at the start: the check fails",
            file: fifo + script("web", command: "\"@DIR@/tool\"")
                + instance(priority: 150, track("web") + notify("V1")),
            steps: [], length: 6,
            meant: Difference.all(
                keepalived: ["BACKUP", "MASTER"], agent: ["FAULT"], holders: (keepalived: ["a"], agent: ["b"]),
                priorities: (keepalived: ["150"], agent: []),
                because: "is left out at the start, and counts as up at run time")),
        Story(
            name: "devTCP", sentence: "`</dev/tcp/…` is read by bash, which knows it",
            file: fifo + script("web", command: "\"</dev/tcp/127.0.0.1/8080\"")
                + instance(priority: 150, track("web") + notify("V1")),
            before: [.serve(port: 8080)], steps: [], length: 6,
            meant: Difference.all(
                keepalived: ["FAULT"], agent: ["BACKUP", "MASTER"], holders: (keepalived: ["b"], agent: ["a"]),
                priorities: (keepalived: [], agent: ["150"]),
                because: "`/dev/tcp/` behind `<` goes to `/bin/sh`, which may not know it: the check fails for ever")),
        Story(
            name: "severalLines", sentence: "A script's text in quotes over several lines",
            file: fifo + script("web", command: "\"/bin/bash -c '\nexit 0\n'\"")
                + instance(priority: 150, track("web") + notify("V1")), steps: [], length: 6,
            meant: Difference.all(
                keepalived: [], agent: ["BACKUP", "MASTER"], holders: (keepalived: ["b"], agent: ["a"]),
                priorities: (keepalived: [], agent: ["150"]),
                because: "a text in quotes over several lines: a crash")),
    ]
}
