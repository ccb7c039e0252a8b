import FoundationEssentials

/// A call that has arrived (varlink.org, "Method Call"). Of its parameters only those are looked at that the method knows, and those
/// only as deep as any method needs: whatever a client sends, it costs little more than to be read once.
struct IncomingCall {
    let method: String
    /// No reply is wanted.
    let isOneway: Bool
    /// Several replies are welcome.
    let wantsMore: Bool
    private let message: [UInt8]

    /// A parameter is missing, unknown, of the wrong type, or out of its range.
    struct Invalid: Error {
        var parameter: String
    }

    private struct Envelope: Decodable {
        var method: String
        var oneway: Bool?
        var more: Bool?
    }

    /// - Returns: `nil` for what is no call.
    init?(_ message: [UInt8]) {
        guard let envelope = try? VarlinkJSON.decode(Envelope.self, from: message) else { return nil }
        method = envelope.method
        isOneway = envelope.oneway ?? false
        wantsMore = envelope.more ?? false
        self.message = message
    }

    /// The parameters; absent and null ones are not among them.
    /// - Parameter known: those of the method.
    /// - Throws: when there is another one.
    func parameters(_ known: String...) throws(Invalid) -> Parameters {
        let decoder = JSONDecoder()
        if let key = CodingUserInfoKey(rawValue: Shallow.knownNames) { decoder.userInfo[key] = known }
        guard let call = try? decoder.decode(Shallow.Call.self, from: Data(message)) else {
            throw Invalid(parameter: "parameters")
        }
        if let name = call.parameters?.unknown { throw Invalid(parameter: name) }
        return Parameters(values: call.parameters?.values ?? [:])
    }

    /// Parameters by name.
    struct Parameters {
        fileprivate let values: [String: JSONValue]

        func flag(_ name: String) throws(Invalid) -> Bool {
            switch values[name] {
            case nil: return false
            case .bool(let value): return value
            default: throw Invalid(parameter: name)
            }
        }

        func string(_ name: String) throws(Invalid) -> String? {
            switch values[name] {
            case nil: return nil
            case .string(let value): return value
            default: throw Invalid(parameter: name)
            }
        }

        func requiredString(_ name: String) throws(Invalid) -> String {
            guard let value = try string(name) else { throw Invalid(parameter: name) }
            return value
        }

        func integer(_ name: String, in range: ClosedRange<Int>) throws(Invalid) -> Int? {
            switch values[name] {
            case nil: return nil
            case .integer(let value) where range.contains(Int(value)): return Int(value)
            default: throw Invalid(parameter: name)
            }
        }

        func strings(_ name: String) throws(Invalid) -> [String]? {
            switch values[name] {
            case nil: return nil
            case .array(let values):
                var result: [String] = []
                for value in values {
                    guard case .string(let text) = value else { throw Invalid(parameter: name) }
                    result.append(text)
                }
                return result
            default: throw Invalid(parameter: name)
            }
        }
    }
}

/// Parameters as deep as an array of strings.
private struct Shallow: Decodable {
    static let knownNames = "known"

    struct Call: Decodable {
        var parameters: Shallow?
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var values: [String: JSONValue] = [:]
    /// One that the method does not know.
    var unknown: String?

    init(from decoder: any Decoder) throws {
        let known = CodingUserInfoKey(rawValue: Self.knownNames).flatMap { decoder.userInfo[$0] as? [String] } ?? []
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            guard known.contains(key.stringValue) else {
                unknown = unknown ?? key.stringValue
                continue
            }
            values[key.stringValue] = Self.value(key, in: container)
        }
    }

    private static func value(_ key: Name, in container: KeyedDecodingContainer<Name>) -> JSONValue? {
        if (try? container.decodeNil(forKey: key)) == true { return nil }
        if let value = try? container.decode(Bool.self, forKey: key) { return .bool(value) }
        if let value = try? container.decode(Int64.self, forKey: key) { return .integer(value) }
        if let value = try? container.decode(String.self, forKey: key) { return .string(value) }
        // The one parameter that is a list; for those who may change something.
        if key.stringValue == "names", let value = try? container.decode([String].self, forKey: key) {
            return .array(value.map { .string($0) })
        }
        // Of no type that a method takes.
        return .object([:])
    }
}
