import Configuration
import Testing

/// A new version goes on as master where the old one left off: what the role file says has to mean the same to both.
@Suite("Fingerprints stay what they were in version 0.1.0")
struct FingerprintTests {
    static let cases: [(String, UInt64)] = [
        (GuideFile.text(), 0xC9EF_0059_273B_A004),
        (GuideFile.text(priority: "254", authentication: ""), 0x2652_E547_AF1B_31E5),
        (
            GuideFile.text(
                extra: "mcast_src_ip 192.0.2.11", addresses: "192.0.2.9/24 dev eth1\n192.0.2.1 brd + label eth0:ha"),
            0x9C48_4885_B7F2_026E
        ),
        (
            GuideFile.text(authentication: "", extra: "version 3\nadvert_int 0.1\nmcast_dst_ip 224.0.0.99"),
            0x332C_F33D_8A01_167A
        ),
        (
            GuideFile.text(
                extra: "unicast_src_ip 192.0.2.11\nunicast_peer {\n192.0.2.12\n192.0.2.13\n}",
                addresses: "223.255.255.254/1 dev bond0.7 scope link"), 0x151A_92AB_4473_D694
        ),
    ]

    @Test("One number for each configuration", arguments: cases.indices)
    func golden(number: Int) throws {
        let (text, value) = Self.cases[number]
        let result = GuideFile.read(text)
        let fingerprint = try #require(result.instance, "\(result.diagnostics)").fingerprint
        #expect(fingerprint == value)
    }
}
