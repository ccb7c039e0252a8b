extension Story {
    /// All that a file can say about scripts, what they track, whom they call, and groups, in one file.
    static let everything = Story(
        name: "everything", sentence: "All keywords of scripts and groups in one file",
        interfaces: ["eth0", "eth1", "eth2"],
        file: """
            global_defs {
                script_user root
                enable_script_security
                notify_fifo @DIR@/fifo
                vrrp_notify_fifo @DIR@/states
                vrrp_notify_fifo_script "@DIR@/drain states"
                startup_script "@DIR@/record host startup"
                startup_script_timeout 5
                shutdown_script '@DIR@/record host shutdown'
                shutdown_script_timeout 5
            }
            interface_up_down_delays {
                eth2 0.4 0.4
            }
            vrrp_script web {
                script "@DIR@/check 'web' "
                interval 1
                timeout 4
                rise 2
                fall 2
                weight -20
            }
            vrrp_script db {
                script '@DIR@/check db'
                interval 1
                timeout 4
                weight 20 reverse
                user root
            }
            vrrp_script gate {
                script "@DIR@/check gate"
                interval 1
                timeout 4
            }
            track_file load {
                file @DIR@/number
                weight -1
                init_file 0
            }
            vrrp_track_file old {
                file @DIR@/old
                weight 0
            }
            vrrp_track_process daemon {
                process @PROCESS@
                quorum 1
                quorum_max 3
                terminate_delay 0.5
                fork_delay 0.1
                weight -5
            }
            vrrp_sync_group G {
                group {
                    V1
                    V2
                }
                sync_group_tracking_weight
                track_script {
                    web
                    db
                }
                track_interface {
                    eth2 weight -30
                }
                track_file {
                    load
                }
                track_process {
                    daemon
                }
            \(notify("G"))
            }
            vrrp_sync_group Alone {
                group { V3 }
                global_tracking
            }

            """
                + instance(
                    "V1", priority: 150,
                    "    notify_priority_changes on\n    notify_master_rx_lower_pri \"@DIR@/record V1.lower heard\"\n"
                        + notify("V1"))
                + instance(
                    "V2", id: 20, interface: "eth1", priority: 150, address: "198.51.100.1", notify("V2"))
                + instance(
                    "V3", id: 30, priority: 150, address: "192.0.2.3",
                    "    dont_track_primary\n    notify_deleted\n    track_file {\n        old\n    }\n" + track("gate")
                        + notify("V3")),
        peer: "vrrp_sync_group G {\n    group {\n        V1\n        V2\n    }\n}\n" + instance(priority: 100)
            + instance("V2", id: 20, interface: "eth1", priority: 100, address: "198.51.100.1")
            + instance("V3", id: 30, priority: 100, address: "192.0.2.3"),
        before: [
            .check("web", "ok"), .check("db", "fail"), .check("gate", "ok"), .write("old", "0\n"),
            .program("drain", drain), .startProcess(count: 1),
        ],
        steps: [
            .at(4.5, .check("web", "fail")), .at(6.5, .check("db", "ok")), .at(7.5, .write("number", "9\n")),
            .at(8, .endProcesses), .at(10, .check("gate", "fail")), .at(12, .check("web", "ok")),
            .at(13.5, .check("gate", "ok")), .at(17, .stop),
        ], length: 20,
        meant: [
            stop("GROUP.G", ["BACKUP 0", "MASTER 0", "BACKUP 0", "MASTER 0"], "STOP 0"),
            stop("GROUP.Alone", ["BACKUP 0", "MASTER 0", "FAULT 0", "BACKUP 0", "MASTER 0"], "STOP 0"),
            stop(
                "INSTANCE.V1",
                [
                    "BACKUP 150", "MASTER 150", "MASTER_PRIORITY 130", "MASTER_PRIORITY 110", "MASTER_PRIORITY 101",
                    "MASTER_PRIORITY 96", "BACKUP 96", "BACKUP_PRIORITY 116", "MASTER 116",
                ], "STOP 116"),
            stop("INSTANCE.V2", ["BACKUP 150", "MASTER 150", "BACKUP 96", "MASTER 116"], "STOP 116"),
            stop(
                "INSTANCE.V3", ["BACKUP 150", "MASTER 150", "FAULT 150", "BACKUP 150", "MASTER 150"], "STOP 150"),
            Difference(
                channel: "priorities of 10", keepalived: ["150", "130", "110", "101", "96", "116", "0"],
                agent: ["150", "130", "110", "101", "96", "0", "116", "0"],
                reason: "in a sync group that follows a higher advertisement, the other members go without a word",
                orAgent: ["150", "130", "110", "101", "96", "116", "0"]),
        ], tracksProcesses: true)

    /// The reader of a FIFO sees the end, too.
    private static func stop(_ name: String, _ states: [String], _ end: String) -> Difference {
        let theirs = states.map { "[\($0)]" }
        return Difference(
            channel: "calls of states.\(name)", keepalived: theirs, agent: theirs + ["[\(end)]"],
            reason: "at a stop, the script that reads a FIFO is ended before it has the STOP lines")
    }
}
