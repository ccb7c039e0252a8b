import Addressing
import CLinux
import Foundation
import Glibc
import Testing

@testable import Kernel

/// Runs its body on a thread with a network of its own, which ends with the thread.
private func inOwnNetwork<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let outcome = Outcome<Result>()
    let thread = Thread {
        outcome.set(
            Swift.Result {
                guard CLinux_enter_own_network() == 0 else {
                    throw SystemError("can't make a network namespace")
                }
                return try body()
            })
    }
    thread.start()
    return try outcome.get()
}

private final class Outcome<Value: Sendable>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var result: Result<Value, any Error>?

    func set(_ result: Result<Value, any Error>) {
        self.result = result
        done.signal()
    }

    func get() throws -> Value {
        done.wait()
        guard let result else { throw SystemError("no result", code: EIO) }
        return try result.get()
    }
}

/// What a command says on its standard output, started by this thread and so in its network.
private func output(of command: String) throws -> String {
    guard let stream = unsafe popen(command, "r") else { throw SystemError("can't start \(command)") }
    var text: [UInt8] = []
    while true {
        let byte = unsafe getc(stream)
        guard byte >= 0 else { break }
        text.append(UInt8(truncatingIfNeeded: byte))
    }
    _ = unsafe pclose(stream)
    return String(decoding: text, as: UTF8.self)
}

@Suite("The table that keeps this host from ending another one's connections", .enabled(if: geteuid() == 0))
struct ResetGuardTests {
    @Test("It is loaded empty, holds addresses for their time, and leaves nothing behind")
    func table() throws {
        let shown = try inOwnNetwork {
            let own = try ResetGuard()
            try own.load()
            // As after a run that was killed.
            try own.load()
            var shown = [try output(of: "nft list ruleset")]
            let addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1"].compactMap { IPAddress($0) }
            try own.guardAddresses(addresses, for: .milliseconds(700))
            shown.append(try output(of: "nft list ruleset"))
            Clocks.sleep(.milliseconds(1200))
            shown.append(try output(of: "nft list ruleset"))
            try own.remove()
            shown.append(try output(of: "nft list ruleset"))
            return shown
        }
        let empty = shown[0].split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(
            empty == [
                "table inet failover_agent {", "set shared_ipv4 {", "type ipv4_addr", "flags timeout", "}",
                "set shared_ipv6 {", "type ipv6_addr", "flags timeout", "}", "chain output {",
                "type filter hook output priority raw; policy accept;",
                "ip saddr @shared_ipv4 tcp flags rst counter packets 0 bytes 0 drop",
                "ip saddr @shared_ipv4 icmp type destination-unreachable counter packets 0 bytes 0 drop",
                "ip6 saddr @shared_ipv6 tcp flags rst counter packets 0 bytes 0 drop",
                "ip6 saddr @shared_ipv6 icmpv6 type destination-unreachable counter packets 0 bytes 0 drop", "}", "}",
            ])
        for address in ["192.0.2.1 timeout 700ms", "192.0.2.2 timeout 700ms", "2001:db8::1 timeout 700ms"] {
            #expect(shown[1].contains(address), "\(shown[1])")
        }
        #expect(!shown[2].contains("192.0.2") && !shown[2].contains("2001:db8"))
        #expect(shown[3].isEmpty)
    }

    @Test("Somebody who flushes the rules is noticed; what it does itself is no loss")
    func lost() throws {
        let losses = try inOwnNetwork {
            let own = try ResetGuard()
            try own.load()
            var losses = [own.isLost()]
            _ = try output(of: "nft add table inet other")
            _ = try output(of: "nft delete table inet other")
            losses.append(own.isLost())
            _ = try output(of: "nft flush ruleset")
            losses.append(own.isLost())
            #expect(throws: SystemError.self) { try own.guardAddresses([IPAddress(192, 0, 2, 1)], for: .seconds(1)) }
            try own.load()
            losses.append(own.isLost())
            return losses
        }
        #expect(losses == [false, false, true, false])
    }
}
