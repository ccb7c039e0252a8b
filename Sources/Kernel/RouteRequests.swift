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
        var results: [RequestError?] = Array(
            repeating: RequestError(code: 0, text: "the kernel did not answer"), count: requests.count)
        var waiting: [UInt32: Int] = [:]
        var bytes: [UInt8] = []
        for (index, request) in requests.enumerated() {
            do throws(SystemError) {
                let sequence = socket.nextSequence()
                bytes += try message(for: request).bytes(sequence: sequence)
                waiting[sequence] = index
            } catch {
                results[index] = RequestError(code: error.code, text: error.description)
            }
        }
        do throws(SystemError) {
            guard !waiting.isEmpty else { return results }
            try socket.send(bytes)
            try collect(&waiting, into: &results)
        } catch {
            for index in waiting.values {
                results[index] = RequestError(code: error.code, text: error.description)
            }
        }
        return results
    }

    /// Builds a request and asks the kernel something harmless instead, so that the next real one finds its way warm.
    package func rehearse(_ request: RouteRequest) {
        _ = try? message(for: request).bytes(sequence: 0)
        _ = perform([.lookUp])
    }

    private func collect(_ waiting: inout [UInt32: Int], into results: inout [RequestError?]) throws(SystemError) {
        while !waiting.isEmpty {
            switch try socket.receive() {
            case .empty: return
            // Answers were lost; those that are there still count.
            case .overrun: continue
            case .bytes(let count):
                socket.forEachMessage(in: count) { message in
                    guard message.type == Int32(NLMSG_ERROR), let answer = message.acknowledgement,
                        let index = waiting.removeValue(forKey: message.sequence)
                    else { return }
                    results[index] =
                        answer.code == 0
                        ? nil
                        : RequestError(code: answer.code, text: Self.words(answer.code, answer.text))
                }
            }
        }
    }

    private static func words(_ code: Int32, _ text: String?) -> String {
        let meaning = SystemError.text(of: code)
        return text.map { "\($0) (\(meaning))" } ?? meaning
    }

    private func message(for request: RouteRequest) throws(SystemError) -> RouteRequestMessage {
        switch request {
        case .add(let assignment): try .add(assignment)
        case .renew(let assignment): try .renew(assignment)
        case .remove(let key, let peer): try .remove(key, peer: peer)
        case .promoteSecondaries(let interface): try .promoteSecondaries(interface)
        case .setRouting(let object): try .set(object)
        case .removeRouting(let object): try .remove(object)
        case .lookUp: try .lookUp()
        }
    }
}
