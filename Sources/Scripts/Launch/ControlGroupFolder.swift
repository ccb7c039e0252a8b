import Configuration

/// Where a process's own control group is in the file system, version 2 of them: cgroups(7).
package enum ControlGroupFolder {
    /// - Parameters:
    ///   - mounts: `/proc/self/mountinfo`, see proc(5).
    ///   - groups: `/proc/self/cgroup`.
    /// - Returns: `nil` where there is no such file system, or the group lies outside of what is seen of it.
    package static func own(mounts: String, groups: String) -> String? {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }),
            let mount = mounts.split(separator: "\n").lazy.compactMap(mount).first
        else { return nil }
        var group = line.dropFirst(3)
        // Of a part that is mounted, the names begin at that part.
        if mount.root != "/" {
            guard group.hasPrefix(mount.root + "/") || group == mount.root else { return nil }
            group = group.dropFirst(mount.root.count)
        }
        guard !group.split(separator: "/").contains("..") else { return nil }
        return mount.place + (group == "/" ? "" : group)
    }

    private static func mount(_ line: Substring) -> (root: String, place: String)? {
        let words = line.split(separator: " ")
        guard let dash = words.firstIndex(of: "-"), dash >= 6, words.indices.contains(dash + 1),
            words[dash + 1] == "cgroup2"
        else { return nil }
        return (unescaped(words[3]), unescaped(words[4]))
    }

    /// Blanks and backslashes stand there as `\` and three octal digits.
    private static func unescaped(_ word: Substring) -> String {
        (try? ScriptWords.unescaped(Array(word.utf8))).map { String(decoding: $0, as: UTF8.self) } ?? String(word)
    }
}
