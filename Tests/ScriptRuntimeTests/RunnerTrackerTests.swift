import Foundation
import Scripts
import Testing

@Suite(
    "The runner's track files and processes", .serialized, .enabled(if: geteuid() == 0, "only root can become others"))
struct RunnerTrackerTests {
    private func file(_ host: RunnerHost, _ value: Int64, _ fault: TrackFileValue.Fault?) throws {
        try host.wait { report in
            if case .file(_, 0, let file) = report, file.value == value, file.fault == fault { () } else { nil }
        }
    }

    @Test("A track file is told as it changes: written, replaced, emptied, removed, behind a link, in a new folder")
    func files() throws {
        let host = try RunnerHost(
            """
            vrrp_track_file f {
              file FOLDER/in/f
            }
            vrrp_instance VI {
              track_file {
                f weight 1
              }
            }
            """)
        try host.start()
        _ = try host.activate()
        try file(host, 0, .missing)
        #expect(unsafe mkdir(host.folder + "/in", 0o755) == 0)
        try host.write("in/f", "5\n")
        try file(host, 5, nil)
        try host.write("in/f", "x\n")
        try file(host, 0, .noNumber)
        try host.write("other", "-7\n")
        #expect(unsafe unlink(host.folder + "/in/f") == 0)
        try file(host, 0, .missing)
        #expect(unsafe symlink(host.folder + "/other", host.folder + "/in/f") == 0)
        try file(host, -7, nil)
        // In another folder: nobody tells, and it is looked at.
        try host.write("other", "8\n")
        try file(host, 8, nil)
        try FileManager.default.removeItem(atPath: host.folder + "/in")
        try file(host, 0, .missing)
    }

    @Test("init_file is written at the start, and not over what is there unless it says so")
    func initial() throws {
        let host = try RunnerHost(
            """
            vrrp_track_file new {
              file FOLDER/new
              init_file 3
            }
            vrrp_track_file old {
              file FOLDER/old
              init_file 3
            }
            vrrp_track_file over {
              file FOLDER/over
              init_file 3 overwrite
            }
            vrrp_track_file link {
              file FOLDER/link
              init_file 3 overwrite
            }
            vrrp_instance VI {
              track_file {
                new weight 1
                old weight 1
                over weight 1
                link weight 1
              }
            }
            """)
        try host.write("old", "4\n")
        try host.write("over", "4\n")
        try host.write("secret", "4\n")
        #expect(unsafe symlink(host.folder + "/secret", host.folder + "/link") == 0)
        try host.start()
        let plan = try host.activate(isStart: true)
        #expect(["new", "old", "over", "secret"].map(host.text) == ["3\n", "4\n", "3\n", "4\n"])
        // Somebody writes them, and the runner begins anew: they stay.
        try host.write("over", "5\n")
        #expect(unsafe unlink(host.folder + "/new") == 0)
        #expect(host.stop(SIGKILL) != 0)
        let next = try RunnerHost(
            "",
            arguments: [
                "--config", host.folder + "/conf", "--state", host.folder + "/state",
                "--environment", host.folder + "/environment",
            ])
        try next.start()
        #expect(try next.activate(plan) == .active(plan))
        #expect(host.text("over") == "5\n" && host.text("new") == "")
        // An agent that begins finds a runner that has lived on with the same plan.
        next.send(.activate(plan, isStart: true))
        #expect(try next.activate(plan) == .active(plan))
        #expect(host.text("over") == "3\n" && host.text("new") == "3\n")
    }

    @Test("A file that somebody has open for writing is not read before it is closed")
    func beingWritten() throws {
        let host = try RunnerHost(
            "track_file f {\n file FOLDER/f\n}\nvrrp_instance VI {\n track_file {\n f weight 1\n}\n}\n")
        try host.write("f", "5\n")
        try host.start()
        _ = try host.activate()
        try file(host, 5, nil)
        let number = unsafe open(host.folder + "/f", O_WRONLY | O_TRUNC)
        #expect(number >= 0)
        // Two looks and more.
        Thread.sleep(forTimeInterval: 3.5)
        #expect(unsafe write(number, "6\n", 2) == 2)
        close(number)
        // The next thing that is told of it: nothing was in between.
        let next = try host.wait { if case .file(_, 0, let report) = $0 { report.value } else { nil } }
        #expect(next == 6)
    }

    @Test("Processes are counted as they come and go")
    func processes() throws {
        let host = try RunnerHost(
            """
            vrrp_track_process p {
              process FOLDER/tracked
              full_command
              quorum 2
            }
            vrrp_instance VI {
              track_process {
                p
              }
            }
            """)
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: host.folder + "/tracked")
        try host.start()
        _ = try host.activate()
        func count(_ count: UInt32, isMet: Bool) throws {
            try host.wait { report in
                if case .process(_, 0, let process) = report, process.count == count, process.isMet == isMet {
                    ()
                } else {
                    nil
                }
            }
        }
        try count(0, isMet: false)
        let processes = try (0..<2).map { _ in
            let process = Process()
            process.executableURL = URL(filePath: host.folder + "/tracked")
            process.arguments = ["1000"]
            try process.run()
            return process
        }
        // They may have inherited a mask that blocks SIGTERM.
        defer { processes.filter(\.isRunning).forEach { kill($0.processIdentifier, SIGKILL) } }
        try count(2, isMet: true)
        kill(processes[0].processIdentifier, SIGKILL)
        processes[0].waitUntilExit()
        try count(1, isMet: false)
    }
}
