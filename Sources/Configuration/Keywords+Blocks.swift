/// How keepalived goes through blocks: which keyword begins one, and which keywords may stand in it.
extension Keywords {
    /// A block whose keywords keepalived looks up. What it does not find there it ignores, a brace, too.
    enum Level: Hashable {
        case root
        case globalDefinitions
        case instance
        case authentication
        case pacingGroup
        case syncGroup
        case check
        case trackFile
        case trackProcess
        /// A block that means nothing here; none of its keywords has a block of its own.
        case other
    }

    /// What follows a keyword.
    enum Body: Hashable {
        case none
        /// A block with keywords of its own.
        case level(Level)
        /// Lines up to the next closing brace, whatever stands in them.
        case list
        /// A block that VRRP's part of keepalived passes over, up to the brace that closes it.
        case passedOver
    }

    /// - Parameter hasBrace: whether a brace follows.
    /// - Returns: `nil` for a keyword that keepalived does not look for there.
    static func body(of keyword: String, in level: Level, hasBrace: Bool) -> Body? {
        switch level {
        case .root: rootBodies[keyword] ?? (root[keyword] == nil ? nil : Body.none)
        case .globalDefinitions:
            keyword == "notification_email" ? .list : globalDefinitions[keyword] == nil ? nil : Body.none
        case .instance:
            switch keyword {
            case "authentication": .level(.authentication)
            case "auth_hmac": .level(.other)
            default: instanceLists.contains(keyword) ? .list : instance[keyword] == nil ? nil : Body.none
            }
        case .authentication: authentication[keyword] == nil ? nil : Body.none
        case .pacingGroup: keyword == "interfaces" ? .list : pacingGroup[keyword] == nil ? nil : Body.none
        // Very old files name the members without a keyword.
        case .syncGroup:
            groupLists.contains(keyword) ? .list : syncGroup[keyword] == nil && hasBrace ? nil : Body.none
        case .check: ScriptKeywords.check[keyword] == nil ? nil : Body.none
        case .trackFile: ScriptKeywords.file[keyword] == nil ? nil : Body.none
        case .trackProcess: ScriptKeywords.process[keyword] == nil ? nil : Body.none
        case .other: hasBrace ? nil : Body.none
        }
    }

    /// The keywords of a level, as far as there is a table of them.
    static func table(of level: Level) -> [String: KeywordTreatment]? {
        switch level {
        case .root: root
        case .globalDefinitions: globalDefinitions
        case .instance: instance
        case .authentication: authentication
        case .pacingGroup: pacingGroup
        case .syncGroup: syncGroup
        case .check: ScriptKeywords.check
        case .trackFile: ScriptKeywords.file
        case .trackProcess: ScriptKeywords.process
        case .other: nil
        }
    }

    /// The block into which a keyword belongs that stands elsewhere; `nil` for one that keepalived knows nowhere.
    static func home(of keyword: String) -> String? {
        if instance[keyword] != nil { return "vrrp_instance" }
        if globalDefinitions[keyword] != nil { return "global_defs" }
        if ofVirtualServers.contains(keyword) { return "virtual_server" }
        if authentication[keyword] != nil { return "authentication" }
        if syncGroup[keyword] != nil { return "vrrp_sync_group" }
        if ScriptKeywords.check[keyword] != nil { return "vrrp_script" }
        return ScriptKeywords.process[keyword] == nil ? nil : "vrrp_track_process"
    }

    private static let rootBodies: [String: Body] = [
        "global_defs": .level(.globalDefinitions), "vrrp_instance": .level(.instance),
        "vrrp_sync_group": .level(.syncGroup), "garp_group": .level(.pacingGroup), "vrrp_script": .level(.check),
        "vrrp_track_process": .level(.trackProcess), "vrrp_track_file": .level(.trackFile),
        "track_file": .level(.trackFile),
        "bfd_instance": .level(.other), "track_group": .level(.syncGroup), "interface_up_down_delays": .list,
        "static_ipaddress": .list, "static_routes": .list, "static_rules": .list, "linkbeat_interfaces": .list,
        "virtual_server": .passedOver, "virtual_server_group": .passedOver, "SSL": .passedOver,
    ]

    private static let instanceLists: Set = [
        "virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_routes", "virtual_rules", "unicast_peer",
        "track_interface", "track_script", "track_process", "track_file", "track_bfd",
    ]

    private static let groupLists: Set = [
        "group", "track_interface", "track_script", "track_process", "track_file", "track_bfd",
    ]

    /// What keepalived knows, or once knew, inside of `virtual_server`.
    private static let ofVirtualServers: Set = [
        "HTTP_GET", "SSL_GET", "TCP_CHECK", "MISC_CHECK", "SMTP_CHECK", "DNS_CHECK", "UDP_CHECK", "BFD_CHECK",
        "PING_CHECK", "FILE_CHECK", "real_server", "sorry_server", "sorry_server_inhibit", "delay_loop", "lb_algo",
        "lvs_sched", "lb_kind", "lvs_method", "protocol", "persistence_timeout", "persistence_granularity",
        "persistence_engine", "virtualhost", "connect_port", "connect_ip", "connect_timeout", "bindto", "bind_port",
        "nb_get_retry", "nb_sock_retry", "retry", "delay_before_retry", "url", "path", "digest", "status_code",
        "inhibit_on_failure", "notify_up", "notify_down", "quorum", "quorum_up", "quorum_down", "hysteresis",
        "ha_suspend", "alpha", "omega", "ops", "nat_mask", "ip_family", "uthreshold", "lthreshold", "misc_path",
        "misc_timeout", "misc_dynamic", "fwmark", "warmup", "helo_name", "local_address_group", "laddr_group_name",
    ]
}
