import Foundation
import Glibc

/// One run of a story: two hosts, the daemon that is looked at on host a, and all that writes down what it does.
final class Side {
    enum Daemon: String, Sendable {
        case keepalived
        case agent
    }

    let daemon: Daemon
    let lab: Lab
    private let story: Story
    /// Unlike that of any other run; a process's name has 15 bytes.
    private let process: String
    private var program: Program?
    private var runner: Program?
    private var peer: Program?
    private var processes: [Program] = []
    private var monitors: [String: Program] = [:]
    private var capture: Program?
    private var reader: Program?

    init(_ daemon: Daemon, _ story: Story) throws {
        self.daemon = daemon
        self.story = story
        // Files of scripts count only in folders that nobody but root can write to.
        lab = try Lab("ab", interfaces: story.interfaces, under: "/run")
        process = "fp" + lab.name.split(separator: "-").dropFirst().joined(separator: "-").suffix(11)
        try prepare()
    }

    func tearDown() {
        for program in processes { program.end(SIGKILL) }
        capture?.end(SIGTERM)
        // Also scripts that hang because the story says so.
        for host in lab.hosts {
            let list = (try? Lab.run("ip", "netns", "pids", lab.namespace(host))) ?? ""
            for id in list.split(separator: "\n").compactMap({ Int32($0) }) { kill(id, SIGKILL) }
        }
        lab.tearDown()
        // A script that still ran may have written a last line.
        for _ in 0..<20 where FileManager.default.fileExists(atPath: lab.directory.path()) {
            Thread.sleep(forTimeInterval: 0.05)
            try? FileManager.default.removeItem(at: lab.directory)
        }
    }

    // MARK: - Before it begins

    private func prepare() throws {
        try install("record", Self.recorder)
        try install("check", Self.check)
        try install("whoami", Self.whoAmI)
        // Whoever a script runs as, it can write.
        try Lab.run("chmod", "755", lab.directory.path())
        _ = try lab.write("", as: "calls")
        try Lab.run("chmod", "666", path("calls"))
        try Lab.run("mkfifo", path("fifo"), path("fifo2"))
        try Lab.run("cp", "/bin/sleep", path(process))
        for action in story.before { try perform(action) }
        // A process that is to be there from the start on.
        if story.tracksProcesses, let last = processes.last {
            try lab.wait("the process has its name") {
                (try? String(contentsOfFile: "/proc/\(last.id)/comm", encoding: .utf8)) == process + "\n"
            }
        }
        for host in lab.hosts {
            monitors[host] = try lab.start(
                host, ["env", "TZ=UTC", "ip", "-ts", "-4", "-o", "monitor", "address"])
        }
        // Opened for both, so that it never comes to an end.
        reader = try lab.start("a", ["bash", "-c", "exec cat <>\(path("fifo")) >\(path("fifo.bytes"))"])
        let bridges = story.interfaces.indices.flatMap { ["-i", "br\($0)"] }
        let wire = path("wire.pcapng")
        capture = try lab.start("sw", ["dumpcap", "-q"] + bridges + ["-w", wire, "-f", "proto 112"])
        try lab.wait("the capture runs") { (FileManager.default.contents(atPath: wire)?.count ?? 0) > 0 }
    }

    /// A child copies it: a file that this program has open for writing, and another thread's child with it, can't be started.
    private func install(_ name: String, _ text: String) throws {
        try Lab.run("install", "-m", "755", lab.write(text, as: name + ".text"), path(name))
    }

    private func path(_ name: String) -> String { lab.directory.appending(path: name).path() }

    func filled(_ text: String) -> String {
        text.replacing("@DIR@", with: lab.directory.path()).replacing("@PROCESS@", with: process)
    }

    // MARK: - The daemons

    func startPeer() throws {
        if let text = story.peer { try perform(.startPeer(text)) }
    }

    func start() throws {
        switch daemon {
        case .keepalived:
            program =
                story.tracksProcesses
                ? try lab.keepalivedOutside("a", filled(story.file)) : try lab.keepalived("a", filled(story.file))
        case .agent:
            let isTold = story.needsRunner
            if isTold { runner = try lab.runner("a", filled(story.file)) }
            program = try lab.agent("a", filled(story.file), runner: isTold)
        }
    }

