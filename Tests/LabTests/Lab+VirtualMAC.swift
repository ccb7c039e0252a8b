import Foundation
import Testing

/// What the tests of `use_vmac` have in common: virtual router 51 of IPv4 and 52 of IPv6.
enum VirtualMACLab {
    static let addressIPv4 = "192.0.2.1"
    static let addressIPv6 = "2001:db8::1"
    static let hardwareIPv4 = "00:00:5e:00:01:33"
    static let hardwareIPv6 = "00:00:5e:00:02:34"

    /// Half a second, so that the tests end earlier: not with version 2.
    static let interval = "version 3\n    advert_int 0.5"

    static func four(
        _ priority: Int, _ extra: String = "use_vmac", interface: String = "eth0",
        addresses: [String] = ["192.0.2.1/24"]
    ) -> String {
        Guide.file(
            priority: priority, interface: interface, password: nil, extra: extra, addresses: addresses, name: "Four",
            id: 51
        ).replacing("advert_int 1", with: interval)
    }

    static func six(_ priority: Int, _ extra: String = "use_vmac", interface: String = "eth0") -> String {
        Guide.file(
            priority: priority, interface: interface, password: nil, extra: extra,
            addresses: ["fe80::51", "2001:db8::1/64"], name: "Six", id: 52
        ).replacing("advert_int 1", with: interval)
    }

    static func both(_ priority: Int, _ extra: String = "use_vmac") -> String {
        four(priority, extra) + six(priority, extra)
    }

    /// As docs/configuration.md has it for networks with routers that advertise. Else the kernel asks for one 4 s after an address was added, from
    /// the virtual MAC address; in the moment of a takeover the switch would learn the old port again.
    static func hosts(_ hosts: String) throws -> Lab {
        let lab = try Lab(hosts)
        do {
            for host in lab.hosts { try lab.set(host, "ipv6.conf.default.accept_ra", 0) }
            try lab.addressIPv6()
            return lab
        } catch {
            lab.tearDown()
            throw error
        }
    }

    /// How long a backup is watched, in seconds; FAILOVER_SILENCE=600 for ten minutes.
    static let silence = Double(ProcessInfo.processInfo.environment["FAILOVER_SILENCE"] ?? "") ?? 5
}

/// A macvlan as `ip` shows it.
struct ShownMacvlan: Equatable {
    let name: String
    let index: Int
    let hardwareAddress: String
    let mode: String
    let isOn: Bool
}

