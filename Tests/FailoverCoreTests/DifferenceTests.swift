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
