extension Story {
    /// `vrrp_script` and `track_script`: what a check comes to.
    static let checks: [Story] = [
        Story(
            name: "weight", sentence: "A check with a negative weight fails, and recovers",
            file: fifo + script("web", "weight -60") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 12),
        Story(
            name: "weightPositive", sentence: "A positive weight is added while the check succeeds",
            file: fifo + script("web", "weight 60") + instance(priority: 90, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 12),
        Story(
            name: "weightReverse", sentence: "`reverse` turns a weight's sign",
            file: fifo + script("web", "weight 60 reverse") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "fail")],
            steps: [.at(4.5, .check("web", "ok")), .at(8.5, .check("web", "fail"))], length: 12),
        Story(
            name: "weightOfTheLine", sentence: "The weight in track_script goes before the block's; two of them add up",
            file: fifo + script("web", "weight -1") + script("db", "weight 2")
                + instance(priority: 150, track("web weight -30\n        db weight -30") + notify("V1")),
            before: [.check("web", "ok"), .check("db", "ok")],
            steps: [
                .at(3.5, .check("web", "fail")), .at(6.5, .check("db", "fail")), .at(9.5, .check("web", "ok")),
            ], length: 13),
        Story(
            name: "fault", sentence: "A check without a weight fails: fault; it recovers: backup, then master",
            file: fifo + script("web") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 12),
        Story(
            name: "faultAtStart", sentence: "A check without a weight fails from the start on",
            file: fifo + script("web") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "fail")], steps: [.at(4.5, .check("web", "ok"))], length: 8),
        Story(
            name: "slowFirstResult",
            sentence: "Until the first result of a check without a weight, an instance is silent",
            file: fifo + script("web", interval: 5) + instance(priority: 150, track("web") + notify("V1")),
            peerStart: 0.3, before: [.check("web", "slow 2.5")], steps: [.at(4, .check("web", "ok"))], length: 8),
        Story(
            name: "hang", sentence: "A check hangs beyond its timeout, and then it does not",
            file: fifo + script("web", interval: 4, timeout: 2) + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [.at(3, .check("web", "hang")), .at(7, .check("web", "ok"))], length: 11),
        Story(
            name: "hangForGood", sentence: "A check that is given no timeout has its interval to finish",
            // No further: a second copy in keepalived, which starts meanwhile, has results of its own.
            file: fifo + script("web", interval: 2, timeout: nil)
                + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")], steps: [.at(3, .check("web", "hang"))], length: 8),
        Story(
            name: "riseFall", sentence: "`rise` and `fall`: so many results in a row",
            file: fifo + script("web", "rise 2\n    fall 3") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [
                .at(3.5, .check("web", "fail")), .at(5.5, .check("web", "ok")), .at(7.5, .check("web", "fail")),
                .at(11.5, .check("web", "ok")),
            ], length: 15.5),
        Story(
            name: "statuses", sentence: "Any status but 0 is a failure, and so is death by a signal",
            file: fifo + script("web") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [
                .at(3.5, .check("web", "signal KILL")), .at(5.5, .check("web", "ok")),
                .at(8.5, .check("web", "status 127")), .at(11.5, .check("web", "say refused")),
            ], length: 13.5),
        Story(
            name: "users", sentence: "Scripts run as the users of the file, with those users' groups",
            file: """
                global_defs {
                    enable_script_security
                    script_user nobody
                }

                """ + script("web", "user daemon", command: #""/bin/bash -c '[ $EUID = 1 ]'""#)
                    + script("db", command: #""/bin/bash -c '[ $EUID = 65534 ]'""#)
                    + instance(
                        priority: 150,
                        track("web\n        db") + """
                                notify_master "@DIR@/whoami V1.state master" daemon
                                notify_backup "@DIR@/whoami V1.state backup"
                                notify_stop "@DIR@/whoami V1.state stop" root adm
                                notify "@DIR@/whoami V1.notify"

                            """), steps: [.at(4, .stop)], length: 7),
        Story(
            name: "forms", sentence: "A script's words are cut as keepalived cuts them, and no shell reads them",
            file: script("web", command: "@DIR@/check web") + script("db", command: "'@DIR@/check db'")
                + script("bare", command: "@DIR@/always one two")
                + instance(
                    priority: 150,
                    track("web\n        db\n        bare") + """
                            notify_backup "@DIR@/record V1.state 'a b' c \\"d e\\" $HOME * ; | && > x"
                            notify_master "@DIR@/record V1.state '' \\x41 # !  z"
                            notify_fault '@DIR@/record V1.state single'

                        """),
            before: [.program("always", "#!/bin/sh\nexit $#\n"), .check("web", "ok"), .check("db", "ok")],
            steps: [.at(4.5, .check("db", "fail"))], length: 8),
        Story(
            name: "noPreempt", sentence: "With nopreempt a weight moves nothing, and a fault does",
            file: fifo + script("web", "weight -60") + script("db")
                + instance(priority: 150, "    nopreempt\n" + track("web\n        db") + notify("V1")),
            peer: instance(priority: 100, "    nopreempt\n"),
            before: [.check("web", "ok"), .check("db", "ok")],
            steps: [
                .at(3.5, .check("web", "fail")), .at(7.5, .check("db", "fail")), .at(10.5, .check("db", "ok")),
            ], length: 14),
        Story(
            name: "version2", sentence: "Version 2, a second between advertisements, with a password",
            file: fifo + script("web", "weight -60")
                + instance(
                    priority: 150, version: 2,
                    "    authentication {\n        auth_type PASS\n        auth_pass s3cret\n    }\n" + track("web")
                        + notify("V1")),
            peer: instance(
                priority: 100, version: 2,
                "    authentication {\n        auth_type PASS\n        auth_pass s3cret\n    }\n"),
            before: [.check("web", "ok")],
            steps: [.at(6.5, .check("web", "fail")), .at(11.5, .check("web", "ok"))], length: 17),
    ]
}