    func perform(_ action: Story.Action) throws {
        switch action {
        case .check(let name, let behaviour): try replace("\(name).does", with: behaviour + "\n")
        case .write(let name, let text): try replace(name, with: filled(text))
        case .program(let name, let text): try install(name, filled(text))
        case .serve(let port):
            processes.append(
                try lab.start(
                    "a", ["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "\(port)"]))
            try lab.wait("somebody serves port \(port)") {
                let probe = ["ip", "netns", "exec", lab.namespace("a"), "bash", "-c", "</dev/tcp/127.0.0.1/\(port)"]
                return (try? Lab.run(probe)) != nil
            }
        case .remove(let name): try FileManager.default.removeItem(atPath: path(name))
        case .link(let interface, let isUp):
            try lab.on("sw", "link", "set", lab.port("a", interface), isUp ? "up" : "down")
        case .ownLink(let interface, let isUp): try lab.on("a", "link", "set", interface, isUp ? "up" : "down")
        case .deafPeer:
            let rules = "table ip deaf { chain in { type filter hook input priority 0; ip protocol 112 drop; }; }"
            _ = try lab.start("b", ["nft", rules]).waitForExit()
        case .hearingPeer: _ = try lab.start("b", ["nft", "delete table ip deaf"]).waitForExit()
        case .stop: program?.signal(SIGTERM)
        case .endPeer(let signal):
            peer?.end(signal)
            peer = nil
        case .startPeer(let text): peer = try lab.keepalived("b", filled(text))
        case .reload(let text): try reload(filled(text))
        case .startProcess(let count):
            // keepalived counts a process twice that becomes another program right after its fork.
            let command = "sleep 0.3; exec \(path(process)) 60"
            for _ in 0..<count { processes.append(try lab.start("a", ["bash", "-c", command])) }
        case .endProcesses:
            for program in processes { program.end(SIGKILL) }
            processes = []
        }
    }

    /// Whoever reads it meanwhile gets the old text or the new one.
    private func replace(_ name: String, with text: String) throws {
        _ = try lab.write(text, as: name + ".new")
        guard unsafe rename(path(name + ".new"), path(name)) == 0 else { throw Lab.Failure("can't rename \(name)") }
    }

    private func reload(_ text: String) throws {
        switch daemon {
        case .keepalived:
            _ = try lab.write(
                story.tracksProcesses ? lab.outside("a", text) : text, as: "a.keepalived.conf")
        case .agent: _ = try lab.write(text, as: "a.conf")
        }
        program?.signal(SIGHUP)
    }

    // MARK: - After its end

    /// What was seen.
    /// - Parameters:
    ///   - begin: when the story began, in seconds since 1970.
    func recording(begin: Double) throws -> Recording {
        // dumpcap writes in blocks.
        Thread.sleep(forTimeInterval: 1.2)
        capture?.end(SIGTERM)
        capture = nil
        var recording = Recording(begin: begin, length: story.length)
        let frames = WireFile.frames(in: [UInt8](FileManager.default.contents(atPath: path("wire.pcapng")) ?? Data()))
        recording.addPriorities(frames, source: "192.0.2.11", "198.51.100.11")
        recording.addHolders(monitors.mapValues(\.output))
        recording.addCalls(text("calls"))
        recording.addLines(text("fifo.bytes"))
        return recording
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
    }

    /// What the daemons have printed.
    var log: String { [runner, program].compactMap { $0?.output }.joined(separator: "--\n") }
}

// MARK: - The programs in its folder

extension Side {
    /// One write for a line, so that none is cut by another one.
    private static let recorder = """
        #!/bin/bash
        line=$EPOCHREALTIME
        for word; do line+=$'\\t'$word; done
        printf '%s\\n' "$line" >>"${0%/*}/calls"
        """

    private static let check = """
        #!/bin/bash
        read -r does rest <"${0%/*}/$1.does"
        case $does in
        ok) exit 0 ;;
        fail) exit 1 ;;
        hang) exec sleep 60 ;;
        stubborn) trap '' TERM; sleep 60 ;;
        polite) trap 'kill $!; exit 0' TERM; sleep 60 & wait ;;
        say) echo "$rest"; exit 1 ;;
        status) exit "$rest" ;;
        signal) kill -"$rest" $$ ;;
        slow) sleep "$rest"; exit 0 ;;
        esac
        """

    /// Under which user, with which groups and words it was started.
    private static let whoAmI = """
        #!/bin/bash
        line=$EPOCHREALTIME$'\\t'$1$'\\t'"user $EUID groups ${GROUPS[*]}"
        shift
        for word; do line+=$'\\t'$word; done
        printf '%s\\n' "$line" >>"${0%/*}/calls"
        """
}
