/// How a script is started: as whom, where, and with which arguments. The runner starts itself once more with these words; that process
/// becomes the script's user, cleans up after its parent, and then becomes the script. So nothing has to be done between fork and exec.
package struct LaunchOrder: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32
    /// The supplementary groups; none unless asked for.
    package var groups: [UInt32]
    /// The folder of the run's control group; `nil` where there are none.
    package var controlGroup: String?
    /// The program, as a path, and its arguments.
    package var arguments: [[UInt8]]

    package init(
        user: UInt32, group: UInt32, groups: [UInt32] = [], controlGroup: String? = nil, arguments: [[UInt8]]
    ) {
        self.user = user
        self.group = group
        self.groups = groups
        self.controlGroup = controlGroup
        self.arguments = arguments
    }

    /// The option with which the runner is started for it.
    package static let option = "--exec"

    /// As many as the kernel lets a process have.
    private static let mostGroups = 65_536

    /// The runner's arguments, without its own name.
    package var words: [[UInt8]] {
        let own = [
            Self.option, "\(user)", "\(group)", groups.map(String.init).joined(separator: ","), controlGroup ?? "",
        ]
        return own.map { Array($0.utf8) } + arguments
    }

    /// - Returns: `nil` for words that are no such order.
    package init?(words: [[UInt8]]) {
        let own = words.prefix(5).map { String(decoding: $0, as: UTF8.self) }
        guard own.count == 5, own[0] == Self.option, let user = Self.number(own[1]), let group = Self.number(own[2])
        else { return nil }
        let parts = own[3].split(separator: ",", omittingEmptySubsequences: false)
        let groups = own[3].isEmpty ? [] : parts.map { Self.number(String($0)) }
        guard groups.count <= Self.mostGroups, !groups.contains(nil) else { return nil }
        guard own[4].isEmpty || own[4].hasPrefix("/") else { return nil }
        let arguments = Array(words.dropFirst(5))
        guard let program = arguments.first, program.first == UInt8(ascii: "/") else { return nil }
        self.init(
            user: user, group: group, groups: groups.compactMap { $0 }, controlGroup: own[4].isEmpty ? nil : own[4],
            arguments: arguments)
    }

    /// Digits alone. The highest number stands for nobody in the kernel's calls.
    private static func number(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(text) else {
            return nil
        }
        return number == .max ? nil : number
    }
}
