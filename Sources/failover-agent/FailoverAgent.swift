import AgentRuntime
import Glibc

@main
enum FailoverAgent {
    static func main() {
        let mask = AgentProgram.begin()
        exit(AgentProgram.run(CommandLine.arguments, mask: mask))
    }
}
