import Configuration
import Testing

@Suite("An instance without an address, which a notify script or nobody moves")
struct NoAddressTests {
    private static func read(_ extra: String, addresses: String?) -> ConfigurationReader.Result {
        let block = addresses.map { "virtual_ipaddress {\n\($0)\n}" } ?? ""
        return GuideFile.read("vrrp_instance A {\ninterface eth0\nvirtual_router_id 51\n\(extra)\n\(block)\n}\n")
    }

    @Test("Empty or absent: a warning, and none where the file says that it is meant")
    func taken() {
        for addresses in [nil, ""] as [String?] {
            let result = Self.read("", addresses: addresses)
            #expect(result.instance?.addresses.isEmpty == true)
            #expect(result.warnings(about: "there is no address in virtual_ipaddress"))
            #expect(Self.read("no_virtual_ipaddress", addresses: addresses).diagnostics.isEmpty)
        }
    }

    @Test("What it tracks has no bearing on that: a line that goes leaves the instance where it is")
    func tracked() throws {
        let text =
            "vrrp_instance A {\ninterface eth0\nvirtual_router_id 51\nno_virtual_ipaddress\ntrack_bfd {\nx\n}\n"
            + "track_interface {\neth1 weight=5\n}\n}\n"
        let migration = try Migration("/k", as: "/new", from: MemoryFiles(["/k": text]))
        #expect(migration.configuration.instances.map(\.name) == ["A"])
        #expect(migration.dropped.map(\.keyword) == ["track_bfd"])
    }

    @Test("Version 3 wants one, as keepalived does")
    func version3() {
        #expect(Self.read("version 3", addresses: nil).errors(about: "VRRP version 3 wants one"))
        #expect(Self.read("version 3\nno_virtual_ipaddress", addresses: nil).hasErrors)
    }

    @Test("Addresses that are not advertised come and go all the same")
    func excluded() {
        let result = Self.read("virtual_ipaddress_excluded {\n192.0.2.5\n}", addresses: nil)
        #expect(result.instance?.addresses.count == 1)
        #expect(result.instance?.advertisedAddresses.isEmpty == true)
    }
}
