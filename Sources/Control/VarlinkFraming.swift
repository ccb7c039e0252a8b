/// Varlink's framing: JSON objects, each ended by a zero byte (varlink.org, "Message Format").
package struct VarlinkFraming: Sendable {
    /// The longest call that is accepted, in bytes.
    package static let longestMessage = 64 << 10
    /// The longest reply: a reload of many virtual routers tells every change.
    package static let longestReply = 64 << 20

    private let longest: Int

    /// The other side sent more bytes without an end than are accepted.
    package struct MessageTooLong: Error, Hashable, Sendable {}

    private var buffer: [UInt8] = []
    /// How much of the buffer is known to hold no zero byte.
    private var searched = 0

    /// - Parameter longest: the longest message that is accepted, in bytes.
    package init(longest: Int = longestMessage) { self.longest = longest }

    /// Whether a whole message is waiting.
    package var hasMessage: Bool { buffer[searched...].contains(0) }

    /// Whether anything has come that was not taken yet.
    package var hasPart: Bool { !buffer.isEmpty }

    /// Takes in bytes as they arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer += bytes
    }

    /// The next whole message without its zero byte; `nil` when its end has not arrived yet.
    package mutating func next() throws(MessageTooLong) -> [UInt8]? {
        guard let end = buffer[searched...].firstIndex(of: 0) else {
            searched = buffer.count
            if buffer.count > longest { throw MessageTooLong() }
            return nil
        }
        guard end <= longest else { throw MessageTooLong() }
        let message = Array(buffer[..<end])
        buffer.removeSubrange(...end)
        searched = 0
        return message
    }

    /// A message as it goes over the socket.
    package static func frame(_ json: some Sequence<UInt8>) -> [UInt8] {
        Array(json) + [0]
    }
}
