package import Configuration

/// What the files name that is to be run, watched or told, each at a place that both programs count alike. The agent says places and
/// never what stands there.
package struct ScriptPlan: Hashable, Sendable {
    /// What stands at a place.
    package enum Object: Hashable, Sendable {
        /// `configuration.checks`
        case check(Int)
        /// `configuration.files`
        case file(Int)
        /// `configuration.processes`
        case process(Int)
        /// `configuration.subjects`
        case subject(Int)
    }

    package let digest: SHA256.Digest
    package let configuration: ScriptingConfiguration
    /// The checks first, then the files, the processes, and the instances and groups, each in the order of the files.
    package let objects: [Object]
    /// Those that something tracks: only they are run, read or watched.
    private let tracked: Set<TrackerName>
    /// Where each instance and group stands.
    private let places: [NotificationDesk.Key: UInt32]

    package init(_ configuration: ScriptingConfiguration, digest: SHA256.Digest) {
        self.digest = digest
        self.configuration = configuration
        objects =
            configuration.checks.indices.map(Object.check) + configuration.files.indices.map(Object.file)
            + configuration.processes.indices.map(Object.process) + configuration.subjects.indices.map(Object.subject)
        tracked = Set(configuration.subjects.flatMap(\.trackers).map(\.tracker))
        let first = objects.count - configuration.subjects.count
        places = Dictionary(
            configuration.subjects.enumerated().map {
                (NotificationDesk.Key(subject: $1), UInt32(clamping: first + $0))
            }, uniquingKeysWith: { earlier, _ in earlier })
    }

    /// - Returns: `nil` for a place beyond the last one.
    package func object(at place: UInt32) -> Object? {
        let index = Int(place)
        return objects.indices.contains(index) ? objects[index] : nil
    }

    /// The instance or group at a place; `nil` where something else stands, or nothing.
    package func subject(at place: UInt32) -> ScriptSubject? {
        guard case .subject(let index)? = object(at: place) else { return nil }
        return configuration.subjects[index]
    }

    /// The instances and groups.
    package var subjectKeys: Set<NotificationDesk.Key> { Set(places.keys) }

    /// Where an instance or group stands; `nil` where the files name none of that kind and name.
    package func place(of key: NotificationDesk.Key) -> UInt32? { places[key] }

    package func subject(_ key: NotificationDesk.Key) -> ScriptSubject? { places[key].flatMap { subject(at: $0) } }

    /// Every check, file and process that something tracks, by its name.
    package var trackerNames: [TrackerName] {
        objects.filter { isTracked($0) }.compactMap { object in
            switch object {
            case .check(let index): TrackerName(.script, configuration.checks[index].name)
            case .file(let index): TrackerName(.file, configuration.files[index].name)
            case .process(let index): TrackerName(.process, configuration.processes[index].name)
            case .subject: nil
            }
        }
    }

    /// Where an object stands.
    package func place(of object: Object) -> UInt32? {
        let start =
            switch object {
            case .check: 0
            case .file: configuration.checks.count
            case .process: configuration.checks.count + configuration.files.count
            case .subject: configuration.checks.count + configuration.files.count + configuration.processes.count
            }
        let place =
            switch object {
            case .check(let index), .file(let index), .process(let index), .subject(let index): start + index
            }
        return objects.indices.contains(place) && objects[place] == object ? UInt32(exactly: place) : nil
    }

    /// Whether something tracks it.
    package func isTracked(_ object: Object) -> Bool {
        switch object {
        case .check(let index): tracked.contains(TrackerName(.script, configuration.checks[index].name))
        case .file(let index): tracked.contains(TrackerName(.file, configuration.files[index].name))
        case .process(let index): tracked.contains(TrackerName(.process, configuration.processes[index].name))
        case .subject: true
        }
    }
}
