import Addressing
import CNetlink
import Glibc

/// What RTM_NEWLINK tells of macvlans, and of a link's settings.
extension NetlinkMessage {
    func readMacvlan(into link: inout Link) {
        guard let info = unsafe attribute(after: ifinfomsg.self, Int(IFLA_LINKINFO)),
            let kind = unsafe Self.attribute(in: info, IFLA_INFO_KIND),
            unsafe Self.text(of: kind) == RouteRequestMessage.macvlanKind
        else { return }
        link.isMacvlan = true
        if let data = unsafe Self.attribute(in: info, IFLA_INFO_DATA),
            let mode = unsafe Self.attribute(in: data, IFLA_MACVLAN_MODE)
        {
            link.isPrivate = unsafe Self.number(mode) == MACVLAN_MODE_PRIVATE.rawValue
        }
    }

    func readSettings(into link: inout Link) {
        if let alias = unsafe attribute(after: ifinfomsg.self, Int(IFLA_IFALIAS)) {
            link.alias = unsafe Self.text(of: alias)
        }
        guard let families = unsafe attribute(after: ifinfomsg.self, Int(IFLA_AF_SPEC)),
            let family = unsafe Self.attribute(in: families, Int(AF_INET)),
            let settings = unsafe Self.attribute(in: family, IFLA_INET_CONF)
        else { return }
        link.arp.ignore = unsafe Self.number(settings, at: IPV4_DEVCONF_ARP_IGNORE - 1)
        link.arp.announce = unsafe Self.number(settings, at: IPV4_DEVCONF_ARP_ANNOUNCE - 1)
        link.promotesSecondaries =
            unsafe Self.number(settings, at: IPV4_DEVCONF_PROMOTE_SECONDARIES - 1).map { $0 != 0 }
        link.forwards = unsafe Self.number(settings, at: IPV4_DEVCONF_FORWARDING - 1).map { $0 != 0 }
    }

    // MARK: - Attributes

    /// One of those of which another one consists.
    private static func attribute(
        in outer: UnsafeMutablePointer<nlattr>, _ type: Int
    ) -> UnsafeMutablePointer<nlattr>? {
        guard let data = unsafe nla_data(outer) else { return nil }
        return unsafe nla_find(data.assumingMemoryBound(to: nlattr.self), nla_len(outer), Int32(type))
    }

    /// One of the numbers of 32 bits of which an attribute consists; `nil` where it ends before.
    private static func number(_ attribute: UnsafeMutablePointer<nlattr>, at index: Int = 0) -> UInt32? {
        let bytes = unsafe Self.bytes(of: attribute)
        guard index >= 0, bytes.count >= 4 * (index + 1) else { return nil }
        return unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
    }

    /// Up to the first 0, if there is one.
    private static func text(of attribute: UnsafeMutablePointer<nlattr>) -> String {
        unsafe String(decoding: bytes(of: attribute).prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func bytes(of attribute: UnsafeMutablePointer<nlattr>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: nla_data(attribute), count: Int(max(nla_len(attribute), 0)))
    }
}
