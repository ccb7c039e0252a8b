/// Gratuitous ARP: `garp_…`, in an instance or, with `vrrp_` before it, in `global_defs`.
extension ConfigurationBuilder {
    mutating func readGratuitousARP(_ statement: Statement, keyword: String, into draft: inout GratuitousARPDraft) {
        switch keyword {
        case "garp_master_delay":
            if let delay = announcementTime(of: statement) {
                draft.settings.delay = delay
                draft.hasDelay = true
            }
        case "garp_master_repeat":
            if let rounds = rounds(of: statement, least: 1) {
                draft.settings.rounds = rounds
                draft.hasRounds = true
            }
        case "garp_master_refresh":
            if let refresh = announcementTime(of: statement) { draft.settings.refresh = refresh }
        case "garp_master_refresh_repeat":
            if let rounds = rounds(of: statement, least: 1) { draft.settings.refreshRounds = rounds }
        case "garp_lower_prio_delay":
            if let delay = announcementTime(of: statement) { draft.contestDelay = delay }
        case "garp_lower_prio_repeat":
            if let rounds = rounds(of: statement, least: 0) { draft.contestRounds = rounds }
        default:
            // A keyword that a table calls working and nobody reads: the tests hold the tables to the code.
            fail("'\(statement.keyword.text)' is not supported yet", statement.keyword)
        }
    }

    /// keepalived ignores a negative number, and of a word that is no number it takes the digits at the beginning.
    private mutating func announcementTime(of statement: Statement) -> Duration? {
        let times = Duration.zero ... .seconds(86_400)
        guard let word = statement.values.first, Self.seconds(word.text) == nil else {
            return seconds(of: statement, in: times)
        }
        guard !word.text.hasPrefix("-") else { return seconds(of: statement, in: times, otherwise: .ignored) }
        let used = Duration.seconds(Self.leadingNumber(word.text))
        guard times.contains(used) else { return seconds(of: statement, in: times) }
        _ = seconds(of: statement, in: times, otherwise: .value(Self.decimal(used)))
        return used
    }

    /// keepalived makes one of none, and of a word that is no number it takes the digits at the beginning.
    private mutating func rounds(of statement: Statement, least: Int) -> Int? {
        let range = least...255
        guard let word = statement.values.first, Self.integer(word.text).map(range.contains) != true else {
            return integer(of: statement, in: range)
        }
        guard !word.text.hasPrefix("-") else {
            return integer(of: statement, in: range, otherwise: least == 0 ? .ignored : .undecided)
        }
        let used = max(Self.leadingNumber(word.text), 1)
        guard least == 1, range.contains(used) else {
            return integer(of: statement, in: range)
        }
        _ = integer(of: statement, in: range, otherwise: .value("\(used)"))
        return used
    }
}
