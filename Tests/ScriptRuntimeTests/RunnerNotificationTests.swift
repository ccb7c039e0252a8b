import Foundation
import Scripts
import Testing

@Suite("The runner's notifications", .serialized, .enabled(if: geteuid() == 0, "only root can become others"))
struct RunnerNotificationTests {
    private static let configuration = """
        global_defs {
          script_user root
          notify_fifo FOLDER/fifo
          startup_script "/bin/sh -c 'echo up >>FOLDER/said; exit 4'"
          shutdown_script "/bin/sh -c 'echo down >>FOLDER/said'"
        }
        vrrp_instance VI {
          notify_master "/bin/sh -c 'echo master >>FOLDER/said; sleep 0.3'"
          notify FOLDER/notify
        }
        """
    private static let script = "#!/bin/sh\necho \"$@\" >>FOLDER/said\n"

    private func host() throws -> RunnerHost {
        let host = try RunnerHost(Self.configuration)
        try host.write("notify", Self.script, mode: 0o755)
        try host.start()
        return host
    }

    private func end(of sequence: UInt64, _ host: RunnerHost) throws -> RunnerReport.NotificationReport {
        try host.wait { report in
            if case .notification(_, 0, let report) = report, report.sequence == sequence { report } else { nil }
        }
    }

    @Test("Calls of one object come in order; what waits is replaced by what is newer; the FIFO has all of it")
    func order() throws {
        let host = try host()
        let plan = try host.activate()
        let fifo = unsafe open(host.folder + "/fifo", O_RDONLY | O_NONBLOCK)
        defer { close(fifo) }
        let events: [(NotifyState, UInt8)] = [(.master, 100), (.backup, 90), (.fault, 80)]
        for (index, event) in events.enumerated() {
            host.send(
                .notify(plan: plan, object: 0, .init(event.0, priority: event.1, sequence: UInt64(index + 1))))
        }
        #expect(try end(of: 2, host).progress == .replaced)
        #expect(try end(of: 3, host).progress == .exited)
        #expect(host.text("said") == "master\nINSTANCE VI MASTER 100\nINSTANCE VI FAULT 80\n")
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = unsafe read(fifo, &bytes, bytes.count)
        #expect(
            String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
                == "INSTANCE \"VI\" MASTER 100\nINSTANCE \"VI\" BACKUP 90\nINSTANCE \"VI\" FAULT 80\n")
    }

    @Test("An event that is said again after a new connection is not told twice")
    func again() throws {
        let host = try host()
        let plan = try host.activate()
        let event = RunnerOrder.notify(plan: plan, object: 0, .init(.fault, priority: 0, sequence: 7))
        host.send(event)
        #expect(try end(of: 7, host).progress == .exited)
        // Another priority meanwhile is another event, and no other state.
        host.send(.notify(plan: plan, object: 0, .init(.backupPriority, priority: 90, sequence: 9)))
        try host.connect()
        #expect(try host.activate(plan) == .active(plan))
        host.send(event)
        host.send(.notify(plan: plan, object: 0, .init(.backup, priority: 1, sequence: 8)))
        #expect(try end(of: 8, host).progress == .exited)
        #expect(host.text("said") == "INSTANCE VI FAULT 0\nINSTANCE VI BACKUP 1\n")
    }

    @Test("What a notify script has left running may go on to write, and is not ended by that")
    func left() throws {
        let host = try RunnerHost(
            """
            vrrp_instance VI {
              notify_master FOLDER/leaves root
            }
            """)
        try host.write(
            "leaves", "#!/bin/sh\n( sleep 1; echo first; sleep 0.2; echo second; echo done >>FOLDER/said ) &\n",
            mode: 0o755)
        try host.start()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 1)))
        #expect(try end(of: 1, host).progress == .exited)
        #expect(host.wait { host.text("said") == "done\n" })
    }

    @Test("What happened to an instance that a reload has taken out is told, too")
    func takenOut() throws {
        let host = try RunnerHost("vrrp_instance VI {\nnotify_deleted \"/bin/true\" root\n}\n")
        try host.start()
        let plan = try host.activate()
        try host.write("conf", "vrrp_instance OTHER {\n}\n")
        let next = try host.activate()
        #expect(next != plan)
        host.send(.notify(plan: plan, object: 0, .init(.deleted, priority: 1, sequence: 1)))
        let report = try host.wait {
            if case .notification(plan, 0, let report) = $0 { report } else { nil }
        }
        #expect(report.progress == .exited)
    }

    @Test("Hooks run at the agent's word, shutdown_script behind the notify scripts, and their end is told")
    func hooks() throws {
        let host = try host()
        let plan = try host.activate()
        host.send(.hook(plan: plan, .startup))
        let startup = try host.wait { if case .hook(plan, .startup, let report) = $0 { report } else { nil } }
        #expect(startup.progress == .exited && startup.code == 4)
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 1)))
        host.send(.hook(plan: plan, .shutdown))
        let shutdown = try host.wait { if case .hook(plan, .shutdown, let report) = $0 { report } else { nil } }
        #expect(shutdown.progress == .exited && shutdown.code == 0)
        #expect(host.text("said") == "up\nmaster\nINSTANCE VI MASTER 1\ndown\n")
    }

    @Test("Told to stop, it takes what has come, lets scripts come to their end, and removes the FIFO that it made")
    func stop() throws {
        let host = try host()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 1)))
        host.send(.notify(plan: plan, object: 0, .init(.stop, priority: 1, sequence: 2)))
        #expect(host.stop() == 0)
        #expect(host.text("said") == "master\nINSTANCE VI MASTER 1\nINSTANCE VI STOP 1\n")
        #expect(!FileManager.default.fileExists(atPath: host.folder + "/fifo"))
    }

    @Test("The twenty-first event within a minute waits, which is told to the agent and in the journal, with how long")
    func delayed() throws {
        let host = try RunnerHost("vrrp_instance VI {\n notify \"/bin/true\" root\n}\n")
        try host.start()
        let plan = try host.activate()
        for sequence in 1...20 as ClosedRange<UInt64> {
            host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 1, sequence: sequence)))
            #expect(try end(of: sequence, host).progress == .exited)
        }
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 21)))
        let report = try end(of: 21, host)
        #expect(report.progress == .delayed && (1...60_000).contains(report.duration))
        #expect(host.wait { host.journal.contains("VI: 20 events within a minute: the scripts for") })
        #expect(host.stop(SIGKILL) != 0)
    }

    @Test("Where something else stands in a FIFO's place, what is lost is told with that reason")
    func noFIFO() throws {
        let host = try RunnerHost("global_defs {\nnotify_fifo FOLDER/fifo root\n}\nvrrp_instance VI {\n}\n")
        try host.write("fifo", "")
        try host.start()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 100, sequence: 1)))
        #expect(
            host.wait { host.journal.contains("a line is lost: \(host.folder)/fifo is no FIFO") }, "\(host.journal)")
        #expect(host.text("fifo").isEmpty)
    }

    @Test("Told to stop, checks go on for as long as a notify script keeps it")
    func checksWhileStopping() throws {
        let host = try RunnerHost(
            """
            vrrp_script c {
              script "/usr/bin/test ! -e FOLDER/fails"
              interval 1
              user root
            }
            vrrp_instance VI {
              track_script {
                c
              }
              notify_master "/bin/sh -c 'while [ ! -e FOLDER/go ]; do sleep 0.1; done'" root
            }
            """)
        try host.start()
        let plan = try host.activate()
        _ = try host.check(0) { $0.verdict == .up }
        host.send(.notify(plan: plan, object: 1, .init(.master, priority: 1, sequence: 1)))
        #expect(try host.activate(plan) == .active(plan))
        kill(host.identifier, SIGTERM)
        try host.write("fails", "")
        _ = try host.check(0) { $0.verdict == .down }
        #expect(try host.activate(RunnerHost.nothing) == .noPlan(.ending))
        try host.write("go", "")
        #expect(host.stop() == 0)
    }

    @Test(
        "A script that does not end is ended at its notify_timeout, with all that it has started, and the next one runs"
    )
    func timeout() throws {
        let host = try RunnerHost(
            """
            vrrp_instance VI {
              notify_timeout 1
              notify_master "/bin/sh -c 'trap : TERM; sleep 5678901 & while true; do wait; done'" root
              notify_fault "/bin/sh -c 'echo fault >>FOLDER/said'" root
            }
            """)
        try host.start()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 1)))
        host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 1, sequence: 2)))
        #expect(try end(of: 1, host).progress == .cutOff)
        #expect(try end(of: 2, host).progress == .exited)
        #expect(host.wait { !RunnerCheckTests.isRunning("sleep\u{0}5678901") })
        #expect(host.text("said") == "fault\n")
    }

    @Test("A notify script that can't be run is told, with the reason")
    func notStarted() throws {
        let host = try RunnerHost(
            """
            vrrp_instance VI {
              notify_master /no/such/program root
              notify_fault /bin/true no_such_user
            }
            """)
        try host.start()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.master, priority: 1, sequence: 1)))
        let missing = try end(of: 1, host)
        #expect(missing.progress == .notStarted && Int32(missing.code) == ENOENT)
        host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 1, sequence: 2)))
        let stranger = try end(of: 2, host)
        #expect(stranger.progress == .notStarted && stranger.output.description.contains("no_such_user"))
    }

    @Test(
        "What an agent has said before its end is done, however much it is, also where nobody takes the reports any more"
    )
    func lastWords() throws {
        let host = try RunnerHost(
            """
            global_defs {
              notify_fifo FOLDER/fifo root
            }
            vrrp_script busy {
              script /bin/true
              interval 0.01
              user root
            }
            vrrp_instance VI {
              track_script {
                busy
              }
            }
            """)
        try host.start()
        let plan = try host.activate()
        let fifo = unsafe open(host.folder + "/fifo", O_RDONLY | O_NONBLOCK)
        defer { close(fifo) }
        kill(host.identifier, SIGSTOP)
        for sequence in 1...150 {
            let state = sequence % 2 == 0 ? NotifyState.master : .backup
            host.send(.notify(plan: plan, object: 1, .init(state, priority: 1, sequence: UInt64(sequence))))
        }
        host.disconnect()
        kill(host.identifier, SIGCONT)
        var text = ""
        #expect(
            host.wait {
                var bytes = [UInt8](repeating: 0, count: 65_536)
                let count = unsafe read(fifo, &bytes, bytes.count)
                text += String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
                return text.split(separator: "\n").count == 150
            }, "\(text.split(separator: "\n").count) lines")
    }

    @Test("A FIFO that nobody reads loses lines when it is full, which is told, and keeps nobody waiting")
    func full() throws {
        let host = try RunnerHost("global_defs {\nnotify_fifo FOLDER/fifo root\n}\nvrrp_instance VI {\n}\n")
        try host.start()
        let plan = try host.activate()
        for sequence in 1...4000 as ClosedRange<UInt64> {
            host.send(.notify(plan: plan, object: 0, .init(.fault, priority: 100, sequence: sequence)))
        }
        #expect(try host.activate(plan) == .active(plan))
        #expect(host.wait { host.journal.contains("lines are lost") })
        let fifo = unsafe open(host.folder + "/fifo", O_RDONLY | O_NONBLOCK)
        defer { close(fifo) }
        var bytes = [UInt8](repeating: 0, count: 200_000)
        let count = unsafe read(fifo, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        #expect(text.hasSuffix("\n") && text.count > 50_000, "each line is whole")
        #expect(Set(text.split(separator: "\n")) == ["INSTANCE \"VI\" FAULT 100"])
        host.send(.notify(plan: plan, object: 0, .init(.backup, priority: 1, sequence: 5000)))
        #expect(try host.activate(plan) == .active(plan))
        let rest = unsafe read(fifo, &bytes, bytes.count)
        #expect(String(decoding: bytes.prefix(max(rest, 0)), as: UTF8.self) == "INSTANCE \"VI\" BACKUP 1\n")
    }

    @Test("A FIFO that somebody makes anew, or removes, is opened anew before the next line")
    func replaced() throws {
        let host = try RunnerHost("global_defs {\nnotify_fifo FOLDER/fifo root\n}\nvrrp_instance VI {\n}\n")
        try host.start()
        let plan = try host.activate()
        let path = host.folder + "/fifo"
        func content() -> String {
            let fifo = unsafe open(path, O_RDONLY | O_NONBLOCK)
            defer { close(fifo) }
            var bytes = [UInt8](repeating: 0, count: 1000)
            let count = unsafe read(fifo, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
        func tell(_ state: NotifyState, _ sequence: UInt64) throws {
            host.send(.notify(plan: plan, object: 0, .init(state, priority: 100, sequence: sequence)))
            #expect(try host.activate(plan) == .active(plan))
        }
        try tell(.backup, 1)
        #expect(content() == "INSTANCE \"VI\" BACKUP 100\n")
        unsafe unlink(path)
        unsafe mkfifo(path, 0o600)
        try tell(.master, 2)
        #expect(content() == "INSTANCE \"VI\" MASTER 100\n")
        unsafe unlink(path)
        try tell(.fault, 3)
        #expect(content() == "INSTANCE \"VI\" FAULT 100\n")
    }

    @Test("A FIFO that is there is used, and left alone; its script gets its path, and ends behind the last line")
    func reader() throws {
        let host = try RunnerHost(
            """
            global_defs {
              script_user root
              notify_fifo FOLDER/fifo
              notify_fifo_script FOLDER/reader
            }
            vrrp_instance VI {
            }
            """)
        try host.write("reader", "#!/bin/sh\nexec cat \"$1\" >FOLDER/read\n", mode: 0o755)
        #expect(unsafe mkfifo(host.folder + "/fifo", 0o600) == 0)
        try host.start()
        let plan = try host.activate()
        host.send(.notify(plan: plan, object: 0, .init(.stop, priority: 5, sequence: 1)))
        #expect(host.wait { host.text("read") == "INSTANCE \"VI\" STOP 5\n" })
        #expect(host.stop() == 0)
        #expect(FileManager.default.fileExists(atPath: host.folder + "/fifo"))
    }

    @Test("A script that makes its FIFO anew gets every line: it is not ended for that")
    func remadeByReader() throws {
        let host = try RunnerHost(
            """
            global_defs {
              script_user root
              notify_fifo FOLDER/fifo
              notify_fifo_script FOLDER/reader
            }
            vrrp_instance VI {
            }
            """)
        let text = "#!/bin/sh\nrm -f \"$1\"; mkfifo \"$1\"; echo >FOLDER/made; exec cat \"$1\" >>FOLDER/read\n"
        try host.write("reader", text.replacing("FOLDER", with: host.folder), mode: 0o755)
        try host.start()
        let plan = try host.activate()
        #expect(host.wait { host.text("made") == "\n" })
        for (state, sequence) in [(NotifyState.backup, 1), (.master, 2), (.fault, 3)] as [(NotifyState, UInt64)] {
            host.send(.notify(plan: plan, object: 0, .init(state, priority: 5, sequence: sequence)))
        }
        #expect(
            host.wait {
                host.text("read") == "INSTANCE \"VI\" BACKUP 5\nINSTANCE \"VI\" MASTER 5\nINSTANCE \"VI\" FAULT 5\n"
            })
        #expect(!host.journal.contains("has ended"))
        #expect(host.stop() == 0)
    }
}
