import Foundation
import ReloadWalk
import Testing

/// What a reload of a master costs its clients.
@Suite("Reloads of a master")
struct ReloadTests {
    enum Peer: String, CaseIterable { case none, agent, keepalived }

    private func start(_ peer: Peer, _ file: String) throws -> Lab {
        let lab = try Lab(peer == .none ? "ac" : "abc", interfaces: ["eth0", "eth1"], under: "/run")
        do {
            // Host a is number 11 in both networks.
            try lab.on("a", "addr", "add", "192.0.2.31/24", "dev", "eth0")
            _ = try lab.runner("a", file)
            try lab.agent("a", file, runner: true)
            try lab.waitForHolder("a")
            // Lower than what a weight of the walk leaves.
            let other = file.replacing("priority 100", with: "priority 60")
            switch peer {
            case .none: break
            case .agent:
                try lab.agent("b", other)
                try lab.wait("the other one follows") { lab.state("b") == "backup" }
            case .keepalived:
                let program = try lab.keepalived("b", other)
                try lab.wait("keepalived follows") { program.output.contains("Entering BACKUP STATE") }
            }
            // The second burst of a takeover is over.
            Thread.sleep(forTimeInterval: 2)
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }

    /// What is tracked is well: a fault would end the mastership, as it should.
    private static func healthy(_ file: String) -> String {
        file.replacing("/bin/false", with: "/usr/bin/true").replacing("process init", with: "process failover-agent")
            .replacing("process getty", with: "process failover-script").replacing("quorum 2", with: "quorum 1")
    }

    private func reload(_ lab: Lab, _ file: String) throws -> String {
        _ = try lab.write(file, as: "a.conf")
        let plan = try lab.control("a", "reload", "--plan")
        let answer = try lab.control("a", "reload")
        #expect(answer.code == 0, "\(answer.output)")
        #expect(
            plan.output.replacing("nothing would change", with: "nothing has changed") == answer.output,
            "the plan says what the reload does")
        return answer.output
    }

