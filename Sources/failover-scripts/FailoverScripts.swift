import Glibc
import ScriptRuntime

/// Will run check and notify scripts for the agent. So far it can only become a script, as the runner will have it.
@main
enum FailoverScripts {
    static func main() {
        // Not `CommandLine.arguments`: a script's arguments need not be text.
        var arguments: [[UInt8]] = []
        for index in 1..<max(Int(CommandLine.argc), 1) {
            guard let word = unsafe CommandLine.unsafeArgv[index] else { break }
            arguments.append(unsafe UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) })
        }
        exit(ScriptExec.run(arguments))
    }
}
