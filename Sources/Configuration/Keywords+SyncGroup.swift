/// `vrrp_sync_group`
extension Keywords {
    static let syncGroup: [String: KeywordTreatment] = {
        var table: [String: KeywordTreatment] = [
            "group": .works, "track_interface": .works, "sync_group_tracking_weight": .works,
            // Its old name.
            "global_tracking": .works,
            "track_bfd": .refused(tracking), "smtp_alert": .noEffect(mail),
        ]
        for name in ScriptKeywords.group { table[name] = .works }
        return table
    }()
}
