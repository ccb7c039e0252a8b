import Control

/// Arbitrary bytes from a client: the first byte says in pieces of which size they arrive.
@c(LLVMFuzzerTestOneInput)
public func fuzzControl(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let size = bytes.first.map({ Int($0) + 1 }) else { return 0 }
    var framing = VarlinkFraming()
    var rest = bytes.dropFirst()
    let service = VarlinkService()
    while !rest.isEmpty {
        framing.append(rest.prefix(size))
        rest = rest.dropFirst(size)
        do {
            while let message = try framing.next() {
                for mayChange in [false, true] {
                    let answer = service.answer(
                        message, from: OneInstance(), to: Caller(name: "uid 1", mayChange: mayChange))
                    guard case .reply(let reply) = answer else { continue }
                    // One message, which a client can read.
                    precondition(reply.last == 0 && reply.dropLast().allSatisfy { $0 != 0 })
                    let read = try? VarlinkJSON.decode(
                        VarlinkReply<[String: JSONValue]>.self, from: Array(reply.dropLast()))
                    precondition(read != nil)
                }
            }
        } catch {
            return 0
        }
    }
    return 0
}

private struct OneInstance: AgentControl {
    var instanceCount: Int { 1 }
    func instance(at index: Int) -> InstanceReport {
        InstanceReport(
            name: "a", state: "backup", since: "", secondsInState: 1.5, reason: "started", interface: "eth0",
            virtualRouterId: 10, version: 2, priority: 100)
    }
    func instanceIndex(named name: String) -> Int? { name == "a" ? 0 : nil }
    func explanation(at index: Int) -> ExplanationReport { ExplanationReport(summary: "s", causes: [], next: "n") }
    func check(configuration text: String) -> CheckReport {
        CheckReport(
            valid: false, diagnostics: [.init(severity: "error", line: 1, column: 1, message: text)], changes: [])
    }
    func handOver(_ request: HandoverRequest) -> [AskedInstance] {
        precondition(request.instances.allSatisfy { $0 == 0 })
        return request.instances.map { _ in AskedInstance(name: "a", key: 0) }
    }
    func handoverResult(of instance: AskedInstance) -> HandoverResult { .done }
    func resume(_ instances: [Int]) -> [String] { ["a"] }
    func reload(isPlan: Bool, confirmSeconds: Int?) -> ReloadAnswer { .done(.changed([], warnings: [])) }
    func reloadResult(_ number: Int) -> ReloadResult? { nil }
    func confirm() -> Bool { true }
    func setLogLevel(_ level: String) -> Bool { level == "info" }
}
