/// What a program's path leads through on a disk, and what is at its end.
package struct ProgramSurvey: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case folder
        case other
    }

    /// A folder on the way, or what is at the end.
    package struct Step: Hashable, Sendable {
        package var path: String
        package var kind: Kind
        package var owner: UInt32
        package var group: UInt32
        /// The permissions, set-id bits and the sticky bit; of an access list the widest that it may grant stand for the group.
        package var mode: UInt32
        /// Somebody else's permissions may differ from what the mode says.
        package var hasAccessList = false

        package init(path: String, kind: Kind, owner: UInt32, group: UInt32, mode: UInt32, hasAccessList: Bool = false)
        {
            (self.path, self.kind, self.owner, self.group) = (path, kind, owner, group)
            (self.mode, self.hasAccessList) = (mode, hasAccessList)
        }
    }

    /// Why there is no program at its end.
    package enum End: Hashable, Sendable {
        case missing
        /// Whoever looks may not pass a folder.
        case hidden
        /// Links that lead to each other, and the like: the system's words.
        case broken(String)
    }

    /// As the file names it.
    package var path: String
    /// From the root on, the program last; also the folders through which links lead.
    package var steps: [Step] = []
    /// `nil` where there is something.
    package var end: End?
    /// The first bytes of the program; `nil` where they can't be read.
    package var beginning: [UInt8]?

    package init(path: String) { self.path = path }

    /// The program that the first line names: `#!/bin/sh -e`.
    package var interpreter: String? {
        guard let beginning, beginning.starts(with: "#!".utf8) else { return nil }
        let line = beginning.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let name = line.drop { $0 == UInt8(ascii: " ") || $0 == 9 }.prefix { $0 != UInt8(ascii: " ") && $0 != 9 }
        return String(decoding: name, as: UTF8.self)
    }
}

/// As whom a program runs.
package struct ProgramUser: Hashable, Sendable {
    package var name: String
    package var user: UInt32
    package var group: UInt32
    /// It may be in further groups.
    package var hasAllGroups: Bool

    package init(name: String, user: UInt32, group: UInt32, hasAllGroups: Bool) {
        (self.name, self.user, self.group, self.hasAllGroups) = (name, user, group, hasAllGroups)
    }
}
