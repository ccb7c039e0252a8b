/// A program that a file has run.
package struct ProgramUse: Hashable, Sendable {
    /// Where the file says so.
    package var location: SourceLocation
    package var program: String
    /// `nil` for the default.
    package var user: ScriptUser?
}

extension ScriptingConfiguration {
    /// All that may be run, in the configuration's order.
    package var programs: [ProgramUse] {
        let scripts =
            [startup?.script, shutdown?.script].compactMap(\.self) + pipes.compactMap(\.script)
            + subjects.flatMap { subject in
                ScriptSubject.Occasion.allCases.compactMap { subject.notifications[$0] }
            }
        // The others are not run.
        let tracked = Set(subjects.flatMap(\.trackers).map(\.tracker))
        return checks.filter { tracked.contains(TrackerName(.script, $0.name)) }.map {
            ProgramUse(location: $0.location, program: $0.command.program, user: $0.user)
        }
            + scripts.map { ProgramUse(location: $0.location, program: $0.command.program, user: $0.user) }
    }
}
