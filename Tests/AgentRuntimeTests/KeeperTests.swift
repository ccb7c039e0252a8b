import Configuration
import Foundation
import Testing

@testable import AgentRuntime

@Suite("The configuration that was accepted")
struct KeeperTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fotest-keep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func keeper(_ folder: URL) throws -> ConfigurationKeeper {
        ConfigurationKeeper(
            try Arguments([
                "failover-agent", "--config", folder.appending(path: "conf").path(), "--state-dir", folder.path(),
            ]))
    }

    private func write(_ priority: Int, to folder: URL) throws {
        let path = folder.appending(path: "conf").path()
        try """
        vrrp_instance A {
            interface eth0
            virtual_router_id 1
            priority \(priority)
            virtual_ipaddress {
                192.0.2.1
            }
        }

        """.write(toFile: path, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private func accepted(_ folder: URL) throws -> UInt8? {
        try keeper(folder).lastAccepted()?.instances.first?.priority
    }

    @Test("It outlives the process, and what nobody has confirmed does not take its place")
    func unconfirmed() throws {
        try withFolder { folder in
            try write(100, to: folder)
            do {
                let keeper = try keeper(folder)
                #expect(keeper.read().configuration?.instances.first?.priority == 100)
                keeper.noteApplied()
                #expect(!keeper.keepsApplied)
                keeper.accept()
                #expect(keeper.keepsApplied)
                #expect(keeper.problem == nil)
                // Another one comes into use, and waits.
                try write(110, to: folder)
                #expect(keeper.read().configuration?.instances.first?.priority == 110)
                keeper.noteApplied()
                keeper.awaitConfirmation()
                #expect(!keeper.keepsApplied)
                // It was in vain.
                keeper.noteReturned()
                #expect(keeper.keepsApplied)
                // The same once more: what is there is what was accepted.
                keeper.awaitConfirmation()
                keeper.accept()
                #expect(keeper.keepsApplied)
            }
            #expect(try accepted(folder) == 100)
        }
    }

    @Test("What an earlier process left unconfirmed is known again, and taken once it is accepted")
    func known() throws {
        try withFolder { folder in
            try write(100, to: folder)
            do {
                let keeper = try keeper(folder)
                _ = keeper.read()
                keeper.noteApplied()
                keeper.accept()
                try write(110, to: folder)
                _ = keeper.read()
                keeper.noteApplied()
                keeper.awaitConfirmation()
            }
            do {
                let keeper = try keeper(folder)
                _ = keeper.read()
                #expect(keeper.isUnconfirmed)
                #expect(keeper.lastAccepted()?.instances.first?.priority == 100)
                #expect(keeper.keepsApplied)
                _ = keeper.read()
                keeper.noteApplied()
                #expect(!keeper.keepsApplied)
                keeper.accept()
                #expect(keeper.keepsApplied)
                _ = keeper.read()
                #expect(!keeper.isUnconfirmed)
            }
            #expect(try accepted(folder) == 110)
        }
    }
}
