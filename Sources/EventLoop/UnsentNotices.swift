import Glibc

/// Messages to a service manager that is behind: the order stays, of several status lines the last one counts.
package struct UnsentNotices: Sendable {
    package struct Message: Hashable, Sendable {
        package let text: String
        /// What goes along; it is closed when the message has gone. Negative: nothing.
        package let descriptor: Int32
    }

    package enum Outcome: Hashable, Sendable {
        case sent
        /// It stays for the next time.
        case noRoom
        /// It never will be sent.
        case refused
    }

    static let status = "STATUS="
    /// More than a host's interfaces have sockets.
    package static let limit = 16384

    private var messages: [Message] = []

    package init() {}

    var isEmpty: Bool { messages.isEmpty }

    /// - Parameter withdrawn: the text of messages that have no use any more.
    package mutating func append(_ text: String, descriptor: Int32 = -1, insteadOf withdrawn: String? = nil) {
        if let withdrawn {
            for message in messages where message.text == withdrawn { Self.discard(message) }
            messages.removeAll { $0.text == withdrawn }
        }
        if text.hasPrefix(Self.status) { messages.removeAll { $0.text.hasPrefix(Self.status) } }
        if messages.count == Self.limit { Self.discard(messages.removeFirst()) }
        messages.append(Message(text: text, descriptor: descriptor))
    }

    package mutating func send(_ send: (Message) -> Outcome) {
        var gone = 0
        for message in messages {
            if send(message) == .noRoom { break }
            Self.discard(message)
            gone += 1
        }
        if gone > 0 { messages.removeFirst(gone) }
    }

    private static func discard(_ message: Message) {
        if message.descriptor >= 0 { _ = close(message.descriptor) }
    }
}