    @Test(
        "Each working keyword is changed and changed back, and a client loses nothing, or what a move of its address takes",
        arguments: Peer.allCases)
    func walk(peer: Peer) throws {
        let walk = try ReloadWalk()
        let lab = try start(peer, walk.file)
        defer { lab.tearDown() }
        // A step takes less than a peer's patience: a change that is made on all hosts at once.
        let steps = walk.steps.filter { $0.name != "vrrp_instance: interface" }
        // To get a hardware address of their own, or to lose it, addresses move to another link: an address that is on two of them has the
        // neighbours learn the one that goes, so it is on none for as long as the kernel takes to switch a link on or off.
        let moves = steps.filter { $0.name.contains("vmac") }
        #expect(moves.count == 3)
        for (part, bound) in [(steps.filter { !$0.name.contains("vmac") }, Prober.unnoticed), (moves, 0.3)] {
            let probers = try ["192.0.2.1", "192.0.2.2"].map { try lab.probe("c", $0) }
            for step in part {
                for file in step.files + [walk.file] {
                    let told = try reload(lab, Self.healthy(file))
                    #expect(!told.contains("starts anew"), "\(step.name)")
                    let isTold =
                        told.contains("cost: none") || told.contains("nothing has changed")
                        || bound > Prober.unnoticed && told.contains("do not answer for up to about 0.1 s")
                    #expect(isTold, "\(step.name): \(told)")
                    Thread.sleep(forTimeInterval: bound > Prober.unnoticed ? 0.2 : 0.05)
                    #expect(lab.state("a") == "master", "\(step.name)")
                }
            }
            // 192.0.2.2 is not in every file of the walk; 192.0.2.1 is.
            let (answers, outage) = probers[0].finish()
            #expect(answers > 100)
            #expect(outage < bound)
            #expect(probers[1].finish().answers > 100)
        }
        #expect(lab.addresses("a").sorted() == ["192.0.2.1/32", "192.0.2.11/24", "192.0.2.2/24", "192.0.2.31/24"])
        #expect(lab.addresses("a", "eth1") == ["198.51.100.11/24"])
        if peer != .none { #expect(!lab.addresses("b").contains("192.0.2.1/32")) }
        #expect(!(try lab.control("a", "events").output.contains("master → ")))
    }

    @Test("Another interface starts anew: the address is away no longer than the plan says")
    func interface() throws {
        let walk = try ReloadWalk()
        let step = try #require(walk.steps.first { $0.name == "vrrp_instance: interface" })
        let lab = try start(.none, step.files[step.files.count - 2])
        defer { lab.tearDown() }
        let prober = try lab.probe("c")
        let told = try reload(lab, step.files[step.files.count - 1])
        let bound = try #require(told.firstMatch(of: /unreachable for up to ([0-9.]+) s when it is alone/))
        try lab.wait("it is master again", within: 10) { lab.state("a") == "master" }
        let outage = prober.finish().outage
        #expect(outage > 1, "else the plan would promise too little")
        #expect(outage < (Double(bound.1) ?? 0) + 0.2)
    }

    @Test("Another interface, with a host that takes over: what the plan says for that", arguments: [true, false])
    func interfaceWithPeer(isPinned: Bool) throws {
        let walk = try ReloadWalk()
        let step = try #require(walk.steps.first { $0.name == "vrrp_instance: interface" })
        // Pinned to their interface the addresses have to go at once: the new router wants them in the same place.
        let before = isPinned ? step.files[step.files.count - 2] : walk.file
        let lab = try start(.agent, before)
        defer { lab.tearDown() }
        let prober = try lab.probe("c")
        let told = try reload(lab, before.replacing("\n    interface eth0", with: "\n    interface eth1"))
        let bound = try #require(told.firstMatch(of: /([0-9.]+) s with a host that takes over/))
        #expect(bound.1 == (isPinned ? "1" : "0"), "\(told)")
        try lab.wait("the other one has it", within: 5) { lab.addresses("b").contains("192.0.2.1/32") }
        let outage = prober.finish().outage
        #expect(outage < (Double(bound.1) ?? 0) + Prober.unnoticed)
        #expect(!isPinned || outage > 0.1, "else the plan would promise too little")
    }

    @Test(
        "Another label, broadcast address and scope: nothing is lost, a route that prefers the address stays, TCP goes on"
    )
    func attributes() throws {
        let plain = Guide.primary
        let lab = try start(.agent, plain)
        defer { lab.tearDown() }
        try lab.on("a", "route", "add", "203.0.113.0/24", "via", "192.0.2.99", "src", "192.0.2.1")
        let server = try lab.start("a", ["python3", "-c", Self.echo, "server"])
        try lab.wait("the server listens") { server.output.contains("listens") }
        let client = try lab.start("c", ["python3", "-c", Self.echo, "client"])
        let prober = try lab.probe("c")
        for options in ["label eth0:vip", "label eth0:vip brd 192.0.2.255", "scope link", ""] {
            let wanted = Guide.file(state: "MASTER", priority: 100, addresses: ["192.0.2.1 \(options)"])
            let told = try reload(lab, wanted)
            #expect(told.contains("put there anew; it answers all the while"))
            let shown = try lab.on("a", "-o", "-4", "addr", "show", "dev", "eth0", "to", "192.0.2.1/32")
            #expect(shown.contains("eth0:vip") == options.contains("label"), "\(shown)")
            #expect(shown.contains("brd 192.0.2.255") == options.contains("brd"), "\(shown)")
            #expect(shown.contains("scope link") == options.contains("scope"), "\(shown)")
            #expect(shown.split(separator: "\n").count == 1, "\(shown)")
            #expect(try lab.on("a", "route", "show", "203.0.113.0/24").contains("src 192.0.2.1"))
            Thread.sleep(forTimeInterval: 0.2)
        }
        let (answers, outage) = prober.finish()
        #expect(answers > 100)
        #expect(outage < Prober.unnoticed)
        #expect(client.isRunning)
        client.end(SIGTERM)
        #expect(!client.output.contains("late"), "\(client.output)")
    }

    /// A line each 2 ms over one connection; what comes back after more than 50 ms is told.
    private static let echo = """
        import socket, sys, time
        if sys.argv[1] == "server":
            listener = socket.create_server(("", 7007))
            print("listens", flush=True)
            connection = listener.accept()[0]
            while data := connection.recv(100):
                connection.sendall(data)
        connection = socket.create_connection(("192.0.2.1", 7007))
        while True:
            begin = time.monotonic()
            connection.sendall(b"x")
            connection.recv(100)
            if time.monotonic() - begin > 0.05:
                print("late", time.monotonic() - begin, flush=True)
            time.sleep(0.002)
        """
}
