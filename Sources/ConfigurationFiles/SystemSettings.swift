import Configuration
import Glibc

/// What only /proc/sys can set, and a macvlan gets from its defaults when it is made: the agent may not write there.
enum SystemSettings {
    /// - Parameter read: a setting of `net.ipv6.conf.default`; `nil` where there is none.
    static func warnings(about configuration: Configuration, _ read: (String) -> Int?) -> [Diagnostic] {
        let virtual = configuration.instances.filter { $0.virtualMAC != nil }
        guard let first = virtual.first else { return [] }
        var found: [Diagnostic] = []
        func warn(_ instance: InstanceConfiguration, _ name: String, _ value: Int, _ what: String) {
            let setting = "net.ipv6.conf.default.\(name) = \(value)"
            found.append(
                Diagnostic(
                    severity: .warning, location: instance.location,
                    message: "'\(instance.name)': \(what): write '\(setting)' into /etc/sysctl.d/failover-agent.conf, "
                        + "then: sysctl --system"))
        }
        // 1 counts only on a host that does not forward.
        let accepts = read("accept_ra") ?? 0
        if read("disable_ipv6") == 0, accepts == 2 || accepts == 1 && read("forwarding") == 0 {
            warn(
                first, "accept_ra", 0,
                "where a router advertises itself, the kernel gives the macvlan of 'use_vmac' an IPv6 address and a default route "
                    + "of its own")
        }
        if read("disable_ipv6") == 1, let six = virtual.first(where: \.needsIPv6OnMacvlan) {
            warn(six, "disable_ipv6", 0, "the kernel refuses IPv6 addresses on the macvlan of 'use_vmac'")
        }
        return found
    }

    static func default6(_ name: String) -> Int? {
        guard let source = try? OpenSource("/proc/sys/net/ipv6/conf/default/\(name)", pipes: .refused),
            let bytes = try? source.content(atMost: 64)
        else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).trimmingBlanks)
    }
}

extension String {
    fileprivate var trimmingBlanks: String { String(filter { !$0.isWhitespace }) }
}