extension Lab {
    func macvlans(_ host: String) -> [ShownMacvlan] {
        let output = (try? on(host, "-j", "-d", "link", "show", "type", "macvlan")) ?? ""
        let links = (try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]]) ?? []
        return links.compactMap { link in
            guard let name = link["ifname"] as? String, let index = link["ifindex"] as? Int,
                let address = link["address"] as? String, let flags = link["flags"] as? [String]
            else { return nil }
            let info = (link["linkinfo"] as? [String: Any])?["info_data"] as? [String: Any]
            return ShownMacvlan(
                name: name, index: index, hardwareAddress: address, mode: info?["mode"] as? String ?? "",
                isOn: flags.contains("UP"))
        }
    }

    func macvlan(_ host: String, _ name: String) -> ShownMacvlan? { macvlans(host).first { $0.name == name } }

    /// The host has both addresses, on the macvlans, which are on; or neither, and the macvlans are off.
    func isMaster(_ host: String) -> Bool {
        holders("192.0.2.1", "vrrp.51").contains(host) && holdersIPv6("2001:db8::1", "vrrp.52").contains(host)
            && holdersIPv6("fe80::51", "vrrp.52").contains(host)
    }

    func waitForMaster(_ hosts: String, within seconds: Double = 20) throws {
        try wait("\(hosts) holds both addresses", within: seconds) {
            self.hosts.allSatisfy { isMaster($0) == hosts.contains($0) }
        }
    }

    /// The states of all virtual routers of a host.
    func states(_ host: String) -> [String] { (try? status(host).compactMap { $0["state"] as? String }) ?? [] }

    /// arp_ignore and arp_announce of an interface.
    func settings(_ host: String, _ interface: String = "eth0") throws -> [String] {
        let folder = "/proc/sys/net/ipv4/conf/\(interface.replacing(".", with: "/"))"
        return try Self.run(
            "ip", "netns", "exec", namespace(host), "cat", "\(folder)/arp_ignore", "\(folder)/arp_announce"
        ).split(separator: "\n").map(String.init)
    }

    func set(_ host: String, _ setting: String, _ value: Int) throws {
        try Self.run(
            "ip", "netns", "exec", namespace(host), "sysctl", "-q", "-w", "net.\(setting)=\(value)")
    }

    /// All that a host has of links, addresses, routes and the parent's settings, without what changes by itself.
    func everything(_ host: String) throws -> [String] {
        func lines(_ arguments: String...) throws -> [String] {
            try Self.run(["ip", "-n", namespace(host)] + arguments).split(separator: "\n").map {
                $0.replacing(/(valid_lft|preferred_lft|expires|[a-z_]+_timer) +[^ ]+/, with: "").description
            }.sorted()
        }
        return try lines("-o", "addr", "show") + lines("-o", "-d", "link", "show")
            + lines("route", "show", "table", "all") + lines("-6", "route", "show", "table", "all")
            + settings(host)
    }

    func release(_ host: String) throws {
        let program = try start(
            host,
            [
                "\(Self.binaries)/failover-agent", "--release", "--socket", socket(host), "--state-dir",
                directory.appending(path: "\(host).state").path(),
            ])
        #expect(program.waitForExit() == 0, "\(program.output)")
    }

    // MARK: - What a client sees

    /// Writes down each change of a host's neighbours from now on.
    func watchNeighbours(_ host: String) throws -> Program {
        let program = try start(host, ["ip", "-o", "monitor", "neigh"])
        Thread.sleep(forTimeInterval: 0.2)
        return program
    }

    /// The hardware addresses that a client had for an address since it is watched, and has now.
    func hardwareAddresses(_ watch: Program, _ host: String, of address: String) -> Set<String> {
        let now = (try? on(host, "neigh", "show", "to", address)) ?? ""
        let lines = (watch.output + "\n" + now).split(separator: "\n").filter {
            $0.split(separator: " ").contains { $0 == address } && !$0.hasPrefix("Deleted")
        }
        return Set(lines.compactMap { $0.firstMatch(of: /lladdr ([0-9a-f:]+)/).map { String($0.1) } })
    }

    // MARK: - What a host sends

    /// Writes down all that a host sends from now on, at its port of the switch.
    ///
    /// What is looked for is chosen later: with a filter, dumpcap lost the first frame that fitted.
    func listen(to host: String) throws -> PortCapture {
        let file = directory.appending(path: "port-\(UUID().uuidString).pcapng").path()
        let program = try start("sw", ["dumpcap", "-q", "-i", port(host), "-w", file, "-f", "inbound", "-s", "0"])
        try wait("the capture runs") { (try? Data(contentsOf: URL(filePath: file)).count) ?? 0 > 0 }
        Thread.sleep(forTimeInterval: 0.3)
        return PortCapture(program: program, file: file)
    }
}

/// What one host sends.
struct PortCapture {
    let program: Program
    let file: String

    /// Ends it.
    /// - Returns: the fields of each frame from a virtual MAC address, as tshark decodes them.
    func frames(_ filter: String = "frame", _ fields: String...) throws -> [[String]] {
        if program.isRunning {
            // dumpcap writes in blocks: what was sent just now needs a moment.
            Thread.sleep(forTimeInterval: 1.2)
            program.end(SIGTERM)
        }
        let virtual = "eth.src in {\(VirtualMACLab.hardwareIPv4), \(VirtualMACLab.hardwareIPv6)}"
        let arguments =
            ["tshark", "-r", file, "-Y", "\(virtual) and (\(filter))", "-T", "fields", "-E", "separator=|"]
            + fields.flatMap { ["-e", $0] }
        return try Lab.run(arguments).split(separator: "\n").filter { !$0.contains("Running as user") }
            .map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
    }
}
