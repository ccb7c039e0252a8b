/// `vrrp_sync_group`
extension ConfigurationBuilder {
    /// All of them, once the instances are known.
    mutating func readGroups(_ statements: [Statement]) {
        var names: [String: SourceLocation] = [:]
        var groupOf: [String: String] = [:]
        instancePlaces = Dictionary(
            configuration.instances.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        for statement in statements where statement.keyword.text == "vrrp_sync_group" {
            guard findings.count < mostFindings || !hasError else { return }
            guard !statement.values.isEmpty else {
                fail("'vrrp_sync_group' needs a name", statement.keyword, in: statement, .ignored)
                continue
            }
            guard let name = name(of: statement) else { continue }
            if let other = names[name.text] {
                fail("another vrrp_sync_group has the same name, at \(other)", name, in: statement, .ignored)
                continue
            }
            names[name.text] = name.location
            readGroup(statement, name, &groupOf)
        }
    }

    /// - Parameter groupOf: in which group each instance is that is in one.
    private mutating func readGroup(_ statement: Statement, _ name: Word, _ groupOf: inout [String: String]) {
        var group = SyncGroupConfiguration(name: name.text, location: name.location, members: [])
        var memberLines: [Statement] = []
        var trackedLines: [Statement] = []
        var listKeyword: Word?
        for inner in block(of: statement) {
            if inner.block == nil, Keywords.syncGroup[inner.keyword.text] == nil,
                instanceNames.contains(inner.keyword.text)
            {
                if memberLines.isEmpty {
                    warn(
                        "keepalived wants the instances in 'group { … }', and leaves a group without it out: here its instances move together",
                        inner.keyword)
                }
                memberLines.append(inner)
                continue
            }
            guard accept(inner, in: Keywords.syncGroup, place: "vrrp_sync_group") else { continue }
            switch inner.keyword.text {
            case "group":
                if let listKeyword {
                    fail("the group names its instances already, at \(listKeyword.location)", inner.keyword)
                }
                listKeyword = inner.keyword
                memberLines += block(of: inner)
            case "track_interface": trackedLines += block(of: inner)
            case "sync_group_tracking_weight", "global_tracking":
                standingFlag(of: inner)
                group.usesMemberWeights = true
            default: break
            }
        }
        for line in memberLines { readMembers(line, of: &group, &groupOf) }
        guard !group.members.isEmpty else {
            if memberLines.isEmpty {
                fail("the group names no instance", name)
                amend(statement, .ignored, "keepalived leaves the group out: it names no instance")
            }
            return
        }
        if group.members.count == 1 {
            warn("the group has one instance: there is nothing that moves together with it", name)
        }
        trackInterfaces(trackedLines, in: &group)
        trackScripts(of: name, in: &group)
        moveWeights(to: &group, name)
        configuration.groups.append(group)
    }

    // MARK: - Members

    /// A line of names. keepalived passes over those that it can't use.
    private mutating func readMembers(
        _ line: Statement, of group: inout SyncGroupConfiguration, _ groupOf: inout [String: String]
    ) {
        if line.block != nil { fail("an instance's name takes no block here", line.keyword) }
        var unknown: [Word] = []
        var lost: [Word] = []
        for word in [line.keyword] + line.values {
            let name = word.text
            if group.members.contains(name) {
                warn("the group names \(word.quoted) already", word)
            } else if let other = groupOf[name] {
                fail("'\(printable(name))' is in the group '\(printable(other))' already, and can be in one only", word)
                unknown.append(word)
            } else if instancePlaces[name] != nil {
                group.members.append(name)
                groupOf[name] = group.name
            } else if instanceNames.contains(name) {
                fail("the instance can't be used, so that the group can't have it", word)
                lost.append(word)
            } else {
                let advice = Keywords.nearest(to: name, among: instanceNames).map {
                    "; did you mean '\(printable($0))'?"
                }
                fail("there is no vrrp_instance \(word.quoted)\(word.mayBeSecret ? "" : advice ?? "")", word)
                unknown.append(word)
            }
        }
        leave(lost, out: line, .notSupported, besides: unknown, "does not carry over, and leaves the group")
        leave(unknown, out: line, .replaced, besides: lost, "is no instance, or one of another group")
    }

    /// The line without some of its words, or no line.
    private mutating func leave(
        _ words: [Word], out line: Statement, _ kind: Amendment.Kind, besides others: [Word], _ reason: String
    ) {
        // Of two reasons the second one is told in the next step.
        guard !words.isEmpty, kind == .notSupported || others.isEmpty else { return }
        let all = [line.keyword] + line.values
        guard all.allSatisfy({ !$0.isQuoted && !$0.mayBeSecret }) else { return }
        let rest = all.filter { word in !words.contains { $0.location == word.location } }
        let names = words.map(\.quoted).joined(separator: ", ")
        if rest.isEmpty {
            amend(line, kind == .replaced ? .ignored : kind, "\(names) \(reason)")
        } else {
            amend(line, kind, "\(names) \(reason)", with: rest.map(\.text).joined(separator: " "))
        }
    }

    // MARK: - What groups track

    private mutating func trackInterfaces(_ lines: [Statement], in group: inout SyncGroupConfiguration) {
        for line in lines {
            guard let tracked = trackedInterface(line) else { continue }
            add(tracked, line.keyword, to: &group)
        }
    }

    private mutating func trackScripts(of name: Word, in group: inout SyncGroupConfiguration) {
        for line in trackers(of: .group, name) { add(line, trackerWords[line.location] ?? name, to: &group) }
    }

    private mutating func add(_ line: TrackLine, _ word: Word, to group: inout SyncGroupConfiguration) {
        if let first = group.tracked.first(where: { $0.tracker == line.tracker }) {
            warn("\(word.quoted) is tracked already, at \(first.location), and that line counts", word)
            return
        }
        var line = line
        let members = members(of: group)
        if line.weight != 0, members.allSatisfy({ $0.priority == 255 }) {
            guard linesOfDefaultWeight.contains(line.location) else {
                warn("the priority of an owner, 255, never changes: the line has no effect", word)
                return
            }
            line.weight = 0
        }
        group.tracked.append(line)
        if let owner = members.first(where: { $0.priority == 255 }), line.weight != 0 {
            warn(
                "the priority of '\(printable(owner.name))', 255, never changes: the weight counts for the others", word
            )
        }
        // In one of them it counts for all.
        if let member = members.first(where: { !$0.preempts }) ?? members.first { warnOfWeight(line, member, word) }
    }

    private func members(of group: SyncGroupConfiguration) -> [InstanceConfiguration] {
        group.members.compactMap { instancePlaces[$0].map { configuration.instances[$0] } }
    }
}
