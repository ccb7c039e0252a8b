import ArgumentParser
import Control
import Glibc

/// `failoverctl metrics`
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Prints the metrics in OpenMetrics' text format.",
        discussion: """
            With --http it answers one HTTP request on standard input, as failover-agent-metrics.socket wants it. Exit codes: 0 printed, 3 there \
            is no agent.
            """)

    @OptionGroup var agent: AgentOptions
    @Flag(help: "Answer one HTTP request for /metrics on standard input and output.")
    var http = false

    func run() throws {
        guard http else {
            return try Output.write(Array(try text().utf8))
        }
        let request = HTTPRequest.read(from: STDIN_FILENO)
        try Output.write(HTTPResponse.bytes(for: request) { try? AgentConnection.metrics(at: agent.socket) })
    }

    private func text() throws -> String {
        var text = ""
        try Question(agent: agent).stream(VarlinkCall(method: AgentInterface.getMetrics, more: true)) { reply in
            text += try reply.decoded(MetricsReply.self).text
        }
        return text
    }
}

extension AgentConnection {
    fileprivate static func metrics(at path: String) throws -> String {
        var text = ""
        try AgentConnection(path: path).call(VarlinkCall(method: AgentInterface.getMetrics, more: true)) { reply in
            text += try reply.decoded(MetricsReply.self).text
        }
        return text
    }
}

/// As much of a request as matters here.
struct HTTPRequest {
    var method: String
    var path: String

    private static let longest = 8 << 10
    /// In seconds.
    private static let patience = 5

    /// Reads up to the empty line.
    /// - Returns: `nil` for what is no request, or comes too slowly.
    static func read(from descriptor: Int32) -> HTTPRequest? {
        var head: [UInt8] = []
        var byte = [UInt8](repeating: 0, count: 1024)
        let end = time(nil) + patience
        while !head.contains([13, 10, 13, 10]), !head.contains([10, 10]) {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end - time(nil)
            guard left > 0, unsafe poll(&entry, 1, Int32(left) * 1000) == 1 else { return nil }
            let count = unsafe byte.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0, head.count + count <= longest else { return nil }
            head += byte[..<count]
        }
        let words = String(decoding: head.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self).split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        return HTTPRequest(method: String(words[0]), path: String(words[1].prefix { $0 != "?" }))
    }
}

/// An answer after which the connection ends.
enum HTTPResponse {
    static func bytes(for request: HTTPRequest?, metrics: () -> String?) -> [UInt8] {
        guard let request else { return response("400 Bad Request", "a request for /metrics, please\n") }
        guard request.method == "GET" || request.method == "HEAD" else {
            return response("405 Method Not Allowed", "only GET and HEAD\n", extra: "Allow: GET, HEAD\r\n")
        }
        guard request.path == "/metrics" else { return response("404 Not Found", "see /metrics\n") }
        guard let text = metrics() else { return response("503 Service Unavailable", "no agent answers\n") }
        return response(
            "200 OK", text, type: "application/openmetrics-text; version=1.0.0; charset=utf-8",
            hasBody: request.method == "GET")
    }

    private static func response(
        _ status: String, _ body: String, type: String = "text/plain; charset=utf-8", extra: String = "",
        hasBody: Bool = true
    ) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(extra)Connection: close\r\n\r\n"
        return Array((head + (hasBody ? body : "")).utf8)
    }
}
