import Addressing
import CNetlink
import Glibc

/// The requests for `ResetGuard`'s table, as one batch of nfnetlink each: all of it is carried out, or nothing.
///
///     table inet failover_agent {
///         set shared_ipv4 { type ipv4_addr; flags timeout; }
///         set shared_ipv6 { type ipv6_addr; flags timeout; }
///         chain output {
///             type filter hook output priority raw; policy accept;
///             ip saddr @shared_ipv4 tcp flags rst counter drop
///             ip saddr @shared_ipv4 icmp type destination-unreachable counter drop
///             …
///         }
///     }
struct ResetGuardMessage {
    /// In order; the first and the last one only begin and end the batch.
    private(set) var requests: [RouteRequestMessage]

    static let table = "failover_agent"
    private static let chain = "output"

    /// What is different by family: the set, nft(8)'s number of the type of its elements, where the source stands in the IP header, and what
    /// says that something can't be reached.
    private struct Kind {
        var set: String
        var identifier: UInt32
        var type: UInt32
        var size: UInt32
        var offset: UInt32
        var family: UInt8
        var icmp: UInt8
        var unreachable: UInt8
    }

    private static let kinds = [
        Kind(
            set: "shared_ipv4", identifier: 1, type: 7, size: 4, offset: 12, family: UInt8(CNetlink_NFPROTO_IPV4),
            icmp: EchoMessage.protocols.ipv4, unreachable: 3),
        Kind(
            set: "shared_ipv6", identifier: 2, type: 8, size: 16, offset: 8, family: UInt8(CNetlink_NFPROTO_IPV6),
            icmp: EchoMessage.protocols.ipv6, unreachable: 1),
    ]

    private static func kind(of address: IPAddress) -> Kind { kinds[address.isIPv4 ? 0 : 1] }

    private init(_ body: (inout ResetGuardMessage) throws(SystemError) -> Void) throws(SystemError) {
        requests = []
        try requests.append(Self.bound(NFNL_MSG_BATCH_BEGIN))
        try body(&self)
        try requests.append(Self.bound(NFNL_MSG_BATCH_END))
    }

    // MARK: - The batches

    /// Makes the table, empty, also where an earlier run has left one.
    static func load() throws(SystemError) -> ResetGuardMessage {
        try ResetGuardMessage { (batch) throws(SystemError) in
            try batch.addTable()
            try batch.deleteTable()
            try batch.addTable()
            for kind in kinds { try batch.addSet(kind) }
            try batch.addChain()
            for kind in kinds {
                try batch.addRule(dropping: .reset, kind)
                try batch.addRule(dropping: .unreachable, kind)
            }
        }
    }

    static func remove() throws(SystemError) -> ResetGuardMessage {
        try ResetGuardMessage { (batch) throws(SystemError) in try batch.deleteTable() }
    }

    /// - Parameter span: after which the kernel itself takes them out again; in whole milliseconds.
    static func add(_ addresses: [IPAddress], for span: Duration) throws(SystemError) -> ResetGuardMessage {
        try ResetGuardMessage { (batch) throws(SystemError) in
            for address in addresses { try batch.addElement(address, for: span) }
        }
    }

    // MARK: - The requests

    private static func bound(_ type: Int32) throws(SystemError) -> RouteRequestMessage {
        let request = try RouteRequestMessage.make(type, flags: 0)
        // The number of the subsystem, in network order.
        try request.append(nfgenmsg(nfgen_family: 0, version: 0, res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian))
        return request
    }

    private mutating func add(
        _ type: nf_tables_msg_types, flags: Int32, _ body: (RouteRequestMessage) throws(SystemError) -> Void
    ) throws(SystemError) {
        let request = try RouteRequestMessage.make(
            Int32(NFNL_SUBSYS_NFTABLES) << 8 | Int32(type.rawValue), flags: flags)
        try request.append(nfgenmsg(nfgen_family: UInt8(CNetlink_NFPROTO_INET), version: 0, res_id: 0))
        try body(request)
        requests.append(request)
    }

