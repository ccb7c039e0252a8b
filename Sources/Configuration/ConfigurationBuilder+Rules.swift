import Addressing

/// The lines of `virtual_rules`.
extension ConfigurationBuilder {
    /// What a line says before it is known of which family it is.
    private struct RuleDraft {
        var rule = RoutingRule(priority: 0, action: .blackhole)
        var hasAction = false
        var hasPriority = false
    }

    mutating func readRules(_ lines: [Statement], into instance: inout InstanceConfiguration) {
        for line in lines {
            guard let rule = rule(line) else { continue }
            let routing = VirtualRouting(location: line.keyword.location, object: .rule(rule))
            if instance.routing.contains(where: { $0.isSame(as: routing) }) {
                warn("the rule is listed twice", line.keyword)
            } else {
                instance.routing.append(routing)
            }
        }
    }

    /// - Returns: `nil` where there is no rule.
    private mutating func rule(_ line: Statement) -> RoutingRule? {
        if line.block != nil { fail("a rule takes no block", line.keyword) }
        var draft = RuleDraft()
        var words = ([line.keyword] + line.values)[...]
        while let word = words.popFirst() {
            switch Keywords.ruleOptions[word.text] {
            case .refused(let reason):
                // Without it the rule would be another one than was meant.
                refuse(line, "'\(word.text)': \(reason)", at: word)
                return nil
            case .noEffect(let reason):
                warn("'\(word.text)' has no effect here: \(reason)", word)
                if word.text == "protocol" { _ = words.popFirst() }
            case .works:
                guard read(word, of: line, &words, into: &draft) else { return nil }
            case nil:
                ignore(
                    line,
                    "\(word.quoted) is no word of a rule\(word.text == "prio" ? ": keepalived calls it 'priority'" : "")"
                        + "; keepalived passes over the line", at: word)
                return nil
            }
        }
        return finish(draft, line)
    }

    private mutating func read(
        _ word: Word, of line: Statement, _ words: inout ArraySlice<Word>, into draft: inout RuleDraft
    ) -> Bool {
        switch word.text {
        case "not":
            draft.rule.isInverted = true
            return true
        case "blackhole", "unreachable", "prohibit":
            draft.rule.action =
                word.text == "blackhole" ? .blackhole : word.text == "prohibit" ? .prohibit : .unreachable
            draft.hasAction = true
            return true
        default: break
        }
        guard let value = words.popFirst() else {
            ignore(line, "'\(word.text)' needs a value", at: word)
            return false
        }
        switch word.text {
        case "from", "to":
            if ["all", "any", "default"].contains(value.text) { return true }
            guard let prefix = prefix(value) else {
                ignore(line, "'\(word.text)' takes a network or 'all'; keepalived passes over the line", at: value)
                return false
            }
            if word.text == "from" {
                draft.rule.source = prefix.networkPrefix
            } else {
                draft.rule.destination = prefix.networkPrefix
            }
        case "iif", "dev", "oif":
            guard Self.isInterfaceName(value.text) else {
                fail("an interface's name has 1 to 15 letters without blanks and slashes", value)
                return false
            }
            if word.text == "oif" {
                draft.rule.outboundInterface = value.text
            } else {
                draft.rule.inboundInterface = value.text
            }
        case "fwmark": return readMark(value, of: line, into: &draft.rule)
        case "table", "lookup":
            guard let table = table(value, of: line) else { return false }
            draft.rule.action = .lookUp(table)
            draft.hasAction = true
        case "priority", "preference", "order":
            guard let priority = number(value, of: line, "a priority") else { return false }
            draft.rule.priority = priority
            draft.hasPriority = true
        case "tos", "dsfield":
            guard let service = typeOfService(value, of: line) else { return false }
            draft.rule.typeOfService = service
        default: return false
        }
        return true
    }

    /// `N` or `N/MASK`.
    private mutating func readMark(_ word: Word, of line: Statement, into rule: inout RoutingRule) -> Bool {
        let parts = word.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { RoutingNames.number($0) }
        guard numbers.count == parts.count, let mark = numbers.first else {
            ignore(line, "'fwmark' takes a number, or a number and a mask, such as 0x5/0xff", at: word)
            return false
        }
        rule.mark = mark
        if numbers.count > 1 { rule.markMask = numbers[1] }
        return true
    }

    private mutating func finish(_ draft: RuleDraft, _ line: Statement) -> RoutingRule? {
        var rule = draft.rule
        guard draft.hasAction else {
            ignore(
                line, "a rule needs a table, or blackhole, unreachable or prohibit: keepalived passes over the line",
                at: line.keyword)
            return nil
        }
        if let source = rule.source, let destination = rule.destination,
            source.address.isIPv4 != destination.address.isIPv4
        {
            refuse(line, "both addresses of a rule are of one family")
            return nil
        }
        rule.isIPv4 = (rule.source ?? rule.destination)?.address.isIPv4 ?? true
        // The network of all addresses is none: the kernel tells of none.
        if rule.source?.length == 0 { rule.source = nil }
        if rule.destination?.length == 0 { rule.destination = nil }
        if !draft.hasPriority {
            rule.priority = nextRulePriority
            nextRulePriority -= nextRulePriority > 1 ? 1 : 0
            warn(
                "the rule has no priority: it gets \(rule.priority), as in keepalived, and the next one a lower number; write 'priority N'",
                line.keyword)
        }
        return rule
    }
}
