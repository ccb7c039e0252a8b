package import Addressing
import CNetlink
import Glibc

/// A change that rtnetlink is asked to make.
package enum RouteRequest: Hashable, Sendable {
    case add(AddressAssignment)
    /// The address is there already; its lifetime begins anew.
    case renew(AddressAssignment)
    /// `peer` as the kernel's table has it.
    case remove(AddressKey, peer: IPAddress?)
    /// Let the secondaries stay when their primary address is removed.
    case promoteSecondaries(InterfaceIndex)
    /// Set a route or rule; one that is there already is refused with EEXIST.
    case setRouting(RoutingObject)
    /// Remove one that this program has set.
    case removeRouting(RoutingObject)
    /// Make, switch or delete a link, or change its settings. To switch one off takes the kernel 5 to 15 ms, and to delete it up
    /// to 25, in which the write does not return: it waits until no processor uses the link any more.
    case link(LinkOrder)
    /// Asks for the loopback interface and changes nothing.
    case lookUp
}

/// Asks rtnetlink for changes, many in one write, and matches each answer to its request by sequence number.
package final class RouteRequests {
    /// What became of a request: `nil`, or why not.
    package struct RequestError: Hashable, Sendable {
        /// errno; 0 where no answer came.
        package var code: Int32
        /// The kernel's own words.
        package var text: String

        fileprivate init(code: Int32, text: String) {
            self.code = code
            self.text = text
        }

        fileprivate init(_ error: SystemError) { self.init(code: error.code, text: error.description) }
    }

    /// As many as a write holds; the answers of more would overflow a default receive buffer.
    package static let batch = 64

    private let socket: NetlinkSocket

    package init() throws(SystemError) {
        socket = try NetlinkSocket()
    }

    /// By which the kernel's events name this program as their cause.
    package var port: UInt32 { socket.port }

    /// Carries out at most `batch` requests, in order. The kernel works during the write, so the answers are there when
    /// it returns.
    /// - Returns: for each request `nil` when it was done, else the refusal.
    package func perform(_ requests: some Collection<RouteRequest>) -> [RequestError?] {
        let outcomes = exchange(requests.map { request in Result { () throws(SystemError) in try steps(of: request) } })
        return zip(requests, outcomes).map { request, outcome in
            guard case .link(.make(let macvlan)) = request, outcome.hasBegun else { return outcome.error }
            return finish(macvlan, after: outcome.error)
        }
    }

    /// The rest of what makes a macvlan, which is there by now.
    /// - Parameter refusal: of its mark or its settings.
    private func finish(_ macvlan: Macvlan, after refusal: RequestError?) -> RequestError? {
        let refusal = refusal ?? ask { () throws(SystemError) in try .finish(macvlan) }
        // This program has made it just now: it is nobody else's, and no later run would know it.
        if refusal != nil { _ = ask { () throws(SystemError) in try .delete(name: macvlan.name) } }
        return refusal
    }

    private func ask(_ message: () throws(SystemError) -> RouteRequestMessage) -> RequestError? {
        exchange([Result { () throws(SystemError) in [RouteRequestMessage.Step(try message())] }])[0].error
    }

    /// One write, and the answers to it.
    /// - Parameter requests: the messages of each, or why they could not be built.
    private func exchange(_ requests: [Result<[RouteRequestMessage.Step], SystemError>]) -> [Outcome] {
        var outcomes = Array(repeating: Outcome(), count: requests.count)
        var expected: [UInt32: Expectation] = [:]
        var bytes: [UInt8] = []
        for (index, request) in requests.enumerated() {
            switch request {
            case .success(let steps):
                outcomes[index].awaited = steps.count
                for (place, step) in steps.enumerated() {
                    let sequence = socket.nextSequence()
                    bytes += step.message.bytes(sequence: sequence)
                    expected[sequence] = Expectation(
                        request: index, isFirst: place == 0, passesOver: step.passesOver)
                }
            case .failure(let error): outcomes[index].refusal = RequestError(error)
            }
        }
        guard !expected.isEmpty else { return outcomes }
        do throws(SystemError) {
            try socket.send(bytes)
            try collect(&expected, into: &outcomes)
        } catch {
            for index in outcomes.indices { outcomes[index].fail(RequestError(error)) }
        }
        return outcomes
    }

    /// Builds a request and asks the kernel something harmless instead, so that the next real one finds its way warm.
    package func rehearse(_ request: RouteRequest) {
        for step in (try? steps(of: request)) ?? [] { _ = step.message.bytes(sequence: 0) }
        _ = perform([.lookUp])
    }

    // MARK: - Answers

    /// Whose answer is expected under a sequence number.
    private struct Expectation {
        let request: Int
        let isFirst: Bool
        let passesOver: Int32
    }

    /// What the kernel has said of a request so far.
    private struct Outcome {
        /// Answers that have not come.
        var awaited = 0
        /// The first one.
        var refusal: RequestError?
        /// The first of its messages was carried out.
        var hasBegun = false

        var error: RequestError? {
            refusal ?? (awaited == 0 ? nil : RequestError(code: 0, text: "the kernel did not answer"))
        }

        mutating func fail(_ error: RequestError) {
            if awaited > 0, refusal == nil { refusal = error }
        }
    }

    private func collect(
        _ expected: inout [UInt32: Expectation], into outcomes: inout [Outcome]
    ) throws(SystemError) {
        while !expected.isEmpty {
            switch try socket.receive() {
            case .empty: return
            // Answers were lost; those that are there still count.
            case .overrun: continue
            case .bytes(let count):
                socket.forEachMessage(in: count) { message in
                    guard message.type == Int32(NLMSG_ERROR), let answer = message.acknowledgement,
                        let expectation = expected.removeValue(forKey: message.sequence)
                    else { return }
                    let isDone = answer.code == 0 || answer.code == expectation.passesOver
                    if !isDone {
                        outcomes[expectation.request].fail(
                            RequestError(code: answer.code, text: Self.words(answer.code, answer.text)))
                    } else if expectation.isFirst {
                        outcomes[expectation.request].hasBegun = true
                    }
                    outcomes[expectation.request].awaited -= 1
                }
            }
        }
    }

    private static func words(_ code: Int32, _ text: String?) -> String {
        let meaning = SystemError.text(of: code)
        return text.map { "\($0) (\(meaning))" } ?? meaning
    }

    private func steps(of request: RouteRequest) throws(SystemError) -> [RouteRequestMessage.Step] {
        let message: RouteRequestMessage
        switch request {
        case .add(let assignment): message = try .add(assignment)
        case .renew(let assignment): message = try .renew(assignment)
        case .remove(let key, let peer): message = try .remove(key, peer: peer)
        case .promoteSecondaries(let interface): message = try .promoteSecondaries(on: interface)
        case .setRouting(let object): message = try .set(object)
        case .removeRouting(let object): message = try .remove(object)
        case .link(let order): return try RouteRequestMessage.steps(of: order)
        case .lookUp: message = try .lookUp()
        }
        return [RouteRequestMessage.Step(message)]
    }
}
