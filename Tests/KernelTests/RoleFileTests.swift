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

    @Test("Its bytes are those of version 0.1.0, which may run again after this one")
    func layout() throws {
        do {
            let file = try RoleFile(path: folder.path("roles"))
            file.begin([0x0102_0304_0506_0708, .max])
            file.noteAdvertisement(0, at: .nanoseconds(0x0A0B))
            file.noteAdoption(0, at: .nanoseconds(1))
            file.noteAdoption(0, at: .nanoseconds(2))
            file.noteOrderlyEnd()
        }
        let bytes = try folder.bytes(of: "roles")
        #expect(bytes.count == 16 + 16_384 * 40)
        #expect(bytes[..<16] == [0x46, 0x41, 0x52, 0x4F, 0x4C, 0x45, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0])
        let first: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1, 11, 10, 0, 0, 0, 0, 0, 0, 2] + Array(repeating: 0, count: 7)
        #expect(Array(bytes[16..<40]) == first)
        #expect(bytes[40] == 1 && bytes[41..<56].allSatisfy { $0 == 0 })
        #expect(bytes[56..<64].allSatisfy { $0 == 255 } && bytes[64...].allSatisfy { $0 == 0 })
    }
}
