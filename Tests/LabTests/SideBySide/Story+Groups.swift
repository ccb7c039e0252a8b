extension Story {
    private static let interfaces2 = ["eth0", "eth1"]

    /// Two instances, each on an interface of its own.
    private static func members(
        _ priority: Int, peer: Bool = false, first: String = "", second: String = ""
    ) -> String {
        instance(
            "V1", priority: priority, peer ? first : first + notify("V1"))
            + instance(
                "V2", id: 20, interface: "eth1", priority: priority, address: "198.51.100.1",
                peer ? second : second + notify("V2"))
    }

    private static func group(_ extra: String = "") -> String {
        "vrrp_sync_group G {\n    group {\n        V1\n        V2\n    }\n\(extra)}\n"
    }

    private static let others = group() + members(100, peer: true)
    private static let own = group(notify("G"))

    private static let oldSyntax =
        "instances named in `vrrp_sync_group` without `group { }`, as of old: the group is left out"

    private static let resigning =
        "in a sync group that follows a higher advertisement, the other members go without a word"
    private static let memberWeight =
        "in a sync group, a check or a file that an instance tracks with a weight is left out"

    /// It is master in both, and a backup afterwards here.
    private static func goes(_ kind: String, _ name: String, _ before: Int, _ after: Int) -> [Difference] {
        func difference(_ channel: String, _ text: (String, Int) -> String) -> Difference {
            let theirs = [text("BACKUP", before), text("MASTER", before)]
            return Difference(
                channel: channel, keepalived: theirs, agent: theirs + [text("BACKUP", after)], reason: memberWeight)
        }
        return [
            difference("calls of \(name).state") { state, _ in "[\(state.lowercased())]" },
            difference("calls of \(name).notify") { "[\(kind)] [\(name)] [\($0)] [\($1)]" },
            difference("FIFO of \(kind) \(name)") { "\($0) \($1)" },
        ]
    }

    /// Which member hears the other host first is luck.
    private static let sayZero = Difference(
        channel: "priorities of 10", keepalived: ["150", "90", "150"], agent: ["150", "90", "0", "150"],
        reason: resigning, orAgent: ["150", "90", "150"])

    /// `vrrp_sync_group`
    static let groups: [Story] = [
        Story(
            name: "groupLink", sentence: "One member's link is lost: the other member goes, too, and both come back",
            interfaces: interfaces2, file: fifo + own + members(150), peer: others,
            steps: [.at(4, .link("eth1", isUp: false)), .at(8, .link("eth1", isUp: true))], length: 12),
        Story(
            name: "groupFaultAtStart", sentence: "One member is in fault from the start on", interfaces: interfaces2,
            file: fifo + own + members(150), peer: others, before: [.ownLink("eth1", isUp: false)],
            steps: [.at(5, .ownLink("eth1", isUp: true))], length: 9),
        Story(
            name: "groupStop", sentence: "The master of a group is stopped", interfaces: interfaces2,
            file: fifo + own + members(150), peer: others, steps: [.at(4.5, .stop)], length: 8.5),
        Story(
            name: "groupPeerDies", sentence: "The power of a group's master is cut", interfaces: interfaces2,
            file: fifo + own + members(50), peer: others, peerStart: -1.5, steps: [.at(4.5, .endPeer(9))], length: 8),
        Story(
            name: "groupHigher", sentence: "One member hears a higher priority: the group follows",
            interfaces: interfaces2,
            file: fifo + own + members(150),
            peer: group() + instance("V1", priority: 100)
                + instance("V2", id: 20, interface: "eth1", priority: 200, address: "198.51.100.1"),
            steps: [], length: 7),
        Story(
            name: "groupScript", sentence: "A group's check without a weight: every member is in fault",
            interfaces: interfaces2,
            file: fifo + script("web") + group(track("web") + notify("G")) + members(150), peer: others,
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 14),
        Story(
            name: "groupWeight", sentence: "A group's check with a weight: every member has it",
            interfaces: interfaces2,
            file: fifo + script("web", "weight -60")
                + group("    sync_group_tracking_weight\n" + track("web") + notify("G")) + members(150),
            peer: others, before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 14, meant: [sayZero]),
        Story(
            name: "globalTracking", sentence: "`global_tracking`: a member's own check may have a weight",
            interfaces: interfaces2,
            file: fifo + script("web", "weight -60")
                + group("    global_tracking\n" + notify("G"))
                + members(150, first: track("web"), second: track("web")),
            peer: others, before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 14, meant: [sayZero]),
        Story(
            name: "groupMemberWeight",
            sentence: "Without `sync_group_tracking_weight` a member's weight counts for the whole group",
            interfaces: interfaces2,
            file: fifo + script("web", "weight -60") + own + members(150, first: track("web")),
            peer: others, before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail"))], length: 8,
            meant: ["V1", "V2"].flatMap { goes("INSTANCE", $0, 150, 90) } + goes("GROUP", "G", 0, 0)
                + ["192.0.2.1", "198.51.100.1"].map {
                    Difference(
                        channel: "holder of \($0)", keepalived: ["a"], agent: ["a", "b"], reason: memberWeight)
                }
                + ["10", "20"].map {
                    Difference(
                        channel: "priorities of \($0)", keepalived: ["150"], agent: ["150", "90"],
                        reason: memberWeight, orAgent: ["150", "90", "0"])
                }),
        Story(
            name: "groupMemberFault", sentence: "A member's check without a weight: the whole group is in fault",
            interfaces: interfaces2,
            file: fifo + script("web") + own + members(150, second: track("web")), peer: others,
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(8.5, .check("web", "ok"))], length: 12),
        Story(
            name: "groupFile", sentence: "A group tracks a file and an interface",
            interfaces: ["eth0", "eth1", "eth2"],
            file: fifo + "track_file gate {\n    file @DIR@/gate\n    weight 0\n}\n"
                + group(
                    "    track_file {\n        gate\n    }\n    track_interface {\n        eth2\n    }\n" + notify("G"))
                + members(150),
            peer: others, before: [.write("gate", "0\n")],
            steps: [
                .at(4, .write("gate", "1\n")), .at(7, .write("gate", "0\n")), .at(10, .link("eth2", isUp: false)),
            ], length: 13),
        Story(
            name: "groupNoPreempt", sentence: "`nopreempt` in one member holds for the group", interfaces: interfaces2,
            file: fifo + own + members(150, first: "    nopreempt\n"), peer: others,
            steps: [.at(4, .link("eth1", isUp: false)), .at(8, .link("eth1", isUp: true))], length: 12),
        Story(
            name: "groupOfOne", sentence: "A group on one line, with one member",
            file: fifo + script("web") + "vrrp_sync_group G {\n    group { V1 }\n\(notify("G"))}\n"
                + instance(priority: 150, track("web") + notify("V1")),
            before: [.check("web", "ok")],
            steps: [.at(4.5, .check("web", "fail")), .at(7.5, .check("web", "ok"))], length: 11),
        Story(
            name: "groupOldSyntax", sentence: "The oldest syntax names the members in the group's own braces",
            interfaces: interfaces2,
            file: fifo + "vrrp_sync_group G {\n    V1\n    V2\n}\n" + members(150),
            peer: others,
            steps: [.at(4, .link("eth1", isUp: false))], length: 8,
            meant: Difference.all(
                keepalived: ["BACKUP", "MASTER"], agent: ["BACKUP", "MASTER", "FAULT"],
                holders: (keepalived: ["a"], agent: ["a", "b"]),
                priorities: (keepalived: ["150"], agent: ["150", "0"]),
                because: oldSyntax) + [
                    Difference(
                        channel: "FIFO of GROUP G", keepalived: [], agent: ["BACKUP 0", "MASTER 0", "FAULT 0"],
                        reason: oldSyntax),
                    Difference(
                        channel: "holder of 198.51.100.1", keepalived: ["a", "nobody"], agent: ["a", "b"],
                        reason: oldSyntax),
                ]),
    ]
}
