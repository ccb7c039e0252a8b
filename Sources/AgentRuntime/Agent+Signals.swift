import EventLoop
import FailoverCore
import Kernel
import Reporting

extension Agent {
    /// Takes the signals that mean something to other programs.
    ///
    /// A few at a time, and after everything else: whoever sends them without end takes no time from the protocol.
    func answerHabitSignals(in loop: EventLoop) throws -> EventSource {
        let reader = try SignalReader(Signals.habits)
        var habits = HabitSignals()
        return try EventSource.readable(reader.number, in: loop, urgency: .control) { [unowned self] in
            for _ in 0..<Self.signalsInOneTurn {
                guard let arrival = reader.next() else { return }
                if let line = habits.line(about: arrival, at: Clocks.sinceBoot(), realtime: Signals.realtime) {
                    log.write(.notice, line)
                }
            }
        }
    }

    private static let signalsInOneTurn = 16
}
