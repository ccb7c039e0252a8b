import Glibc
import ScriptRuntime

/// Runs check and notify scripts for failover-agent, which starts no program itself.
@main
enum FailoverScripts {
    static func main() {
        // Not `CommandLine.arguments`: a script's arguments need not be text.
        var arguments: [[UInt8]] = []
        for index in 0..<Int(CommandLine.argc) {
            guard let word = unsafe CommandLine.unsafeArgv[index] else { break }
            arguments.append(unsafe UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) })
        }
        exit(RunnerProgram.run(arguments))
    }
}
