import Configuration

/// Files that exist only in a test.
struct MemoryFiles: SourceFiles {
    var files: [String: [UInt8]]

    init(_ files: [String: String]) {
        self.files = files.mapValues { Array($0.utf8) }
    }

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        guard let bytes = files[path] else {
            throw SourceError(description: "No such file or directory", isMissing: true)
        }
        return bytes
    }

    /// A star stands for anything, as far as the tests need it.
    func expand(_ pattern: String) -> [String] {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return files.keys.filter { $0 == pattern } }
        return files.keys.filter { $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) }.sorted()
    }
}

/// The guide's file, with changes.
enum GuideFile {
    static func text(
        state: String = "MASTER", priority: String = "100", authentication: String = "auth_pass s3cret",
        extra: String = "", addresses: String = "192.0.2.1", before: String = ""
    ) -> String {
        """
        \(before)
        vrrp_instance Instance1 {
            state \(state)
            interface eth0
            virtual_router_id 10
            priority \(priority)
            advert_int 1
            authentication {
                auth_type PASS
                \(authentication)
            }
            \(extra)
            virtual_ipaddress {
                \(addresses)
            }
        }

        """
    }

    static func read(_ text: String, with others: [String: String] = [:]) -> ConfigurationReader.Result {
        ConfigurationReader.read("/c/main.conf", from: MemoryFiles(others.merging(["/c/main.conf": text]) { $1 }))
    }
}

extension ConfigurationReader.Result {
    var instance: InstanceConfiguration? { configuration?.instances.first }
    func errors(about word: String) -> Bool { has(.error, word) }
    func warnings(about word: String) -> Bool { has(.warning, word) }

    private func has(_ severity: Diagnostic.Severity, _ word: String) -> Bool {
        diagnostics.contains { $0.severity == severity && $0.message.contains(word) }
    }
}
