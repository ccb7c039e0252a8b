import Configuration
import Scripts
import Testing
import VRRP

@Suite("Notify scripts and the FIFO, to the letter of keepalived")
struct NotifyCallTests {
    private func calls(_ state: NotifyState, about subject: ScriptSubject, priority: UInt8 = 100) -> [[String]] {
        NotifyCall.all(for: NotifyEvent(state, priority: priority, sequence: 1), about: subject).map(\.arguments.words)
    }

    private func line(_ state: NotifyState, about subject: ScriptSubject, priority: UInt8 = 100) -> String? {
        NotifyCall.line(for: NotifyEvent(state, priority: priority, sequence: 1), about: subject).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("First the script of the state, with its own arguments; then notify, with four more")
    func instances() throws {
        let subject = try instance([.master: "/m up", .backup: "/b", .fault: "/f", .stop: "/s", .anyChange: "/n -v"])
        #expect(calls(.master, about: subject) == [["/m", "up"], ["/n", "-v", "INSTANCE", "VI_1", "MASTER", "100"]])
        #expect(calls(.backup, about: subject)[0] == ["/b"])
        #expect(calls(.fault, about: subject, priority: 90)[1] == ["/n", "-v", "INSTANCE", "VI_1", "FAULT", "90"])
        #expect(calls(.stop, about: subject) == [["/s"], ["/n", "-v", "INSTANCE", "VI_1", "STOP", "100"]])
        #expect(line(.master, about: subject) == "INSTANCE \"VI_1\" MASTER 100\n")
    }

    @Test("A group is told with priority 0, and of its state alone")
    func groups() throws {
        var subject = try instance(named: "G 1", [.master: "/m", .anyChange: "/n"])
        subject.kind = .group
        subject.tellsPriorities = true
        #expect(calls(.master, about: subject) == [["/m"], ["/n", "GROUP", "G 1", "MASTER", "0"]])
        #expect(line(.fault, about: subject) == "GROUP \"G 1\" FAULT 0\n")
        for state in [NotifyState.deleted, .masterHearsLowerPriority, .masterPriority, .backupPriority] {
            #expect(calls(state, about: subject).isEmpty && line(state, about: subject) == nil)
        }
    }

    @Test("An instance that a reload takes out is told as FAULT, without notify_fault; with notify_deleted as DELETED")
    func deleted() throws {
        var subject = try instance([.fault: "/f", .deleted: "/d", .anyChange: "/n"])
        #expect(calls(.deleted, about: subject) == [["/n", "INSTANCE", "VI_1", "FAULT", "100"]])
        #expect(line(.deleted, about: subject) == "INSTANCE \"VI_1\" FAULT 100\n")
        subject.saysDeleted = true
        #expect(calls(.deleted, about: subject) == [["/d"], ["/n", "INSTANCE", "VI_1", "DELETED", "100"]])
        #expect(line(.deleted, about: subject) == "INSTANCE \"VI_1\" DELETED 100\n")
    }

    @Test("A lower master that was heard has a script of its own, which gets no more arguments")
    func lowerPriority() throws {
        let subject = try instance([.masterHearsLowerPriority: "/l", .anyChange: "/n"])
        #expect(calls(.masterHearsLowerPriority, about: subject) == [["/l"]])
        #expect(line(.masterHearsLowerPriority, about: subject) == "INSTANCE \"VI_1\" MASTER_RX_LOWER_PRI 100\n")
    }

    @Test("Other priorities go to the FIFO alone, with notify_priority_changes")
    func priorities() throws {
        var subject = try instance([.anyChange: "/n"])
        #expect(line(.masterPriority, about: subject) == nil)
        subject.tellsPriorities = true
        #expect(line(.masterPriority, about: subject, priority: 90) == "INSTANCE \"VI_1\" MASTER_PRIORITY 90\n")
        #expect(line(.backupPriority, about: subject, priority: 90) == "INSTANCE \"VI_1\" BACKUP_PRIORITY 90\n")
        #expect(calls(.masterPriority, about: subject).isEmpty)
    }

    @Test("A shell that reads a script's text gets the four words as its own arguments")
    func shell() throws {
        let subject = try instance([.anyChange: "</dev/null"])
        #expect(
            calls(.backup, about: subject) == [["/bin/sh", "-c", "</dev/null", "INSTANCE", "VI_1", "BACKUP", "100"]])
    }
}

@Suite("Calls of notify scripts: in order, one at a time")
struct NotificationDeskTests {
    private typealias Key = NotificationDesk.Key
    private let key = Key(kind: .instance, name: "VI_1")

