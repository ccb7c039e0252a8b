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
}