    private mutating func addTable() throws(SystemError) {
        try add(NFT_MSG_NEWTABLE, flags: NLM_F_CREATE) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_TABLE_NAME.rawValue), text: Self.table)
        }
    }

    private mutating func deleteTable() throws(SystemError) {
        try add(NFT_MSG_DELTABLE, flags: 0) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_TABLE_NAME.rawValue), text: Self.table)
        }
    }

    private mutating func addSet(_ kind: Kind) throws(SystemError) {
        try add(NFT_MSG_NEWSET, flags: NLM_F_CREATE) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_SET_TABLE.rawValue), text: Self.table)
            try request.put(Int32(NFTA_SET_NAME.rawValue), text: kind.set)
            try request.put(Int32(NFTA_SET_FLAGS.rawValue), number: NFT_SET_TIMEOUT.rawValue)
            try request.put(Int32(NFTA_SET_KEY_TYPE.rawValue), number: kind.type)
            try request.put(Int32(NFTA_SET_KEY_LEN.rawValue), number: kind.size)
            try request.put(Int32(NFTA_SET_ID.rawValue), number: kind.identifier)
        }
    }

    private mutating func addChain() throws(SystemError) {
        try add(NFT_MSG_NEWCHAIN, flags: NLM_F_CREATE) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_CHAIN_TABLE.rawValue), text: Self.table)
            try request.put(Int32(NFTA_CHAIN_NAME.rawValue), text: Self.chain)
            try request.nest(Int32(NFTA_CHAIN_HOOK.rawValue)) { () throws(SystemError) in
                try request.put(Int32(NFTA_HOOK_HOOKNUM.rawValue), number: UInt32(CNetlink_NF_INET_LOCAL_OUT))
                // Before connection tracking: it would end a connection with the reset that it sees.
                try request.put(Int32(NFTA_HOOK_PRIORITY.rawValue), number: UInt32(bitPattern: -300))
            }
            try request.put(Int32(NFTA_CHAIN_TYPE.rawValue), text: "filter")
        }
    }

    private enum Dropped { case reset, unreachable }

    private mutating func addRule(dropping dropped: Dropped, _ kind: Kind) throws(SystemError) {
        try add(NFT_MSG_NEWRULE, flags: NLM_F_CREATE | NLM_F_APPEND) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_RULE_TABLE.rawValue), text: Self.table)
            try request.put(Int32(NFTA_RULE_CHAIN.rawValue), text: Self.chain)
            try request.nest(Int32(NFTA_RULE_EXPRESSIONS.rawValue)) { () throws(SystemError) in
                try request.load(meta: NFT_META_NFPROTO)
                try request.compare([kind.family])
                try request.load(NFT_PAYLOAD_NETWORK_HEADER, offset: kind.offset, size: kind.size)
                try request.lookUp(in: kind.set, kind.identifier)
                try request.load(meta: NFT_META_L4PROTO)
                switch dropped {
                case .reset:
                    try request.compare([UInt8(IPPROTO_TCP)])
                    // RST, octet 13 of TCP's header.
                    try request.load(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 13, size: 1)
                    try request.mask(0x04)
                    try request.compare([0], NFT_CMP_NEQ)
                case .unreachable:
                    try request.compare([kind.icmp])
                    try request.load(NFT_PAYLOAD_TRANSPORT_HEADER, offset: 0, size: 1)
                    try request.compare([kind.unreachable])
                }
                try request.express("counter") { () throws(SystemError) in }
                try request.drop()
            }
        }
    }

    private mutating func addElement(_ address: IPAddress, for span: Duration) throws(SystemError) {
        let kind = Self.kind(of: address)
        let milliseconds = UInt64(clamping: Int64(span / .milliseconds(1)))
        try add(NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE) { (request) throws(SystemError) in
            try request.put(Int32(NFTA_SET_ELEM_LIST_TABLE.rawValue), text: Self.table)
            try request.put(Int32(NFTA_SET_ELEM_LIST_SET.rawValue), text: kind.set)
            try request.nest(Int32(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue)) { () throws(SystemError) in
                try request.nest(Int32(NFTA_LIST_ELEM.rawValue)) { () throws(SystemError) in
                    try request.nest(Int32(NFTA_SET_ELEM_KEY.rawValue)) { () throws(SystemError) in
                        try request.put(Int32(NFTA_DATA_VALUE.rawValue), address.octets)
                    }
                    let octets = (0..<8).map { UInt8(milliseconds >> (56 - 8 * UInt64($0)) & 0xFF) }
                    try request.put(Int32(NFTA_SET_ELEM_TIMEOUT.rawValue), octets)
                }
            }
        }
    }
}

