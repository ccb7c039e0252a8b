/// What becomes of a keyword that keepalived knows.
enum KeywordTreatment: Hashable, Sendable {
    /// It does here what it does there.
    case works
    /// Accepted with a warning: it has no bearing on which host holds the address. The text says why.
    case noEffect(String)
    /// Refused: to pass over it would change what the file means. The text says why.
    case refused(String)
}

/// The keywords of keepalived's dialect, by the block in which they stand. Anything else is an error.
enum Keywords {
    private static let notYet = "not supported yet"
    static let mail = "this agent sends no mail; a script can: see 'Mail' in failover-agent.conf(5)"
    private static let snmp = "there is no SNMP agent here"
    private static let dbus = "there is no D-Bus interface here"
    private static let scheduling = "this agent needs no tuning of its scheduling or memory"
    private static let buffers = "this agent sizes its buffers itself"
    private static let lvs = "load balancing (LVS) is not what this agent does"
    private static let files = "this agent writes no such files: ask failoverctl"
    static let tracking = "tracking changes the priority, \(notYet)"
    private static let moreMacvlans =
        "'use_vmac' makes one macvlan, for the addresses without 'dev': for those on another interface write an instance with "
        + "that 'interface' and 'use_vmac', and both into one 'vrrp_sync_group'"
    private static let repeatedAnnouncements =
        "addresses are announced where they are, on the macvlan, too: to repeat that write 'garp_master_refresh SECONDS'"

    private static let trackGroups =
        "it ties static addresses, routes and rules to instances, and those are not set here: write what an instance depends on "
        + "into its 'track_interface', or make the instances members of a 'vrrp_sync_group'"

    /// Not keepalived's, which warns of them: this agent's own.
    static let own: Set<String> = ["address_lease", "admin_group", "arp_defend", "notify_timeout", "socket_group"]

    static let root: [String: KeywordTreatment] = [
        "global_defs": .works,
        "vrrp_instance": .works,
        "vrrp_sync_group": .works,
        "vrrp_script": .works,
        "vrrp_track_process": .works,
        "vrrp_track_file": .works,
        "track_file": .works,
        "track_group": .refused(trackGroups),
        "interface_up_down_delays": .works,
        "garp_group": .works,
        "static_ipaddress": .refused(
            "addresses that do not move with an instance belong to the network configuration, such as systemd.network(5) or "
                + "/etc/network/interfaces; one that moves belongs into 'virtual_ipaddress_excluded'"),
        "static_routes": .refused(
            "routes that do not move with an instance belong to the network configuration, such as systemd.network(5) or "
                + "/etc/network/interfaces; one that moves belongs into 'virtual_routes'"),
        "static_rules": .refused(
            "rules that do not move with an instance belong to the network configuration, such as systemd.network(5) or "
                + "/etc/network/interfaces; one that moves belongs into 'virtual_rules'"),
        "bfd_instance": .refused("BFD is \(notYet)"),
        "virtual_server": .refused(lvs),
        "virtual_server_group": .refused(lvs),
        "SSL": .refused(lvs),
        "net_namespace": .refused("start the agent inside the network namespace instead"),
        "net_namespace_ipvs": .refused(lvs),
        "namespace_with_ipsets": .noEffect("no ipsets are used here"),
        "instance": .noEffect("one agent serves a network namespace"),
        "use_pid_dir": .noEffect("there is no PID file"),
        "child_wait_time": .noEffect("there are no child processes"),
        "linkbeat_interfaces": .noEffect("link states come from the kernel at once"),
        "linkbeat_use_polling": .noEffect("link states come from the kernel at once"),
    ]

