extension Story {
    /// Whom an instance calls, and what it writes to a FIFO.
    static let notifications: [Story] = [
        Story(
            name: "stop", sentence: "A master is stopped", file: fifo + instance(priority: 150, notify("V1")),
            steps: [.at(4, .stop)], length: 8),
        Story(
            name: "stopOfBackup", sentence: "A backup is stopped", file: fifo + instance(priority: 50, notify("V1")),
            peerStart: -1.5, steps: [.at(4, .stop)], length: 7),
        Story(
            name: "stopInFault", sentence: "A host in fault is stopped",
            file: fifo + script("web") + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "fail")], steps: [.at(4, .stop)], length: 7),
        Story(
            name: "peerDies", sentence: "The other host is master, and its power is cut; it comes back",
            file: fifo + instance(priority: 50, notify("V1")), peerStart: -1.5,
            steps: [.at(4, .endPeer(9)), .at(8, .startPeer(instance(priority: 100)))], length: 12),
        Story(
            name: "peerStops", sentence: "The other host gets a higher priority; then it is stopped",
            file: fifo + instance(priority: 150, notify("V1")),
            steps: [
                .at(3, .endPeer(15)), .at(4.5, .startPeer(instance(priority: 200))), .at(8, .endPeer(15)),
            ], length: 11),
        Story(
            name: "lowerPriority",
            sentence: "The other host hears nothing and is master, too: the better one, which hears it, says so",
            file: fifo
                + instance(
                    priority: 150, notify("V1") + "    notify_master_rx_lower_pri \"@DIR@/record V1.lower heard\"\n"),
            steps: [.at(3.5, .deafPeer), .at(7.5, .hearingPeer)], length: 11),
        Story(
            name: "priorityChanges", sentence: "`notify_priority_changes`: the FIFO has each change of the priority",
            file: fifo + script("web", "weight -20") + script("db", "weight -60")
                + instance(
                    priority: 150,
                    "    notify_priority_changes on\n" + track("web\n        db") + notify("V1")),
            before: [.check("web", "ok"), .check("db", "ok")],
            steps: [
                .at(3.5, .check("web", "fail")), .at(5.5, .check("db", "fail")), .at(8.5, .check("web", "ok")),
                .at(10.5, .check("db", "ok")),
            ], length: 14),
        Story(
            name: "fifoScripts", sentence: "Each FIFO, with a script that reads it",
            file: """
                global_defs {
                    notify_fifo @DIR@/all
                    notify_fifo_script "@DIR@/drain all"
                    vrrp_notify_fifo @DIR@/states
                    vrrp_notify_fifo_script "@DIR@/drain states"
                }

                """ + script("web") + instance(priority: 150, track("web")),
            before: [.check("web", "ok"), .program("drain", drain)],
            steps: [.at(4.5, .check("web", "fail")), .at(7.5, .check("web", "ok"))], length: 10.5),
        Story(
            name: "startup", sentence: "`startup_script` runs before the start, and `shutdown_script` after the end",
            file: """
                global_defs {
                    startup_script "@DIR@/record host startup"
                    startup_script_timeout 5
                    shutdown_script "@DIR@/record host shutdown"
                    shutdown_script_timeout 5
                }

                """ + instance(priority: 150, notify("V1")),
            steps: [.at(4, .stop)], length: 8),
        Story(
            name: "startupHangs", sentence: "A `startup_script` that hangs holds the start up until its timeout",
            file: """
                global_defs {
                    startup_script "@DIR@/check startup"
                    startup_script_timeout 3
                }

                """ + instance(priority: 150, notify("V1")),
            peerStart: 5.5, before: [.check("startup", "hang")], steps: [], length: 8),
        Story(
            name: "noAddress", sentence: "An instance without an address, whose scripts move one elsewhere",
            file: fifo + instance(priority: 150, address: nil, version: 2, notify("V1")),
            peer: instance(priority: 100, address: nil, version: 2), peerStart: 5,
            steps: [.at(7, .link("eth0", isUp: false)), .at(9.5, .link("eth0", isUp: true))], length: 15),
    ]

    /// Writes down a FIFO's lines, each object's by itself: the order among objects is nobody's promise.
    static let drain = """
        #!/bin/bash
        while read -r kind name rest; do
            printf '%s\\t%s\\t%s\\n' "$EPOCHREALTIME" "$1.$kind.${name//\\"/}" "$rest" >>"${0%/*}/calls"
        done <"$2"
        """
}
