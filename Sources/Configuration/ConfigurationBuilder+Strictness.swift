/// `vrrp_strict` and `strict_mode`: what keepalived 2.2.7 changes by them, beside the authentication, which it drops.
extension ConfigurationBuilder {
    mutating func warnOfStrictness(_ statement: Statement) {
        warn(
            "'\(statement.keyword.text)': the shared addresses accept traffic here, which keepalived's firewall rules then drop",
            statement.keyword)
    }

    /// It answers no losing master, sends nothing before it yields, waits with no preemption, takes `state MASTER` only from the owner of
    /// the addresses, and a virtual router's hardware address is the one of RFC 9568, from which it also sends. The firewall's rules that make the shared addresses unreachable are not made here.
    mutating func readStrictness(into draft: inout InstanceDraft) {
        guard draft.isStrict else { return }
        draft.answersLosingMaster = false
        draft.advertisesBeforeYielding = false
        if let (delay, word) = draft.preemptDelay, delay > .zero {
            warn("'preempt_delay' has no effect with 'vrrp_strict', as with keepalived", word)
            draft.preemptDelay = nil
        }
        if let (_, word, _) = draft.virtualMAC?.address {
            warn("the hardware address has no effect with 'vrrp_strict', as with keepalived", word)
            draft.virtualMAC?.address = nil
        }
        if let word = draft.sendsFromParent {
            warn("'vmac_xmit_base' has no effect with 'vrrp_strict', as with keepalived", word)
            draft.sendsFromParent = nil
        }
        if draft.wantsMaster == true, let priority = draft.priority, priority != 255 { draft.wantsMaster = false }
    }
}
