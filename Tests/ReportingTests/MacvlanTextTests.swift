import FailoverCore
import Testing

@testable import Reporting

@Suite("What is told about macvlans")
struct MacvlanTextTests {
    @Test(
        "A setting that the kernel refused is told by its name",
        arguments: [
            (MacvlanStep.set, "arp_ignore and arp_announce"),
            (.setPromotion, "promote_secondaries"),
        ])
    func settings(_ step: MacvlanStep, _ setting: String) {
        let change = MacvlanChange.refused(step, KernelRefusal(code: 30, text: "Read-only file system"))
        #expect(change.words("eth0") == "the kernel refused to change \(setting) of eth0: Read-only file system")
    }

    @Test("Where the kernel says that an address is in use, it is told that another link has this hardware address")
    func inUse() {
        let refusal = KernelRefusal(code: 98, text: "Address already in use")
        let reason =
            "another link on the same interface, or the interface itself, has this hardware address (Address already in use)"
        #expect(
            MacvlanChange.refused(.switchOn, refusal).words("vrrp.4")
                == "the kernel refused to switch on the macvlan vrrp.4: \(reason)")
        #expect("\(Fault.macvlanRefused("vrrp.4", refusal))".hasSuffix("the virtual MAC address: \(reason)"))
        #expect(Fault.macvlanRefused("vrrp.4", refusal).advice?.contains("'use_vmac'") == true)
        let other = Fault.macvlanRefused("vrrp.4", KernelRefusal(code: 1, text: "Operation not permitted"))
        #expect("\(other)".hasSuffix(": Operation not permitted"))
        #expect(other.advice?.hasPrefix("ip -d link show vrrp.4") == true)
    }
}
