extension SourceLocation {
    fileprivate static let nowhere = SourceLocation(file: "", line: 0, column: 0)
}

extension Configuration {
    /// The same but for where everything stands in the file.
    package func isEquivalent(to other: Configuration) -> Bool {
        guard instances.count == other.instances.count, groups.count == other.groups.count else { return false }
        var own = self
        own.instances = other.instances
        own.groups = other.groups
        own.scripting = other.scripting
        return own == other && zip(instances, other.instances).allSatisfy { $0.isEquivalent(to: $1) }
            && zip(groups, other.groups).allSatisfy { $0.isEquivalent(to: $1) }
            && scripting.isEquivalent(to: other.scripting)
    }
}

extension InstanceConfiguration {
    /// The same but for where it stands in the file.
    package func isEquivalent(to other: InstanceConfiguration) -> Bool {
        withoutPlaces == other.withoutPlaces
    }

    private var withoutPlaces: InstanceConfiguration {
        var copy = self
        copy.location = .nowhere
        copy.sourceLine = nil
        for index in copy.addresses.indices { copy.addresses[index].location = .nowhere }
        for index in copy.routing.indices { copy.routing[index].location = .nowhere }
        copy.tracked = tracked.withoutPlaces
        return copy
    }
}

extension SyncGroupConfiguration {
    /// The same but for where it stands in the file.
    package func isEquivalent(to other: SyncGroupConfiguration) -> Bool {
        var (own, other) = (self, other)
        (own.location, other.location) = (.nowhere, .nowhere)
        (own.tracked, other.tracked) = (tracked.withoutPlaces, other.tracked.withoutPlaces)
        return own == other
    }
}

extension ScriptingConfiguration {
    /// The same but for where everything stands in the file.
    package func isEquivalent(to other: ScriptingConfiguration) -> Bool { withoutPlaces == other.withoutPlaces }

    /// Without where everything stands in the file.
    var withoutPlaces: ScriptingConfiguration {
        var copy = self
        for index in checks.indices { copy.checks[index].location = .nowhere }
        for index in files.indices { copy.files[index].location = .nowhere }
        for index in processes.indices { copy.processes[index].location = .nowhere }
        for index in pipes.indices {
            copy.pipes[index].location = .nowhere
            copy.pipes[index].script?.location = .nowhere
        }
        copy.startup?.script.location = .nowhere
        copy.shutdown?.script.location = .nowhere
        for index in subjects.indices {
            copy.subjects[index].location = .nowhere
            copy.subjects[index].trackers = subjects[index].trackers.withoutPlaces
            copy.subjects[index].notifications = subjects[index].notifications.mapValues { script in
                var script = script
                script.location = .nowhere
                return script
            }
        }
        return copy
    }
}

extension [TrackLine] {
    fileprivate var withoutPlaces: [TrackLine] { map { $0.at(.nowhere) } }
}
