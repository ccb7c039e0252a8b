import Foundation
import Testing

@testable import Kernel

@Suite("Roles that outlive a process, on the disk")
struct RoleFileTests {
    private let folder = TestFolder()

    @Test("That a process was told to restart is kept for the next one, and for no other")
    func order() throws {
        let path = folder.path("file")
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
        let path = folder.path("file")
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

    @Test("It is there until the next process begins")
    func word() throws {
        let path = folder.path("file")
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
