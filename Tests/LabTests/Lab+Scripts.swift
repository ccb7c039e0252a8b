import Foundation

extension Lab {
    /// keepalived in the first network namespace, which moves to the host's on its own: only so the kernel tells it of processes.
    func keepalivedOutside(_ host: String, _ configuration: String) throws -> Program {
        let file = try write(outside(host, configuration), as: "\(host).keepalived.conf")
        let base = directory.appending(path: host).path()
        return try startOutside([
            "keepalived", "-n", "-l", "-D", "-P", "-f", file, "-p", "\(base).pid", "-r", "\(base).vrrp.pid",
        ])
    }

    func outside(_ host: String, _ configuration: String) -> String {
        "net_namespace \(namespace(host))\n" + configuration
    }

    /// `failover-scripts` on a host. It is to be started before its agent, and sees the same environment file.
    func runner(_ host: String, _ configuration: String, wrapper: [String] = []) throws -> Program {
        let file = try write(configuration, as: "\(host).conf")
        _ = try write("", as: "\(host).environment")
        let program = try start(
            host,
            wrapper + [
                "\(Self.binaries)/failover-scripts", "--listen", runnerSocket(host), "--config", file, "--environment",
                environmentFile(host), "--state", directory.appending(path: "\(host).runner").path(), "--agent-user",
                "root",
            ])
        try wait("the runner listens") { FileManager.default.fileExists(atPath: runnerSocket(host)) }
        return program
    }

    func environmentFile(_ host: String) -> String { directory.appending(path: "\(host).environment").path() }

    func runnerSocket(_ host: String) -> String { directory.appending(path: "\(host).runner.sock").path() }

    /// Whether there is a runner to be tested.
    static let hasRunner: Bool = {
        guard let program = try? Program(["\(binaries)/failover-scripts", "--help"]) else { return false }
        return program.waitForExit() == 0 && program.output.contains("--listen")
    }()
}
