/// How `failover-agent` and `failover-scripts` talk: over a Unix socket that keeps messages apart (SOCK_SEQPACKET), one message a packet.
///
/// A message is a version, a kind, and fields of a fixed size, numbers with the highest byte first. Only a report's last field, an excerpt of a
/// script's output, has a length of its own. No text of the agent's goes over it: what is run is a place in a plan that both have read by
/// themselves, and the plan's digest goes with it, so that a place never means something in another plan.
///
/// Reading is total: any bytes give a message or `nil`, and what is read writes the same bytes again.
///
/// **Who.** The runner listens on `standardSocketPath`. It takes root and the agent's user (SO_PEERCRED), and closes every other connection. One
/// connection counts, the newest: the runner closes the one before. A connection that brings something that is no order is closed, too.
///
/// **Plan.** The agent sends `activate` first, and again at each reload. The runner answers with one of three:
/// - `active`, with the digest that was asked for: the plan is in use. It is the present plan, the one before, one of these two of an earlier
///   run of the runner, or what the files say now, for they are read again if it is none of those.
/// - `differs`, with the digest of what the files say now. What was in use stays.
/// - `noPlan`, with the first problem: the files make no plan now. What was in use stays.
///
/// For a reload (`isReload`) the files are read in any case: somebody besides root may be able to write to them by now. And what they name has
/// to be there, for the user as whom it runs; an agent that begins is not refused for that, for it has no other plan.
///
/// An agent that begins anew says so (`isStart`) until a plan is active: each `init_file` is written then, and not when the runner begins anew.
///
/// Answers come in the order of the orders. A plan stays in use while no agent is there.
///
/// **Verdicts.** Behind each `active` comes a report for every object that something tracks, also where nothing is known of it yet: a check
/// with the verdict *unknown* (or *down*, with `init_fail`: not decided), a file, a process count. Then one follows whenever there is something new: the end of a check's run, another number in a file,
/// another count. All of them carry the digest of the plan in use. Where the agent does not read, only the newest report of each object waits for
/// it; changes of verdict go first. So a report may be left out, and the last one is always true.
///
/// **Notifications.** `notify` is taken for the present and the previous plan, and names an instance or group by its place there. An event whose sequence
/// number is that of the last one taken for the same instance or group (by kind and name, whatever the plan) is passed over: after a new
/// connection the agent may say its last one again. The FIFOs get their line at once; the scripts' calls go through `NotificationDesk`, whose bounds are
/// all that limits how often they are made: one at a time for an object, 16 at once, those for 20 events a minute and object. Each call that has ended, could not be started, hangs,
/// was replaced or has to wait for a time is told by `notification`, with the event's sequence number. A reply that the agent does not read waits for it, the 1024 newest of them.
///
/// **Hooks.** `hook(startup)` starts `startup_script` at once. `hook(shutdown)` starts `shutdown_script` when no notify script runs or waits, or after
/// that script's timeout at the latest. Either ends at its timeout. `hook` tells the end; where the file names no such script, at once that it exited with 0.
/// Of each hook one runs at a time: an order for one that has been asked for already joins it; and at most 20 a minute, like the calls.
package enum RunnerWire {
    package static let version: UInt8 = 1
    /// Where the runner listens unless it is told another place.
    package static let standardSocketPath = "/run/failover-scripts.sock"
    /// The longest message, in bytes.
    package static let longest = 512

    /// The beginning of each message.
    static func header(_ kind: UInt8) -> [UInt8] { [version, kind] }

    /// - Returns: the kind, and what follows it.
    static func open(_ bytes: some Collection<UInt8>) -> (kind: UInt8, body: ByteReader)? {
        guard bytes.count <= longest else { return nil }
        var reader = ByteReader(Array(bytes)[...])
        guard reader.number(UInt8.self) == version, let kind = reader.number(UInt8.self) else { return nil }
        return (kind, reader)
    }
}

extension ByteReader {
    mutating func digest() -> SHA256.Digest? { bytes(SHA256.Digest.length).flatMap { SHA256.Digest($0) } }

    /// An excerpt takes up all that is left.
    mutating func excerpt() -> OutputExcerpt? { bytes(rest.count).flatMap(OutputExcerpt.init(wire:)) }
}