    static let globalDefinitions: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "default_interface": .works,
            "vrrp_garp_master_delay": .works,
            "vrrp_garp_master_repeat": .works,
            "vrrp_garp_master_refresh": .works,
            "vrrp_garp_master_refresh_repeat": .works,
            "vrrp_lower_prio_no_advert": .works,
            "vrrp_higher_prio_send_advert": .works,
            "vrrp_owner_ignore_adverts": .works,
            "vrrp_skip_check_adv_addr": .works,
            "vrrp_check_unicast_src": .works,
            "v3_checksum_as_v2": .works,
            "vrrp_down_timer_adverts": .works,
            "vrrp_startup_delay": .works,
            "vrrp_delay_after_boot": .works,
            "vrrp_garp_interval": .works,
            "address_lease": .works,
            "admin_group": .works,
            "socket_group": .works,
            "arp_defend": .works,
            "vrrp_garp_lower_prio_delay": .works,
            "vrrp_garp_lower_prio_repeat": .works,
            "vrrp_min_garp": .works,
            "vrrp_mcast_group4": .works,
            "vrrp_version": .works,
            "router_id": .noEffect("it names the host in mails only"),
            // Until keepalived 1.1.
            "lvs_id": .noEffect("it names the host in mails only, and is called 'router_id' today"),
            "dynamic_interfaces": .noEffect("interfaces that do not exist are always waited for"),
            "vrrp_iptables": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "vrrp_ipsets": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "nftables": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "nftables_priority": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "nftables_counters": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "nftables_ifindex": .noEffect("the shared addresses always accept traffic, no rules are needed"),
            "disable_local_igmp": .noEffect(
                "IGMP is left to the kernel, and the macvlan of a backup is off and silent"),
            "max_auto_priority": .noEffect(scheduling),
            "min_auto_priority_delay": .noEffect(scheduling),
            "log_unknown_vrids": .noEffect("packets for other virtual routers are counted"),
            "random_seed": .noEffect("nothing is drawn at random"),
            "umask": .noEffect("the modes of the files are fixed"),
            "debug": .noEffect("there is no such debugging output"),
            // Refused with an authentication: `readStrictness`.
            "vrrp_strict": .works,
            "vmac_prefix": .works,
            "vmac_addr_prefix": .noEffect("it names the macvlans of 'use_vmac_addr', and those are not made here"),
            "vrrp_garp_extra_if": .refused(repeatedAnnouncements),
            "vrrp_vmac_garp_intvl": .refused(repeatedAnnouncements),
            "reload_check_config": .noEffect("a configuration is always checked before it is used"),
            "include_check": .works,
            "lvs_timeouts": .noEffect(lvs),
            "lvs_flush": .noEffect(lvs),
            "lvs_flush_on_stop": .noEffect(lvs),
            "lvs_flush_onstop": .noEffect(lvs),
            "lvs_sync_daemon": .refused(lvs),
            "rs_init_notifies": .noEffect(lvs),
            "no_checker_emails": .noEffect(mail),
            "checker_log_all_failures": .noEffect(lvs),
        ]
        func add(_ names: String, _ treatment: KeywordTreatment) {
            for name in names.split(separator: " ") { table[String(name)] = treatment }
        }
        add(
            "notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert "
                + "smtp_alert_vrrp smtp_alert_checker email_faults no_email_faults", .noEffect(mail))
        add(
            "snmp_socket enable_snmp_keepalived enable_snmp_vrrp enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2 "
                + "enable_snmp_rfcv3 enable_traps snmp_vrrp_stats_update_interval snmp_vs_stats_update_interval "
                + "snmp_rs_stats_update_interval", .noEffect(snmp))
        add("enable_dbus dbus_service_name dbus_no_interface_name", .noEffect(dbus))
        add(
            "vrrp_priority checker_priority bfd_priority vrrp_no_swap checker_no_swap bfd_no_swap vrrp_cpu_affinity "
                + "checker_cpu_affinity bfd_cpu_affinity vrrp_rt_priority checker_rt_priority bfd_rt_priority "
                + "vrrp_rlimit_rttime checker_rlimit_rttime bfd_rlimit_rttime vrrp_rlimit_rtime checker_rlimit_rtime "
                + "bfd_rlimit_rtime", .noEffect(scheduling))
        add(
            "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
                + "vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force "
                + "lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs "
                + "process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier", .noEffect(buffers))
        add(
            "lvs_process_name state_file_location stats_file_location json_file_location process_names process_name vrrp_process_name checker_process_name bfd_process_name use_symlink_paths "
                + "tmp_config_directory config_save_dir reload_time_file reload_repeat reload_file data_use_instance "
                + "state_dump_file stats_dump_file json_dump_file json_version config_copy_directory iproute_usr_dir "
                + "iproute_etc_dir", .noEffect(files))
        add(
            "nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark lvs_notify_fifo lvs_notify_fifo_script",
            .noEffect(lvs))
        for name in ScriptKeywords.global { table[name] = .works }
        add("vrrp_mcast_group6 vrrp_gna_interval", .works)
        return table
    }()

    static let instance: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "accept": .noEffect("the shared addresses always accept traffic"),
            "no_accept": .refused("it makes the shared addresses unreachable; remove it"),
            // Refused with an authentication: `readStrictness`.
            "strict_mode": .works,
            "promote_secondaries": .noEffect("no removal takes other addresses along here"),
            "no_virtual_ipaddress": .works,
            "smtp_alert": .noEffect(mail),
            "debug": .noEffect("there is no such debugging output"),
            "kernel_rx_buf_size": .noEffect(buffers),
            "linkbeat_use_polling": .noEffect("link states come from the kernel at once"),
            "lvs_sync_daemon_interface": .noEffect(lvs),
            // keepalived's own spelling for years.
            "lvs_sync_daemon_inteface": .noEffect(lvs),
            "native_ipv6": .works,
            "timer_expired_backup": .noEffect(
                "with 'nopreempt' a master that was stalled always listens before it goes on"),
            "thread_timer_expired": .noEffect(
                "with 'nopreempt' a master that was stalled always listens before it goes on"),
            "old_unicast_checksum": .refused("only keepalived 1.3.6 and older want it"),
            "use_vmac_addr": .refused(moreMacvlans),
            "use_ipvlan": .refused(
                "an ipvlan has the hardware address of its interface: delete the line, and the addresses are on the interface "
                    + "itself, or write 'use_vmac'"),
            "vrf": .refused(
                "macvlans are put into no VRF: delete the line and 'use_vmac', and the addresses are in the VRF of their interface"
            ),
            "garp_extra_if": .refused(repeatedAnnouncements),
            "vmac_garp_intvl": .refused(repeatedAnnouncements),
            "auth_hmac": .refused("this kind of authentication is \(notYet)"),
        ]
        func add(_ names: String, _ treatment: KeywordTreatment) {
            for name in names.split(separator: " ") { table[String(name)] = treatment }
        }
        add(
            "state interface virtual_router_id priority advert_int authentication virtual_ipaddress version nopreempt "
                + "preempt preempt_delay garp_master_delay garp_master_repeat garp_master_refresh "
                + "garp_master_refresh_repeat lower_prio_no_advert virtual_ipaddress_excluded skip_check_adv_addr "
                + "unicast_src_ip unicast_peer unicast_ttl check_unicast_src unicast_fault_no_peer mcast_src_ip "
                + "mcast_dst_ip track_src_ip garp_lower_prio_delay garp_lower_prio_repeat down_timer_adverts "
                + "higher_prio_send_advert owner_ignore_adverts v3_checksum_as_v2 track_interface dont_track_primary "
                + "virtual_routes virtual_rules use_vmac vmac_xmit_base",
            .works)
        add("track_bfd", .refused(tracking))
        for name in ScriptKeywords.instance { table[name] = .works }
        return table
    }()

    static let pacingGroup: [String: KeywordTreatment] = [
        "garp_interval": .works, "interface": .works, "interfaces": .works, "gna_interval": .works,
    ]

    static let addressOptions: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "dev": .works, "brd": .works, "broadcast": .works, "label": .works, "scope": .works,
            "no_track": .works, "noprefixroute": .works, "preferred_lft": .works, "-nodad": .works,
            "nodad": .noEffect("no address is added with duplicate address detection unless '-nodad' wants it"),
            "home": .noEffect("no mobile node is at home here (RFC 6275)"),
            "mngtmpaddr": .noEffect("no temporary addresses are made of a shared one"),
            "autojoin": .noEffect("shared addresses are no multicast groups"),
        ]
        table["peer"] = .works
        table["use_vmac"] = .refused(moreMacvlans)
        return table
    }()

    static let trackedInterfaceOptions: [String: KeywordTreatment] = ["weight": .works, "reverse": .works]

    static let peerOptions: [String: KeywordTreatment] = ["min_ttl": .works, "max_ttl": .works]

    static let authentication: [String: KeywordTreatment] = ["auth_type": .works, "auth_pass": .works]

    /// What a reader may do about a keyword that keepalived does not look for where it stands; empty where nothing is known about it.
    static func advice(for keyword: Word, in table: [String: KeywordTreatment]) -> String {
        guard !keyword.mayBeSecret else { return "" }
        // It may stand there on purpose; a brace that is missing is told at its block.
        if keyword.text == "track_group" { return ": \(trackGroups)" }
        if root[keyword.text] != nil { return "; it stands inside of another block: is a '}' missing before it?" }
        if let nearest = nearest(to: keyword.text, in: table) { return "; did you mean '\(nearest)'?" }
        return home(of: keyword.text).map { "; it belongs into '\($0)'" } ?? ""
    }

    /// The known keyword that is nearest to a wrong one, if any is near.
    static func nearest(to word: String, in table: [String: KeywordTreatment]) -> String? {
        nearest(to: word.lowercased(), among: table.keys)
    }

    /// The name that is nearest to a wrong one, if any is near.
    static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        let farthest = max(2, word.utf8.count / 3)
        // Words of very different lengths are far from each other.
        let best = names.filter { abs($0.utf8.count - word.utf8.count) <= farthest }
            .map { (name: $0, distance: editDistance($0, word)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let best, best.distance <= farthest else { return nil }
        return best.name
    }
}
