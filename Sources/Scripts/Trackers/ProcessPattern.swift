package import Configuration

/// Which processes a `vrrp_track_process` counts.
package struct ProcessPattern: Hashable, Sendable {
    /// The kernel keeps so much of a program's name, in bytes.
    package static let longestName = 15

    private let program: [UInt8]
    private let arguments: [[UInt8]]
    private let match: TrackProcessConfiguration.ArgumentMatch
    private let comparesCommandLine: Bool

    package init(_ configuration: TrackProcessConfiguration) {
        program = configuration.program
        arguments = configuration.arguments
        match = configuration.match
        comparesCommandLine = configuration.comparesCommandLine
    }

    /// - Parameters:
    ///   - name: as in `/proc/PID/comm`, without its line feed.
    ///   - commandLine: as in `/proc/PID/cmdline`: each word ends with a zero byte. A kernel thread has none.
    package func fits(name: [UInt8], commandLine: [UInt8]) -> Bool {
        guard comparesCommandLine else { return name == Array(program.prefix(Self.longestName)) }
        var words = commandLine.split(separator: 0, omittingEmptySubsequences: false)
        // Behind the last zero byte.
        if words.last?.isEmpty == true { words.removeLast() }
        guard let first = words.first, first.elementsEqual(program) else { return false }
        let rest = words.dropFirst()
        switch match {
        case .any: return true
        case .exact: return rest.count == arguments.count && begins(rest)
        case .partial: return begins(rest)
        case .initial:
            guard let last = arguments.last, rest.count >= arguments.count else { return arguments.isEmpty }
            let wanted = arguments.dropLast()
            return zip(wanted, rest).allSatisfy { $0.elementsEqual($1) }
                && rest.dropFirst(wanted.count).first?.starts(with: last) == true
        }
    }

    private func begins(_ rest: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        rest.count >= arguments.count && zip(arguments, rest).allSatisfy { $0.elementsEqual($1) }
    }
}
