import Configuration
import Testing

/// Measured on keepalived 2.2.7.
@Suite("vrrp_strict and strict_mode")
struct StrictnessTests {
    private static func read(_ extra: String, global: String = "vrrp_strict", addresses: String = "192.0.2.1")
        -> ConfigurationReader.Result
    {
        GuideFile.read(
            """
            global_defs {
            \(global)
            }
            vrrp_instance A {
                interface eth0
                virtual_router_id 51
                \(extra)
                virtual_ipaddress {
                    \(addresses)
                }
            }
            """)
    }

    private static let password = "authentication {\nauth_type PASS\nauth_pass abc\n}"

    @Test("Where nothing is forbidden that the file uses, it is taken, and the warning says what is different here")
    func unused() {
        for result in [Self.read(""), Self.read("strict_mode on", global: ""), Self.read("version 3\naccept")] {
            #expect(!result.hasErrors)
            #expect(result.warnings(about: "the shared addresses accept traffic here"))
        }
    }

    @Test("It changes what is sent where there is a password: an error, but not with version 3, which has none")
    func password() {
        #expect(Self.read(Self.password).errors(about: "keepalived sends no authentication"))
        #expect(Self.read("\(Self.password)\nstrict_mode on", global: "").errors(about: "sends no authentication"))
        #expect(!Self.read("version 3\n\(Self.password)").hasErrors)
        #expect(!Self.read("\(Self.password)\nstrict_mode off").hasErrors)
    }

    @Test("What keepalived changes besides is changed here")
    func changes() throws {
        let instance = try #require(
            Self.read("lower_prio_no_advert off\nhigher_prio_send_advert\npreempt_delay 5").instance)
        #expect(!instance.answersLosingMaster)
        #expect(!instance.advertisesBeforeYielding)
        #expect(instance.preemptDelay == .zero)
        #expect(instance.preempts)
        // 'state MASTER' counts for the owner alone, so that it does not undo 'nopreempt'.
        #expect(Self.read("state MASTER\npriority 100\nnopreempt").instance?.preempts == false)
        #expect(Self.read("state MASTER").instance?.priority == 255)
    }

    @Test("It wants an address")
    func noAddress() {
        #expect(Self.read("", addresses: "").errors(about: "'vrrp_strict' wants one"))
    }
}
