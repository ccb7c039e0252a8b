/// The keywords of the blocks and lines that name scripts, files and processes.
enum ScriptKeywords {
    /// What follows these is a script's text: there single quotes are quotes, and a backslash is none.
    static let ofScripts: Set<String> = [
        "script", "startup_script", "shutdown_script", "notify_fifo_script", "vrrp_notify_fifo_script", "notify",
        "notify_master", "notify_backup", "notify_fault", "notify_stop", "notify_deleted", "notify_master_rx_lower_pri",
    ]

    /// Of `global_defs`.
    static let global = Set(
        words(
            "script_user enable_script_security set_supplementary_groups startup_script startup_script_timeout "
                + "shutdown_script shutdown_script_timeout notify_fifo notify_fifo_script vrrp_notify_fifo "
                + "vrrp_notify_fifo_script fifo_write_vrrp_states_on_reload vrrp_notify_priority_changes "
                + "notify_priority_changes notify_timeout"))

    /// Of a `vrrp_sync_group`.
    static let group = Set(
        words(
            "notify notify_master notify_backup notify_fault notify_stop notify_priority_changes notify_timeout "
                + "track_script track_file track_process"))

    /// Of a `vrrp_instance`.
    static let instance = group.union(["notify_deleted", "notify_master_rx_lower_pri"])

    /// `vrrp_script`
    static let check = table("script interval timeout weight rise fall user init_fail")

    /// `track_file`, `vrrp_track_file`
    static let file = table("file weight init_file")

    /// `vrrp_track_process`
    static let process = table(
        "process param_match weight quorum quorum_max delay terminate_delay fork_delay full_command")

    /// What may stand behind a name in `track_script`, `track_file` and `track_process`.
    static let trackOptions = table("weight reverse noreverse")

    private static func words(_ names: String) -> [String] { names.split(separator: " ").map(String.init) }

    private static func table(_ names: String) -> [String: KeywordTreatment] {
        Dictionary(uniqueKeysWithValues: words(names).map { ($0, KeywordTreatment.works) })
    }

    /// Whether a line begins with a keyword that a script's text follows.
    static func beginScript(_ line: some Collection<UInt8>) -> Bool {
        // Most lines begin with another letter.
        guard let first = line.first(where: { !isBlank($0) }),
            [UInt8(ascii: "s"), UInt8(ascii: "n"), UInt8(ascii: "v")].contains(first)
        else { return false }
        return ofScripts.contains(firstWord(of: line))
    }

    /// Whether a line looks like one of its own, and not like the inside of a script's text.
    static func beginStatement(_ line: some Collection<UInt8>) -> Bool {
        let word = firstWord(of: line)
        return word.hasPrefix("}") || check[word] != nil || Keywords.instance[word] != nil
            || Keywords.syncGroup[word] != nil
            || Keywords.globalDefinitions[word] != nil || Keywords.root[word] != nil
    }

    private static func firstWord(of line: some Collection<UInt8>) -> String {
        String(decoding: line.drop(while: isBlank).prefix { !isBlank($0) && $0 != UInt8(ascii: "{") }, as: UTF8.self)
    }
}
