import AgentRuntime
import Foundation
import Kernel
import Testing
import VRRP

@Suite("Roles that outlive a process")
struct AdoptionTests {
    private let now = Duration.seconds(1000)

    private func candidates(_ role: RoleFile.Role?) -> [Int: Instant] {
        Adoption.candidates([7, 8], in: role.map { [8: $0] } ?? [:], at: now)
    }

    @Test("A master of the same configuration goes on; another configuration, or a backup, does not")
    func candidate() {
        let role = RoleFile.Role(advertisedAt: .seconds(999), adoptions: [])
        #expect(candidates(role) == [1: Instant(sinceBoot: .seconds(999))])
        #expect(candidates(nil).isEmpty)
        #expect(candidates(RoleFile.Role(advertisedAt: .zero, adoptions: [])).isEmpty)
        #expect(Adoption.candidates([7], in: [8: role], at: now).isEmpty)
    }

    @Test("Three times in a minute, and no more")
    func limit() {
        func role(_ ages: Int...) -> RoleFile.Role {
            RoleFile.Role(advertisedAt: .seconds(999), adoptions: ages.map { now - .seconds($0) })
        }
        #expect(candidates(role(1, 2)).count == 1)
        #expect(candidates(role(1, 2, 3)).isEmpty)
        #expect(candidates(role(1, 2, 61)).count == 1)
        // Told to restart: as often as somebody likes.
        #expect(Adoption.candidates([8], in: [8: role(1, 2, 3)], isInOrder: true, at: now).count == 1)
        // From before the last boot.
        #expect(candidates(role(1, 2, -5)).count == 1)
    }

    @Test("That a process was told to restart is kept for the next one, and for no other")
    func order() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-roles-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        func run(_ body: (RoleFile) -> Void = { _ in }) throws -> Bool {
            let file = try RoleFile(path: path)
            file.begin([7])
            body(file)
            return file.continuesInOrder
        }
        #expect(try !run { $0.noteOrderlyEnd() })
        #expect(try run())
        #expect(try !run())
    }

    @Test("The file keeps what was stored, and one that is damaged says nothing")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-roles-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let file = try RoleFile(path: path)
            #expect(file.found.isEmpty)
            file.begin([7, 8])
            file.noteAdvertisement(1, at: .nanoseconds(123_456_789))
            file.noteAdoption(1, at: .seconds(5))
            file.noteAdvertisement(5, at: .seconds(1))
        }
        do {
            let file = try RoleFile(path: path)
            #expect(file.found[8] == RoleFile.Role(advertisedAt: .nanoseconds(123_456_789), adoptions: [.seconds(5)]))
            #expect(file.found[7]?.advertisedAt == .zero)
            file.begin([8])
            file.noteAdvertisement(0, at: nil)
        }
        #expect(try RoleFile(path: path).found == [8: RoleFile.Role(advertisedAt: .zero, adoptions: [.seconds(5)])])
        // Half written.
        try Data(repeating: 0, count: 8).write(to: URL(filePath: path))
        #expect(try RoleFile(path: path).found.isEmpty)
    }

    @Test("A file of somebody else is not touched", arguments: ["x", "precious notes, and more of them"])
    func alien(text: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-alien-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(throws: SystemError.self) { try RoleFile(path: path) }
        #expect(throws: SystemError.self) { try BlobFile(path: path, capacity: 8) }
        #expect(throws: SystemError.self) { try StateFile(path: path) }
        #expect(throws: SystemError.self) { try ControlSocket(path: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}

@Suite("The word that a restarting process leaves")
struct OrderlyEndTests {
    @Test("It is there until the next process begins")
    func word() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fotest-order-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(!RoleFile.tellsOfOrderlyEnd(path: path))
        do {
            let roles = try RoleFile(path: path)
            roles.begin([7])
            #expect(!RoleFile.tellsOfOrderlyEnd(path: path))
            roles.noteOrderlyEnd()
        }
        #expect(RoleFile.tellsOfOrderlyEnd(path: path))
        let next = try RoleFile(path: path)
        #expect(next.continuesInOrder)
        #expect(!RoleFile.tellsOfOrderlyEnd(path: path))
    }
}
