package import Configuration

/// Where iproute2 has the names of routing tables.
extension HostContext {
    /// Far more than anybody has.
    private static let mostBytes = 1 << 20

    /// The first of the two files that is there counts, then those of the folder, as for ip(8). What can't be read names nothing.
    package static var routingNames: RoutingNames {
        var names = RoutingNames()
        if let text = text(of: "/etc/iproute2/rt_tables") ?? text(of: "/usr/share/iproute2/rt_tables") {
            names.add(text)
        }
        let folder = "/etc/iproute2/rt_tables.d/*.conf"
        for path in (try? DiskFiles.paths(matching: folder)) ?? [] {
            if let text = text(of: path) { names.add(text) }
        }
        return names
    }

    private static func text(of path: String) -> String? {
        guard let source = try? OpenSource(path, pipes: .refused), let bytes = try? source.content(atMost: mostBytes)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
