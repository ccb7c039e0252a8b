import Foundation
import Glibc
import Testing

@testable import Kernel

@Suite("A file of fixed size in memory")
struct MappedFileTests {
    private static let magic: UInt64 = 0x0100_5453_4554_4641
    private let folder = TestFolder()

    private func open(_ name: String = "file", size: Int = 64) throws(SystemError) -> MappedFile {
        try MappedFile(path: folder.path(name), size: size, magic: Self.magic)
    }

    @Test("What is stored is there for the next process; outside the file nothing is read or written")
    func roundTrip() throws {
        do {
            let file = try open()
            file.store(Self.magic, at: 0)
            file.store(UInt32(0x0403_0201), at: 60)
            file.store(UInt32.max, at: 61)
            file.store(UInt32.max, at: -1)
            #expect(file.store([7, 8, 9], at: 8))
            #expect(!file.store([7, 8, 9], at: 62))
            #expect(!file.store([7], at: -1))
        }
        let file = try open()
        #expect(file.load(UInt64.self, at: 0) == Self.magic)
        #expect(file.load(UInt32.self, at: 60) == 0x0403_0201)
        #expect(file.load(UInt32.self, at: 61) == nil)
        #expect(file.load(UInt32.self, at: -4) == nil)
        #expect(file.bytes(at: 8, count: 4) == [7, 8, 9, 0])
        #expect(file.bytes(at: 61, count: 4).isEmpty)
        #expect(file.bytes(at: 0, count: 65).isEmpty)
        #expect(try folder.bytes(of: "file").suffix(4) == [1, 2, 3, 4])
    }

    @Test("Only its user reads it, and only one process uses it")
    func exclusive() throws {
        let file = try open()
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path("file"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(throws: SystemError("another process uses \(folder.path("file"))", code: EWOULDBLOCK)) {
            try open()
        }
        #expect(file.load(UInt64.self, at: 0) == 0)
    }

    @Test("Removed, it is made anew with what it held")
    func renewed() throws {
        let file = try open()
        file.store(Self.magic, at: 0)
        #expect(try !file.renewIfMissing())
        try FileManager.default.removeItem(atPath: folder.path("file"))
        #expect(try file.renewIfMissing())
        file.store(UInt8(5), at: 63)
        let bytes = try folder.bytes(of: "file")
        #expect(bytes.count == 64)
        #expect(bytes.first == 0x41 && bytes.last == 5)
    }

    @Test("Another layout of this program's is taken; a link is not followed")
    func layouts() throws {
        let other = Self.magic ^ 0x0300 << 48
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: other >> (8 * $0)) }
        try Data(bytes).write(to: URL(filePath: folder.path("file")))
        #expect(try open().load(UInt64.self, at: 0) == other)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link"), withDestinationPath: folder.path("file"))
        #expect(throws: SystemError.self) { try open("link") }
    }

    @Test("A file of somebody else is not touched", arguments: ["x", "precious notes, and more of them"])
    func alien(text: String) throws {
        let path = folder.path("file")
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect(throws: SystemError.self) { try RoleFile(path: path) }
        #expect(throws: SystemError.self) { try BlobFile(path: path, capacity: 8) }
        #expect(throws: SystemError.self) { try StateFile(path: path) }
        #expect(throws: SystemError.self) { try ListeningSocket(path: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}

@Suite("Some bytes in a mapped file")
struct BlobFileTests {
    private let folder = TestFolder()

    private func content() throws -> [UInt8]? { try BlobFile(path: folder.path("blob"), capacity: 16).content }

    @Test("What was stored last is there; what does not fit changes nothing")
    func roundTrip() throws {
        #expect(try content() == nil)
        do {
            let file = try BlobFile(path: folder.path("blob"), capacity: 16)
            #expect(file.store(Array(1...16)))
            #expect(file.store([3, 1, 4]))
            #expect(!file.store(Array(1...17)))
        }
        #expect(try content() == [3, 1, 4])
        do { #expect(try BlobFile(path: folder.path("blob"), capacity: 16).store([])) }
        #expect(try content() == [])
    }

    @Test(
        "Damaged, it says nothing: a byte of the content, its length, its checksum, or half of it",
        arguments: [
            (24, [9]), (8, [2, 0, 0, 0]), (8, [255, 255, 255, 255]), (16, [0]), (0, [0, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(Int, [UInt8])])
    func damaged(offset: Int, bytes: [UInt8]) throws {
        do { #expect(try BlobFile(path: folder.path("blob"), capacity: 16).store([3, 1, 4])) }
        try folder.overwrite("blob", at: offset, with: bytes)
        #expect(try content() == nil)
    }
}
