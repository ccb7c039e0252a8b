/// The words of `virtual_routes` and `virtual_rules`.
extension Keywords {
    private static let ofOneRoute =
        "a route of one gateway and interface is what this agent sets; write a line for each"
    private static let ofConnections =
        "of what the kernel keeps with a route mtu, advmss, window, hoplimit, initcwnd and initrwnd are supported"
    private static let mark =
        "this agent marks what it sets with a protocol number of its own, 250, and by that knows it again"
    private static let tracked = "what somebody removes is put back at once, and no instance fails over for it"

    static let routeOptions: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "protocol": .noEffect(mark), "no_track": .noEffect(tracked),
            "from": .refused("routes by source address are not supported: a rule with 'from' and a table does that"),
            "vrf": .refused("name the table of the VRF with 'table'"),
            "track_group": .refused("there are no track groups here: every instance tracks for itself"),
        ]
        func add(_ names: String, _ treatment: KeywordTreatment) {
            for name in names.split(separator: " ") { table[String(name)] = treatment }
        }
        add(
            "to via gw dev oif src table metric priority preference scope tos dsfield onlink mtu advmss window hoplimit "
                + "initcwnd initrwnd default default6 unicast blackhole unreachable prohibit throw", .works)
        add("nexthop or weight", .refused(ofOneRoute))
        add("add prepend append", .refused("a route of this agent stands before others of the same metric"))
        add("local broadcast multicast anycast nat xresolve", .refused("routes of this type are the kernel's own"))
        add("inet inet6", .refused("the family is that of the addresses; 'default6' is the default route of IPv6"))
        add(
            "rtt rttvar rto_min ssthresh cwnd reordering features quickack congctl fastopen_no_cookie realm realms",
            .refused(ofConnections))
        add("encap as expires pref ttl-propagate", .refused("it is not supported"))
        return table
    }()

    static let ruleOptions: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "protocol": .noEffect(mark), "no_track": .noEffect(tracked),
            "track_group": .refused("there are no track groups here: every instance tracks for itself"),
            "l3mdev": .refused("the kernel adds the rule of VRFs for itself"),
            "goto": .refused("a jump to another rule is not supported: name a table"),
        ]
        func add(_ names: String, _ treatment: KeywordTreatment) {
            for name in names.split(separator: " ") { table[String(name)] = treatment }
        }
        add(
            "not from to iif dev oif fwmark table lookup priority preference order tos dsfield blackhole unreachable prohibit",
            .works)
        add("inet inet6", .refused("the family is that of the addresses, and IPv4 where there are none"))
        add(
            "uidrange ipproto sport dport tun_id realm realms suppress_prefixlength suppress_prefixlen suppress_ifgroup suppress nop nat map-to",
            .refused("packets are told apart by addresses, interfaces, mark and type of service alone"))
        return table
    }()
}
