import Addressing
import Foundation
import Testing

@testable import Kernel

@Suite("Which addresses are this program's, on the disk")
struct StateFileTests {
    private let folder = TestFolder()

    private static func key(_ last: UInt8, length: Int = 24, interface: Int32 = 2) throws -> AddressKey {
        AddressKey(
            interface: InterfaceIndex(rawValue: interface),
            prefix: try #require(IPPrefix(address: IPAddress(192, 0, 2, last), length: length)))
    }

    private func found() throws -> [AddressKey: UInt32] { try StateFile(path: folder.path("addresses")).found }

    @Test("What was remembered is found, what was forgotten is not, and a place is used again")
    func roundTrip() throws {
        do {
            let file = try StateFile(path: folder.path("addresses"))
            #expect(file.found.isEmpty)
            for last: UInt8 in 1...4 { file.remember(try Self.key(last), createdAt: UInt32(last) * 100) }
            file.forget(try Self.key(2))
            file.forget(try Self.key(9))
            file.remember(try Self.key(2, length: 32, interface: 3), createdAt: 7)
            file.remember(try Self.key(4), createdAt: 444)
        }
        #expect(
            try found() == [
                Self.key(1): 100, Self.key(3): 300, Self.key(4): 444, Self.key(2, length: 32, interface: 3): 7,
            ])
        let bytes = try folder.bytes(of: "addresses")
        #expect(bytes[8..<12] == [4, 0, 0, 0])
    }

    @Test("An entry that can't be is passed over; another layout counts as empty, and is written over")
    func damaged() throws {
        do {
            let file = try StateFile(path: folder.path("addresses"))
            file.remember(try Self.key(1), createdAt: 100)
            file.remember(try Self.key(2), createdAt: 200)
        }
        // The first entry's prefix length.
        try folder.overwrite("addresses", at: 16 + 12, with: [33])
        #expect(try found() == [Self.key(2): 200])
        // More entries than there is room for.
        try folder.overwrite("addresses", at: 8, with: [255, 255, 255, 255])
        #expect(try found() == [Self.key(2): 200])
        try folder.overwrite("addresses", at: 7, with: [9])
        #expect(try found().isEmpty)
        #expect(try folder.bytes(of: "addresses")[7..<12] == [1, 0, 0, 0, 0])
    }

    @Test("IPv6 addresses have a file of their own, which is made when the first one comes")
    func otherFamily() throws {
        func key(_ text: String) throws -> AddressKey {
            AddressKey(interface: InterfaceIndex(rawValue: 2), prefix: try #require(IPPrefix(text)))
        }
        do {
            let file = try StateFile(path: folder.path("addresses"))
            file.remember(try Self.key(1), createdAt: 100)
            #expect(!FileManager.default.fileExists(atPath: folder.path("addresses6")))
            file.remember(try key("2001:db8::1/64"), createdAt: 1)
            file.remember(try key("fe80::51:1/128"), createdAt: 2)
            file.forget(try key("2001:db8::1/64"))
            file.remember(try key("2001:db8::2/64"), createdAt: .max)
        }
        #expect(
            try found() == [Self.key(1): 100, key("fe80::51:1/128"): 2, key("2001:db8::2/64"): .max])
        #expect(try folder.bytes(of: "addresses")[8] == 1, "version 0.1.0 reads the other one as before")
        #expect(try folder.bytes(of: "addresses6").count == 16 + 4096 * 32)
        // The second entry's prefix length; an IPv4-mapped address is none.
        try folder.overwrite("addresses6", at: 16 + 32 + 24, with: [129])
        #expect(try found() == [Self.key(1): 100, key("2001:db8::2/64"): .max])
        try folder.overwrite("addresses6", at: 16, with: [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 192, 255, 255, 0, 0])
        #expect(try found() == [Self.key(1): 100])
    }

    @Test("Its bytes are those of version 0.1.0, which may run again after this one")
    func layout() throws {
        do {
            let file = try StateFile(path: folder.path("addresses"))
            file.remember(try Self.key(1), createdAt: 0x0102_0304)
            file.remember(try Self.key(254, length: 32, interface: 0x0A0B_0C0D), createdAt: .max)
            file.remember(try Self.key(3), createdAt: 7)
            file.forget(try Self.key(3))
        }
        let bytes = try folder.bytes(of: "addresses")
        #expect(bytes.count == 16 + 16_384 * 16)
        #expect(bytes[..<16] == [0x41, 0x46, 0x41, 0x56, 0x53, 0x45, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0])
        #expect(bytes[16..<32] == [2, 0, 0, 0, 1, 2, 0, 192, 4, 3, 2, 1, 24, 1, 0, 0])
        #expect(bytes[32..<48] == [0x0D, 0x0C, 0x0B, 0x0A, 254, 2, 0, 192, 255, 255, 255, 255, 32, 1, 0, 0])
        #expect(bytes[48...].allSatisfy { $0 == 0 })
    }
}
