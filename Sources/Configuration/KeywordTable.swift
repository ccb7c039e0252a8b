/// What becomes of each keyword that keepalived knows, for people to read.
package enum KeywordTable {
    private static let blocks: [(name: String, keywords: [String: KeywordTreatment])] = [
        ("The file", Keywords.root),
        ("global_defs", Keywords.globalDefinitions),
        ("vrrp_instance", Keywords.instance),
        ("authentication", Keywords.authentication),
        ("A line of virtual_ipaddress and virtual_ipaddress_excluded", Keywords.addressOptions),
        ("A line of virtual_routes", Keywords.routeOptions),
        ("A line of virtual_rules", Keywords.ruleOptions),
        ("A line of unicast_peer", Keywords.peerOptions),
        ("A line of track_interface", Keywords.trackedInterfaceOptions),
        ("A line of track_script, track_file and track_process", ScriptKeywords.trackOptions),
        ("vrrp_sync_group", Keywords.syncGroup),
        ("vrrp_script", ScriptKeywords.check),
        ("track_file and vrrp_track_file", ScriptKeywords.file),
        ("vrrp_track_process", ScriptKeywords.process),
        ("garp_group", Keywords.pacingGroup),
    ]

    /// A Markdown table for each block, its keywords in alphabetical order.
    package static var markdown: String {
        blocks.map { name, keywords in
            let rows = keywords.sorted { $0.key < $1.key }.map { keyword, treatment in
                "| `\(keyword)` | \(treatment.name) | \(Keywords.own.contains(keyword) ? "this agent's own" : treatment.reason) |"
            }
            return "## \(name)\n\n| keyword | | why |\n|---|---|---|\n" + rows.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// The keywords that work, each behind its block's name.
    package static var working: Set<String> {
        Set(
            blocks.flatMap { name, keywords in
                keywords.filter { $0.value == .works }.map { "\(name): \($0.key)" }
            })
    }

    /// How many keywords there are of each kind.
    package static var counts: (works: Int, noEffect: Int, refused: Int) {
        let names = blocks.flatMap { $0.keywords.values.map(\.name) }
        return (
            names.count { $0 == "works" }, names.count { $0 == "no effect" }, names.count { $0 == "refused" }
        )
    }
}

extension KeywordTreatment {
    fileprivate var name: String {
        switch self {
        case .works: "works"
        case .noEffect: "no effect"
        case .refused: "refused"
        }
    }

    fileprivate var reason: String {
        switch self {
        case .works: ""
        case .noEffect(let reason), .refused(let reason): reason
        }
    }
}
