import FoundationEssentials

/// A method call (varlink.org, "Method Call").
package struct VarlinkCall: Hashable, Sendable, Codable {
    /// `INTERFACE.METHOD`
    package var method: String
    package var parameters: [String: JSONValue]?
    /// No reply is wanted.
    package var oneway: Bool?
    /// Several replies are welcome.
    package var more: Bool?

    package init(method: String, parameters: [String: JSONValue]? = nil, oneway: Bool? = nil, more: Bool? = nil) {
        self.method = method
        self.parameters = parameters
        self.oneway = oneway
        self.more = more
    }
}

/// A reply (varlink.org, "Method Reply").
package struct VarlinkReply<Parameters: Codable & Sendable>: Sendable, Codable {
    package var parameters: Parameters?
    /// More replies to the same call follow.
    package var continues: Bool?
    /// `INTERFACE.ERROR`
    package var error: String?

    package init(parameters: Parameters? = nil, continues: Bool? = nil, error: String? = nil) {
        self.parameters = parameters
        self.continues = continues
        self.error = error
    }
}

/// JSON as it goes over the socket: no blanks, keys in a fixed order, slashes as they are.
package enum VarlinkJSON {
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // What this program encodes holds no value that JSON lacks.
        return (try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json))
    }
}
