import Foundation
import Testing

@Suite("More than there is room for")
struct LimitTests {
    @Test("1,200 addresses on one interface, on a kernel that has no memory for so long a filter: master of all")
    func filter() throws {
        let lab = try Lab("a")
        defer { lab.tearDown() }
        // As before Linux 6.7, where it is not the namespace's own setting but the default.
        _ = try? Lab.run(
            "ip", "netns", "exec", lab.namespace("a"), "sysctl", "-w", "net.core.optmem_max=20480")
        let file = (0..<5).map { router in
            Guide.file(
                priority: 100, addresses: (1...240).map { "10.200.\(router).\($0)" }, name: "I\(router)", id: router + 1
            )
        }.joined()
        try lab.agent("a", file)
        try lab.wait("every address is there") {
            ((try? lab.on("a", "-o", "-4", "addr", "show")) ?? "").components(separatedBy: " 10.200.").count - 1 == 1200
        }
        #expect(try lab.status("a").allSatisfy { $0["state"] as? String == "master" })
    }

    @Test("Of systemd's store as much is used as there is; what is not kept over a restart is told")
    func store() throws {
        let lab = try Lab("ab", interfaces: ["eth0", "eth1"])
        defer { lab.tearDown() }
        let manager = try lab.serviceManager("b")
        let file =
            Guide.file(priority: 100)
            + Guide.file(priority: 100, interface: "eth1", addresses: ["198.51.100.1"], name: "Instance2", id: 11)
        let agent = try lab.agent("a", file, wrapper: ["env", "NOTIFY_SOCKET=\(manager.path)", "FDSTORE=3"])
        try lab.wait("it says what is not kept") {
            agent.output.contains("the receive sockets of 1 interface are not kept over a restart")
        }
        #expect(try lab.control("a", "health").output.contains("are not kept over a restart"))
        try lab.wait("one pair is kept") {
            manager.program.output.components(separatedBy: "FDSTORE=1").count - 1 == 2
        }
        #expect(agent.output.components(separatedBy: "are not kept over a restart").count == 2, "once")
    }
}
