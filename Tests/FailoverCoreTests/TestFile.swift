import Configuration
import Testing

/// Configurations as the tests need them.
enum TestFile {
    static func read(_ text: String) throws -> Configuration {
        struct OneFile: SourceFiles {
            var text: String
            func read(_ path: String) throws(SourceError) -> [UInt8] { Array(text.utf8) }
            func expand(_ pattern: String) -> [String] { [] }
        }
        let result = ConfigurationReader.read("test", from: OneFile(text: text))
        return try #require(result.configuration, "\(result.diagnostics)")
    }

    static func guide(
        state: String = "BACKUP", priority: Int = 100, extra: String = "", addresses: [String] = ["192.0.2.1"]
    ) throws -> Configuration {
        try read(
            """
            vrrp_instance Instance1 {
                state \(state)
                interface eth0
                virtual_router_id 10
                priority \(priority)
                authentication {
                    auth_type PASS
                    auth_pass s3cret
                }
                \(extra)
                virtual_ipaddress {
                    \(addresses.joined(separator: "\n"))
                }
            }
            """)
    }
}
