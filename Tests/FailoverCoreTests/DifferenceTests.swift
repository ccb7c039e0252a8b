import Configuration
import Testing

@Suite("The difference between two configurations")
struct DifferenceTests {
    @Test("Each change is a line; places in the file are none")
    func lines() throws {
        let guide = try TestFile.guide()
        #expect(ConfigurationDifference(from: guide, to: guide).lines.isEmpty)
        #expect(
            ConfigurationDifference(
                from: guide, to: try TestFile.guide(priority: 90, addresses: ["192.0.2.1", "192.0.2.2"])
            ).lines == ["~ Instance1: priority 100 → 90", "~ Instance1: + 192.0.2.2/32 on eth0"])
        var other = guide
        other.instances[0].name = "Two"
        #expect(
            ConfigurationDifference(from: guide, to: other).lines == [
                "~ Instance1 is called Two from now on"
            ])
        other.instances[0].virtualRouterID = 11
        #expect(
            ConfigurationDifference(from: guide, to: other).lines == [
                "~ Instance1 is called Two from now on", "~ Two: virtual router 10 → 11",
            ])
        other.instances[0].addresses = try TestFile.guide(addresses: ["192.0.2.9"]).instances[0].addresses
        #expect(
            ConfigurationDifference(from: guide, to: other).lines == [
                "- Instance1: leaves, with 192.0.2.1/32",
                "+ Two: virtual router 11 on eth0, priority 100, with 192.0.2.9/32",
            ])
        var secret = guide
        secret.instances[0].password = Array("geheim".utf8)
        #expect(ConfigurationDifference(from: guide, to: secret).lines == ["~ Instance1: another password"])
    }
}

@Suite("The difference between the sync groups of two configurations")
struct GroupDifferenceTests {
    @Test("Groups that come, go, get other members or trackers are a line each, and cost nothing")
    func groups() {
        let old = GroupHost.configuration(tracked: [GroupHost.line("eth2", weight: -10), GroupHost.line("eth3")])
        var new = GroupHost.configuration(
            tracked: [GroupHost.line("eth2"), GroupHost.line("eth4")], members: ["Instance2"])
        let difference = ConfigurationDifference(from: old, to: new)
        #expect(
            difference.lines == [
                "~ sync group G: members Instance1, Instance2 → Instance2", "~ sync group G: - tracked: eth3",
                "~ sync group G: tracked: eth2 weight -10 → eth2", "~ sync group G: + tracked: eth4",
            ])
        // What the group tracks, Instance2 tracks.
        #expect(difference.costs.count == 1)
        #expect(
            difference.costs.first?.hasPrefix("Instance2: cost: none, unless 'eth2', 'eth4' (weight 0) takes it out")
                == true)
        new.groups[0].name = "H"
        #expect(
            ConfigurationDifference(from: old, to: new).lines == [
                "- sync group G: no longer together: Instance1, Instance2",
                "+ sync group H: together from now on: Instance2",
            ])
    }
}

@Suite("An address that a reload gives to a virtual router that begins")
struct MovedAddressTests {
    @Test("It costs the time for which that one listens, and the plan says so")
    func cost() throws {
        func instance(_ name: String, _ id: Int, _ addresses: String...) -> String {
            """
            vrrp_instance \(name) {
                interface eth0
                virtual_router_id \(id)
                virtual_ipaddress {
                    \(addresses.joined(separator: "\n"))
                }
            }

            """
        }
        let before = try TestFile.read(instance("I1", 10, "192.0.2.1", "192.0.2.2"))
        let after = try TestFile.read(instance("I1", 10, "192.0.2.1") + instance("I2", 11, "192.0.2.2", "192.0.2.3"))
        let costs = ConfigurationDifference(from: before, to: after).costs
        #expect(costs.count == 1)
        let whole = try TestFile.read(instance("I1", 10, "192.0.2.1") + instance("I2", 11, "192.0.2.2"))
        #expect(
            ConfigurationDifference(from: before, to: whole).costs == [
                "cost: none: no address that stays becomes unreachable"
            ])
        #expect(
            costs.first?.hasPrefix(
                "I2: cost: 192.0.2.2/32 move to a virtual router that begins: unreachable for up to 3.7 s") == true)
    }
}
