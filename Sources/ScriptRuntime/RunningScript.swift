import EventLoop
import Glibc
import Kernel
import Scripts

/// A script that runs, and what it says.
final class RunningScript {
    /// What it is run for.
    enum Purpose: Hashable {
        /// A check, by its number in the table, and the run of it.
        case check(UInt64, run: UInt64)
        /// A call of the desk.
        case call(run: UInt64)
        case hook(Hook)
        /// What reads a FIFO, by its path.
        case reader(String)
    }

    /// Of all runs of this program.
    let number: UInt64
    let purpose: Purpose
    /// As the journal names it.
    let name: String
    let order: LaunchOrder
    let process: ScriptProcess
    let group: ControlGroup?
    var lines = OutputLines()
    /// Bytes that go into lines still; what comes beyond is thrown away.
    var room = RunningScript.mostShown
    var output: EventSource?
    var beginning: EventSource?
    /// What it has left running goes on to write.
    var rest: EventSource?
    /// errno, where it could not begin.
    var failure: Int32?
    /// It could not begin once already, because somebody had its file open for writing.
    let isSecondTry: Bool

    /// So much of what one run says is looked at, in bytes; and again each minute.
    static let mostShown = 256 << 10

    init(
        _ number: UInt64, for purpose: Purpose, named name: String, _ order: LaunchOrder,
        _ process: consuming ScriptProcess, in group: ControlGroup?, isSecondTry: Bool
    ) {
        self.number = number
        self.purpose = purpose
        self.name = name
        self.order = order
        self.process = process
        self.group = group
        self.isSecondTry = isSecondTry
    }

    deinit {
        // Before its descriptors are closed: see `EventSource.cancel`.
        output?.cancel()
        rest?.cancel()
        beginning?.cancel()
    }

    /// Sends a signal to all of its processes.
    func signal(_ number: Int32) {
        if let group {
            if number == SIGKILL { group.kill() } else { group.terminate() }
        }
        // Also before it has got into its group.
        if kill(-process.process, number) != 0 { _ = kill(process.process, number) }
    }
}
