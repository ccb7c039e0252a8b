import AgentRuntime
import Glibc

@main
enum FailoverAgent {
    static func main() {
        exit(AgentProgram.run(CommandLine.arguments))
    }
}
