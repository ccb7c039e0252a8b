import Configuration
import Scripts
import VRRP

/// A `vrrp_track_process`, and how many run.
struct TrackedProcess {
    /// In the plan.
    let place: UInt32
    let configuration: TrackProcessConfiguration
    var quorum: ProcessQuorum
}

/// Track files and processes.
extension Runner {
    /// So often they are looked at where nobody tells.
    private static let lookPause = Duration.seconds(1)

    func useTrackers(of plan: ScriptPlan, at now: Instant) {
        let (oldFiles, oldProcesses) = (trackFiles, processes)
        trackFiles = []
        processes = []
        for (place, object) in plan.objects.enumerated() where plan.isTracked(object) {
            switch object {
            case .file(let index):
                let configuration = plan.configuration.files[index]
                let earlier = oldFiles.first { $0.path == configuration.path }
                trackFiles.append(TrackedFile(configuration, place: UInt32(place), earlier: earlier))
            case .process(let index):
                processes.append(
                    TrackedProcess(
                        place: UInt32(place), configuration: plan.configuration.processes[index],
                        quorum: ProcessQuorum(plan.configuration.processes[index], count: 0)))
            case .check, .subject: break
            }
        }
        if trackFiles.isEmpty {
            folderWatch = nil
        } else if folderWatch == nil {
            do {
                folderWatch = try FolderWatch(in: loop) { [unowned self] in
                    readChangedFiles()
                    pass()
                }
            } catch {
                log.write(.warning, "\(error): track files are looked at each second")
            }
        }
        watchFolders()
        for index in trackFiles.indices { _ = trackFiles[index].readAgain() }
        useProcesses(old: oldProcesses, at: now)
        nextLook = trackFiles.isEmpty && processes.isEmpty ? nil : now + Self.lookPause
    }

    private func watchFolders() {
        folderWatch?.watch(Set(trackFiles.map { Self.folder(of: $0.path) }))
    }

    private static func folder(of path: String) -> String {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        return folder.isEmpty ? "/" : String(folder)
    }

    private func readChangedFiles() {
        let changed = folderWatch?.takeChanges()
        for index in trackFiles.indices where changed?.contains(trackFiles[index].path) ?? true {
            note(trackFiles[index].readAgain(), index)
        }
    }

    private func note(_ isNew: Bool, _ index: Int) {
        guard isNew else { return }
        port?.note(trackFiles[index].place, isUrgent: true)
    }

    func writeInitialFiles(of plan: ScriptPlan?, at now: Instant) {
        // As often as calls of an object: whoever controls the agent may say more often that it begins.
        guard initialWrites.opens(after: now) == nil else { return }
        initialWrites.noteStart(at: now)
        for file in plan?.configuration.files ?? [] {
            guard let initial = file.initial else { continue }
            do {
                try TrackedFile.write(initial, to: file.path)
            } catch {
                log.write(.warning, "\(error)")
            }
        }
        // Before anything is told of them.
        for index in trackFiles.indices { note(trackFiles[index].readAgain(), index) }
    }

    func advanceTrackers(at now: Instant) {
        for index in processes.indices where processes[index].quorum.expire(at: now) {
            port?.note(processes[index].place, isUrgent: true)
        }
        guard let due = nextLook, due <= now else { return }
        nextLook = now + Self.lookPause
        watchFolders()
        for index in trackFiles.indices { note(trackFiles[index].look(), index) }
        if let processWatch, processWatch.look(at: now.sinceBoot) { countProcesses(at: now) }
    }

    // MARK: - Processes

    private func useProcesses(old: [TrackedProcess], at now: Instant) {
        guard !processes.isEmpty else {
            processWatch = nil
            return
        }
        let patterns = processes.map { ProcessPattern($0.configuration) }
        if let processWatch {
            processWatch.change(to: patterns)
        } else {
            let watch = ProcessWatch(patterns, in: loop) { [unowned self] in
                // Most of what happens on a host is none of its business.
                guard processWatch?.readEvents() == true else { return }
                countProcesses(at: self.now)
                pass()
            }
            if let problem = watch.problem {
                log.write(.notice, "\(problem): processes are looked for each second")
            }
            processWatch = watch
        }
        let counts = processWatch?.counts ?? []
        for index in processes.indices {
            let process = processes[index]
            // By its name: what counts stays over a reload.
            if let earlier = old.first(where: { $0.configuration.name == process.configuration.name }) {
                processes[index].quorum = earlier.quorum
                _ = processes[index].quorum.change(to: process.configuration, at: now)
                _ = processes[index].quorum.change(count: counts[index], at: now)
            } else {
                processes[index].quorum = ProcessQuorum(process.configuration, count: counts[index])
            }
        }
    }

    private func countProcesses(at now: Instant) {
        guard let counts = processWatch?.counts, counts.count == processes.count else { return }
        for index in processes.indices where counts[index] != processes[index].quorum.count {
            let isNew = processes[index].quorum.change(count: counts[index], at: now)
            port?.note(processes[index].place, isUrgent: isNew)
        }
    }
}
