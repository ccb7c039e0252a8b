import FailoverCore
import Testing
import VRRP

@Suite("The core's look at itself")
struct AuditTests {
    @Test("It finds nothing while all is well, in any state")
    func quiet() throws {
        let host = TestHost(try TestFile.guide(extra: "garp_master_refresh 7"))
        for _ in 0..<50 {
            host.audit()
            host.pass(.milliseconds(170))
        }
        #expect(host.state == .master)
        host.give(.link(TestHost.link(running: false)))
        host.audit()
        host.give(.link(TestHost.link()))
        host.audit()
        host.hear(200)
        host.audit()
        host.give(.stop)
        host.audit()
        #expect(!host.events.contains { if case .repaired = $0 { true } else { false } })
    }

    @Test("A receiver that went without a word is opened again, and that is told")
    func receiver() throws {
        let host = TestHost(try TestFile.guide())
        host.loseReceiver()
        host.audit()
        #expect(host.events.contains { if case .repaired = $0 { true } else { false } })
        #expect(host.log.contains { if case .openReceiver = $0.effect { true } else { false } })
    }
}
