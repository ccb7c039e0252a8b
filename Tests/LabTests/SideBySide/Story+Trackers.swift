extension Story {
    /// Interfaces, files and processes.
    static let trackers: [Story] = [
        Story(
            name: "interfaceWeight", sentence: "A tracked interface with a weight goes down, and comes back",
            interfaces: ["eth0", "eth1"],
            file: instance(priority: 150, "    track_interface {\n        eth1 weight -60\n    }\n"),
            steps: [.at(4, .link("eth1", isUp: false)), .at(8, .link("eth1", isUp: true))], length: 11,
            needsRunner: false),
        Story(
            name: "interfaceReverse", sentence: "A tracked interface with a weight in reverse",
            interfaces: ["eth0", "eth1"],
            file: instance(priority: 90, "    track_interface {\n        eth1 weight -60 reverse\n    }\n"),
            steps: [.at(4, .link("eth1", isUp: false)), .at(8, .link("eth1", isUp: true))], length: 11,
            needsRunner: false),
        Story(
            name: "interfaceFault", sentence: "A tracked interface without a weight goes down, and comes back",
            interfaces: ["eth0", "eth1"],
            file: fifo + instance(priority: 150, "    track_interface {\n        eth1\n    }\n" + notify("V1")),
            steps: [.at(4, .link("eth1", isUp: false)), .at(8, .link("eth1", isUp: true))], length: 11),
        Story(
            name: "ownInterface", sentence: "The own interface loses its carrier; then somebody takes it down",
            file: fifo + instance(priority: 150, notify("V1")),
            steps: [
                .at(3, .link("eth0", isUp: false)), .at(6, .link("eth0", isUp: true)),
                .at(9.5, .ownLink("eth0", isUp: false)),
            ], length: 13),
        Story(
            name: "ownInterfaceLine", sentence: "A line of track_interface for the own interface changes nothing",
            file: fifo
                + instance(priority: 150, "    track_interface {\n        eth0 weight -60\n    }\n" + notify("V1")),
            steps: [.at(3, .link("eth0", isUp: false)), .at(6, .link("eth0", isUp: true))], length: 9.5),
        Story(
            name: "dontTrackPrimary", sentence: "`dont_track_primary`: a master without a carrier stays master",
            file: instance(priority: 150, "    dont_track_primary\n" + notify("V1")),
            steps: [.at(4, .link("eth0", isUp: false)), .at(8, .link("eth0", isUp: true))], length: 11),
        Story(
            name: "interfaceDelays", sentence: "`interface_up_down_delays`: a short absence is none",
            interfaces: ["eth0", "eth1"],
            file: "interface_up_down_delays {\n    eth1 1 1.5\n}\n" + fifo
                + instance(
                    priority: 150, interval: "0.5", "    track_interface {\n        eth1\n    }\n" + notify("V1")),
            peer: instance(priority: 100, interval: "0.5"),
            steps: [
                .at(4, .link("eth1", isUp: false)), .at(4.4, .link("eth1", isUp: true)),
                .at(7, .link("eth1", isUp: false)), .at(10, .link("eth1", isUp: true)),
            ], length: 16),
        Story(
            name: "fileWeight", sentence: "The number in a file, times a weight",
            file: fifo + "track_file load {\n    file @DIR@/number\n    weight 10\n    init_file 0\n}\n"
                + instance(priority: 150, "    track_file {\n        load\n    }\n" + notify("V1")),
            steps: [
                .at(3, .write("number", "-6\n")), .at(6, .write("number", "0\n")), .at(8.5, .write("number", "abc\n")),
                .at(9.5, .write("number", "-3 apples\n")), .at(11, .write("number", "0x2")),
                .at(12.5, .remove("number")),
            ], length: 14),
        Story(
            name: "fileFault", sentence: "A file without a weight: fault while its number is not 0",
            file: fifo + "vrrp_track_file gate {\n    file @DIR@/gate\n    weight 0\n}\n"
                + instance(priority: 150, "    track_file {\n        gate\n    }\n" + notify("V1")),
            before: [.write("gate", "0\n")],
            steps: [.at(4, .write("gate", "1\n")), .at(8, .write("gate", "0\n")), .at(10.5, .remove("gate"))],
            length: 12.5),
        Story(
            name: "process", sentence: "A process ends, and another one starts",
            file: "vrrp_track_process daemon {\n    process @PROCESS@\n    weight -60\n}\n" + fifo
                + instance(priority: 150, "    track_process {\n        daemon\n    }\n" + notify("V1")),
            before: [.startProcess(count: 1)],
            steps: [.at(4, .endProcesses), .at(8, .startProcess(count: 1))], length: 12, tracksProcesses: true),
        Story(
            name: "processQuorum",
            sentence: "`quorum`, a delay, and no weight: fault while there are too few processes",
            file: "vrrp_track_process daemon {\n    process @PROCESS@\n    quorum 2\n    terminate_delay 1\n}\n" + fifo
                + instance(priority: 150, "    track_process {\n        daemon\n    }\n" + notify("V1")),
            steps: [
                .at(3, .startProcess(count: 1)), .at(5, .startProcess(count: 1)), .at(9, .endProcesses),
            ], length: 13, tracksProcesses: true),
        Story(
            name: "processUnwanted", sentence: "`quorum_max 0`: a process that must not run",
            file:
                "vrrp_track_process intruder {\n    process @PROCESS@\n    quorum_max 0\n    weight -60\n}\n"
                + fifo + instance(priority: 150, "    track_process {\n        intruder\n    }\n" + notify("V1")),
            steps: [.at(4, .startProcess(count: 1)), .at(8, .endProcesses)], length: 12, tracksProcesses: true),
    ]
}
