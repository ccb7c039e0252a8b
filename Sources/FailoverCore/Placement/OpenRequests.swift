/// What requests are about. The two highest bits of their ids tell it.
enum RequestSubject: UInt64, Sendable {
    case address = 0
    case link = 1
    case routing = 2
}

extension RequestID {
    var subject: RequestSubject? { RequestSubject(rawValue: rawValue >> 62) }

    init(_ number: UInt64, about subject: RequestSubject) {
        self.init(rawValue: subject.rawValue << 62 | number)
    }
}

/// Requests about links, or about routes and rules, that the kernel has not answered yet.
struct OpenRequests<Request: Hashable & Sendable>: Sendable {
    private let subject: RequestSubject
    private var open: [RequestID: Request] = [:]
    private var last: UInt64 = 0

    init(about subject: RequestSubject) { self.subject = subject }

    var isEmpty: Bool { open.isEmpty }

    /// In no order.
    var all: some Collection<Request> { open.values }

    var inOrder: [Request] { open.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value) }

    mutating func begin(_ request: Request) -> RequestID {
        last &+= 1
        let id = RequestID(last, about: subject)
        open[id] = request
        return id
    }

    /// - Returns: `nil` for what was never asked.
    mutating func end(_ id: RequestID) -> Request? {
        let request = open.removeValue(forKey: id)
        // Thousands may have been open at a time.
        if open.isEmpty { open = [:] }
        return request
    }
}
