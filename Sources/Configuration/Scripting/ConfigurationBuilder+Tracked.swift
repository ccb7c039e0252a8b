/// What instances and groups track of scripts, files and processes, as far as it concerns their priority.
extension ConfigurationBuilder {
    /// A block that concerns scripts. Its name alone may come twice.
    struct SubjectKey: Hashable {
        var kind: ScriptSubject.Kind
        var name: String
        var location: SourceLocation

        init(_ subject: ScriptSubject) {
            (kind, name, location) = (subject.kind, subject.name, subject.location)
        }

        init(_ kind: ScriptSubject.Kind, _ name: String, _ location: SourceLocation) {
            (self.kind, self.name, self.location) = (kind, name, location)
        }
    }

    /// What the file says about scripts, for both programs the same.
    mutating func readScripting(_ statements: [Statement]) {
        configuration.scripting = scripting(in: statements)
        for (index, subject) in configuration.scripting.subjects.enumerated() {
            subjectPlaces[SubjectKey(subject)] = subjectPlaces[SubjectKey(subject)] ?? index
        }
    }

    /// The lines of a block's `track_script`, `track_file` and `track_process`.
    func trackers(of kind: ScriptSubject.Kind, _ name: Word) -> [TrackLine] {
        let place = subjectPlaces[SubjectKey(kind, name.text, name.location)]
        return place.map { configuration.scripting.subjects[$0].trackers } ?? []
    }

    /// The lines of an instance, once its priority is known.
    mutating func addTrackers(of name: Word, to instance: inout InstanceConfiguration) {
        for var line in trackers(of: .instance, name) {
            let word = trackerWords[line.location] ?? name
            if instance.priority == 255, line.weight != 0 {
                guard linesOfDefaultWeight.contains(line.location) else {
                    warn("the priority of an owner, 255, never changes: the line has no effect", word)
                    continue
                }
                line.weight = 0
                warn(
                    "the priority of an owner, 255, never changes: as in keepalived the weight counts as 0, and the instance takes no "
                        + "part while the number in the file is not 0", word)
            }
            instance.tracked.append(line)
            warnOfWeight(line, instance, word)
        }
    }

    /// What is not in force is told to nobody: blocks that can't be used as they are, which a migration takes out.
    mutating func forgetLostSubjects() {
        let kept = Set(
            configuration.instances.map { SubjectKey(.instance, $0.name, $0.location) }
                + configuration.groups.map { SubjectKey(.group, $0.name, $0.location) })
        configuration.scripting.subjects.removeAll { !kept.contains(SubjectKey($0)) }
    }
}