    private func event(_ state: NotifyState, _ sequence: UInt64 = 0) -> NotifyEvent {
        NotifyEvent(state, priority: 100, sequence: sequence)
    }

    /// The numbers and programs of the runs that are to begin.
    private func starts(_ orders: [NotificationDesk.Order]) -> [String] {
        orders.compactMap { order in
            guard case .start(let run, _, let call) = order else { return nil }
            return "\(run) \(call.arguments.words.joined(separator: " "))"
        }
    }

    private func end(
        _ desk: inout NotificationDesk, _ run: UInt64, _ end: RunEnd = .exited(0), at now: Instant
    ) -> [NotificationDesk.Order] {
        desk.ended(run: run, end, output: OutputExcerpt(), at: now)?.orders ?? []
    }

    @Test("The two calls for one event come one after the other")
    func inOrder() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m", .anyChange: "/n"])
        #expect(starts(desk.accept(event(.master), about: subject, at: at(0))) == ["1 /m"])
        #expect(starts(end(&desk, 1, at: at(1))) == ["2 /n INSTANCE VI_1 MASTER 100"])
        #expect(end(&desk, 2, at: at(2)).isEmpty && desk.runningCount == 0)
    }

    @Test("While a call runs only the newest state waits; those that it replaces are told")
    func newest() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m", .backup: "/b", .fault: "/f"])
        _ = desk.accept(event(.master, 1), about: subject, at: at(0))
        #expect(desk.accept(event(.backup, 2), about: subject, at: at(0)).isEmpty == true)
        let orders = desk.accept(event(.fault, 3), about: subject, at: at(0))
        #expect(orders == [.tellReplaced(key, event(.backup, 2), by: event(.fault, 3))])
        #expect(starts(end(&desk, 1, at: at(1))) == ["2 /f"])
        #expect(end(&desk, 2, at: at(2)).isEmpty)
        #expect(desk.queue(key)?.replaced == 1)
    }

    @Test("An event that has begun gets all its calls, before a newer one")
    func whole() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m", .backup: "/b", .anyChange: "/n"])
        _ = desk.accept(event(.master), about: subject, at: at(0))
        _ = desk.accept(event(.backup), about: subject, at: at(0))
        #expect(starts(end(&desk, 1, at: at(1))) == ["2 /n INSTANCE VI_1 MASTER 100"])
        #expect(starts(end(&desk, 2, at: at(1))) == ["3 /b"])
    }

    @Test("A lower master that was heard replaces no state, and no state replaces it")
    func events() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m", .backup: "/b", .masterHearsLowerPriority: "/l"])
        _ = desk.accept(event(.master), about: subject, at: at(0))
        _ = desk.accept(event(.backup), about: subject, at: at(0))
        #expect(desk.accept(event(.masterHearsLowerPriority), about: subject, at: at(0)).isEmpty == true)
        #expect(desk.accept(event(.masterHearsLowerPriority), about: subject, at: at(0)).count == 1, "they are one")
        #expect(starts(end(&desk, 1, at: at(1))) == ["2 /b"])
        #expect(starts(end(&desk, 2, at: at(1))) == ["3 /l"])
    }

    @Test("Objects do not wait for each other")
    func objects() throws {
        var desk = NotificationDesk()
        _ = desk.accept(event(.master), about: try instance(named: "a", [.master: "/m"]), at: at(0))
        #expect(
            starts(desk.accept(event(.master), about: try instance(named: "b", [.master: "/m"]), at: at(0))) == ["2 /m"]
        )
    }

    @Test("An object without scripts has no calls")
    func nothing() throws {
        var desk = NotificationDesk()
        #expect(desk.accept(event(.master), about: try instance([.backup: "/b"]), at: at(0)).isEmpty == true)
        #expect(desk.queue(key) == nil)
    }

    // MARK: - Hanging

    @Test("A call that runs for 30 s is told, once, and goes on")
    func hanging() throws {
        var desk = NotificationDesk()
        _ = desk.accept(event(.master), about: try instance([.master: "/m"]), at: at(0))
        #expect(desk.deadline(after: at(0)) == at(30))
        #expect(desk.advance(to: at(29.9)).isEmpty == true)
        #expect(desk.advance(to: at(30)) == [.tellHanging(run: 1, key)])
        #expect(desk.deadline(after: at(30)) == nil)
        #expect(desk.advance(to: at(1000)).isEmpty == true)
    }

    @Test("With notify_timeout it is asked to end, and two seconds later it is ended")
    func timeout() throws {
        var desk = NotificationDesk()
        var subject = try instance([.master: "/m"])
        subject.timeout = .seconds(40)
        _ = desk.accept(event(.master), about: subject, at: at(0))
        #expect(desk.advance(to: at(30)) == [.tellHanging(run: 1, key)])
        #expect(desk.deadline(after: at(30)) == at(40))
        #expect(desk.advance(to: at(40)) == [.terminate(run: 1)])
        #expect(desk.advance(to: at(42)) == [.kill(run: 1)])
        let ended = desk.ended(run: 1, .signalled(9), output: OutputExcerpt(), at: at(42))
        #expect(ended?.call.run.wasCutOff == true)
        #expect(desk.ended(run: 1, .exited(0), output: OutputExcerpt(), at: at(42)) == nil)
    }

    // MARK: - Bounds

    @Test("No more than 16 calls run at once; who has waited longest comes first")
    func atOnce() throws {
        var desk = NotificationDesk()
        for index in 0..<16 {
            let orders = desk.accept(
                event(.master), about: try instance(named: "i\(index)", [.master: "/m"]), at: at(0))
            #expect(orders.count == 1)
        }
        let late = try instance(named: "late", [.master: "/late", .backup: "/late-backup"])
        let later = try instance(named: "later", [.master: "/later"])
        #expect(desk.accept(event(.master), about: late, at: at(1)).isEmpty == true)
        #expect(desk.accept(event(.master), about: later, at: at(2)).isEmpty == true)
        // A newer state keeps the place in the line.
        _ = desk.accept(event(.backup), about: late, at: at(3))
        #expect(starts(end(&desk, 5, at: at(4))) == ["17 /late-backup"])
        #expect(starts(end(&desk, 6, at: at(4))) == ["18 /later"])
        #expect(desk.runningCount == 16)
    }

    @Test("No more than 20 events of one object begin within a minute; that the next one waits is told once")
    func aMinute() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m"])
        for run in 1...20 {
            #expect(desk.accept(event(.master), about: subject, at: at(Double(run))).count == 1)
            _ = end(&desk, UInt64(run), at: at(Double(run) + 0.1))
        }
        #expect(
            desk.accept(event(.master, 21), about: subject, at: at(21))
                == [.tellDelayed(key, event(.master, 21), until: at(61))])
        #expect(
            desk.accept(event(.master, 22), about: subject, at: at(22))
                == [.tellReplaced(key, event(.master, 21), by: event(.master, 22))])
        #expect(desk.deadline(after: at(22)) == at(61))
        #expect(desk.advance(to: at(60.9)).isEmpty == true)
        #expect(starts(desk.advance(to: at(61))) == ["21 /m"])
        let other = try instance(named: "other", [.master: "/m"])
        #expect(desk.accept(event(.master), about: other, at: at(61)).count == 1)
        // The next time is told again, when it comes to its turn.
        #expect(desk.accept(event(.master, 23), about: subject, at: at(61.5)).isEmpty == true)
        #expect(end(&desk, 21, at: at(61.8)) == [.tellDelayed(key, event(.master, 23), until: at(62))])
    }

    @Test("Two scripts for one state are one event of the twenty: what has begun never waits in its middle")
    func twoScripts() throws {
        var desk = NotificationDesk()
        let subject = try instance([.master: "/m", .anyChange: "/n"])
        for number in 1...20 as ClosedRange<UInt64> {
            #expect(starts(desk.accept(event(.master, number), about: subject, at: at(0))).count == 1)
            #expect(starts(end(&desk, 2 * number - 1, at: at(0))).count == 1)
            #expect(end(&desk, 2 * number, at: at(0)).isEmpty)
        }
        #expect(
            desk.accept(event(.master, 21), about: subject, at: at(1))
                == [.tellDelayed(key, event(.master, 21), until: at(60))])
    }

    @Test("An object that no plan has any more is forgotten once it has nothing to do")
    func forget() throws {
        var desk = NotificationDesk()
        _ = desk.accept(event(.master), about: try instance([.master: "/m"]), at: at(0))
        desk.forget(exceptFor: [], at: at(0))
        #expect(desk.queue(key) != nil)
        _ = end(&desk, 1, at: at(1))
        desk.forget(exceptFor: [], at: at(2))
        #expect(desk.queue(key) != nil, "its runs still count")
        desk.forget(exceptFor: [], at: at(61))
        #expect(desk.queue(key) == nil)
    }
}
