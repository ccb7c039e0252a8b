import AgentRuntime
import Glibc
import Kernel
import Testing

@Suite("Signals that other programs act upon")
struct HabitSignalTests {
    static let realtime: ClosedRange<Int32> = 34...64

    private func arrival(_ number: Int32, process: Int32 = 0) -> SignalReader.Arrival {
        SignalReader.Arrival(number: number, process: process, user: 1000)
    }

    @Test(
        "A line names the signal, its sender, and the command that answers instead",
        arguments: [
            (SIGUSR1, "SIGUSR1", "'failoverctl show NAME'"), (SIGUSR2, "SIGUSR2", "'failoverctl metrics'"),
            (36, "SIGRTMIN+2", "'failoverctl status --json'"), (63, "SIGRTMAX-1", "never set back"),
            (34, "SIGRTMIN+0", "'failoverctl status'"), (64, "SIGRTMIN+30", "'failoverctl metrics'"),
            (SIGTSTP, "SIGTSTP", "'failoverctl handover --all'"), (SIGQUIT, "SIGQUIT", "SIGTERM"),
            (SIGALRM, "SIGALRM", "'failoverctl status'"),
        ])
    func lines(number: Int32, name: String, command: String) {
        var habits = HabitSignals()
        let line = habits.line(about: arrival(number), at: .zero, realtime: Self.realtime) ?? ""
        #expect(line.hasPrefix("\(name) does nothing here: "))
        #expect(line.contains(command))
        let sent =
            habits.line(about: arrival(number, process: 77), at: HabitSignals.pause, realtime: Self.realtime) ?? ""
        #expect(sent.hasPrefix("\(name), sent by process 77 of user 1000, does nothing here: "))
    }

    @Test("A flood is one line a minute for each signal, and says how many there were")
    func flood() {
        var habits = HabitSignals()
        var lines: [String] = []
        for turn in 0..<600 {
            for number in [SIGUSR1, SIGUSR2] {
                let now = Duration.milliseconds(turn * 200)
                if let line = habits.line(about: arrival(number), at: now, realtime: Self.realtime) {
                    lines.append(line)
                }
            }
        }
        #expect(lines.count == 4)
        #expect(lines.filter { $0.hasSuffix("(and 299 more since)") }.count == 2)
    }

    @Test("Every signal that can be caught is an order, a habit or ignored: none is both")
    func disjoint() {
        #expect(Set(Signals.orders).isDisjoint(with: Signals.habits))
        #expect(Signals.habits.count == Set(Signals.habits).count)
        for number in [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGKILL, SIGSTOP, SIGPIPE] {
            #expect(!(Signals.orders + Signals.habits).contains(number))
        }
    }
}
