import Configuration
import Scripts

/// Arbitrary bytes as a message of either side, as a script's text, as a track file, as an environment's file, and as what a script says.
@c(LLVMFuzzerTestOneInput)
public func fuzzScripts(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let order = RunnerOrder(bytes) {
        precondition(order.encoded == bytes)
    }
    if let report = RunnerReport(bytes) {
        precondition(report.encoded == bytes && bytes.count <= RunnerWire.longest)
    }
    if let command = try? ScriptCommand(bytes) {
        precondition(!command.arguments.isEmpty && command.arguments.allSatisfy { !$0.contains(0) })
    }
    if let number = TrackFileValue(bytes).number {
        precondition(abs(number) <= 1 << 31)
    }
    let environment = EnvironmentFile(bytes)
    precondition(environment.variables.allSatisfy { !$0.key.isEmpty && !$0.value.utf8.contains(0) })
    let excerpt = OutputExcerpt(bytes)
    let said = Array(excerpt.description.utf8)
    precondition(said.count <= OutputExcerpt.longest)
    // What one side says the other one reads.
    precondition(OutputExcerpt(wire: said[...]) == excerpt)
    return 0
}