/// The expressions of a rule. Each puts what it has into the first register, or looks at that.
extension RouteRequestMessage {
    private static let register = UInt32(NFT_REG_1.rawValue)

    fileprivate func put(_ type: Int32, text: String) throws(SystemError) {
        unsafe try put { unsafe nla_put_string($0, type, text) }
    }

    /// In network order, as nf_tables has all numbers.
    fileprivate func put(_ type: Int32, number: UInt32) throws(SystemError) {
        unsafe try put { unsafe nla_put_u32($0, type, number.bigEndian) }
    }

    fileprivate func express(_ name: String, _ body: () throws(SystemError) -> Void) throws(SystemError) {
        try nest(Int32(NFTA_LIST_ELEM.rawValue)) { () throws(SystemError) in
            try put(Int32(NFTA_EXPR_NAME.rawValue), text: name)
            try nest(Int32(NFTA_EXPR_DATA.rawValue), body)
        }
    }

    fileprivate func load(meta key: nft_meta_keys) throws(SystemError) {
        try express("meta") { () throws(SystemError) in
            try put(Int32(NFTA_META_KEY.rawValue), number: key.rawValue)
            try put(Int32(NFTA_META_DREG.rawValue), number: Self.register)
        }
    }

    fileprivate func load(_ base: nft_payload_bases, offset: UInt32, size: UInt32) throws(SystemError) {
        try express("payload") { () throws(SystemError) in
            try put(Int32(NFTA_PAYLOAD_DREG.rawValue), number: Self.register)
            try put(Int32(NFTA_PAYLOAD_BASE.rawValue), number: base.rawValue)
            try put(Int32(NFTA_PAYLOAD_OFFSET.rawValue), number: offset)
            try put(Int32(NFTA_PAYLOAD_LEN.rawValue), number: size)
        }
    }

    fileprivate func compare(_ octets: [UInt8], _ way: nft_cmp_ops = NFT_CMP_EQ) throws(SystemError) {
        try express("cmp") { () throws(SystemError) in
            try put(Int32(NFTA_CMP_SREG.rawValue), number: Self.register)
            try put(Int32(NFTA_CMP_OP.rawValue), number: way.rawValue)
            try nest(Int32(NFTA_CMP_DATA.rawValue)) { () throws(SystemError) in
                try put(Int32(NFTA_DATA_VALUE.rawValue), octets)
            }
        }
    }

    fileprivate func mask(_ octet: UInt8) throws(SystemError) {
        try express("bitwise") { () throws(SystemError) in
            try put(Int32(NFTA_BITWISE_SREG.rawValue), number: Self.register)
            try put(Int32(NFTA_BITWISE_DREG.rawValue), number: Self.register)
            try put(Int32(NFTA_BITWISE_LEN.rawValue), number: 1)
            for (type, value) in [(NFTA_BITWISE_MASK, octet), (NFTA_BITWISE_XOR, 0)] {
                try nest(Int32(type.rawValue)) { () throws(SystemError) in
                    try put(Int32(NFTA_DATA_VALUE.rawValue), [value])
                }
            }
        }
    }

    fileprivate func lookUp(in set: String, _ identifier: UInt32) throws(SystemError) {
        try express("lookup") { () throws(SystemError) in
            try put(Int32(NFTA_LOOKUP_SET.rawValue), text: set)
            try put(Int32(NFTA_LOOKUP_SREG.rawValue), number: Self.register)
            try put(Int32(NFTA_LOOKUP_SET_ID.rawValue), number: identifier)
        }
    }

    fileprivate func drop() throws(SystemError) {
        try express("immediate") { () throws(SystemError) in
            try put(Int32(NFTA_IMMEDIATE_DREG.rawValue), number: UInt32(NFT_REG_VERDICT.rawValue))
            try nest(Int32(NFTA_IMMEDIATE_DATA.rawValue)) { () throws(SystemError) in
                try nest(Int32(NFTA_DATA_VERDICT.rawValue)) { () throws(SystemError) in
                    try put(Int32(NFTA_VERDICT_CODE.rawValue), number: UInt32(CNetlink_NF_DROP))
                }
            }
        }
    }
}
