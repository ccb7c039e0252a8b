import Addressing
import CLinux
import Glibc
import Testing

@testable import Kernel

@Suite("Which events about routes come through to this program")
struct RoutingFilterTests {
    /// RTM_NEWROUTE and its like: CNetlink, which has them, hides the names of sockets where both are imported.
    private static let (routeAdded, routeRemoved, ruleAdded, ruleRemoved) = (24, 25, 32, 33)

    /// The kernel runs the filter at one end of a pair of sockets.
    private func passes(_ packet: [UInt8]) throws -> Bool {
        var ends: [Int32] = [-1, -1]
        let made = unsafe socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends)
        try #require(made == 0)
        defer { for end in ends { close(end) } }
        try RoutingFilter().filter.attach(to: ends[1])
        guard unsafe send(ends[0], packet, packet.count, 0) == packet.count else { return false }
        var buffer = [UInt8](repeating: 0, count: 1024)
        return unsafe recv(ends[1], &buffer, buffer.count, 0) == packet.count
    }

    private func event(
        _ type: Int, protocolNumber: UInt8, replaces: Bool = false,
        of object: RoutingObject = RoutingMessageTests.objects[2]
    ) throws -> [UInt8] {
        var bytes = try RouteRequestMessage.set(object).bytes(sequence: 0)
        bytes[4] = UInt8(type)
        (bytes[6], bytes[7]) = (0, replaces ? 1 : 0)
        if !object.isRule { bytes[21] = protocolNumber }
        return bytes
    }

    @Test("the removal of one of ours, what an administrator puts in the place of another, the removal of any rule")
    func filter() throws {
        #expect(try passes(event(Self.routeRemoved, protocolNumber: 250)))
        #expect(try !passes(event(Self.routeRemoved, protocolNumber: 18)))
        #expect(try !passes(event(Self.routeAdded, protocolNumber: 250)))
        for number: UInt8 in [2, 3, 4, 9, 16] {
            #expect(try passes(event(Self.routeAdded, protocolNumber: number, replaces: true)))
            #expect(try !passes(event(Self.routeAdded, protocolNumber: number)))
        }
        // BGP
        #expect(try !passes(event(Self.routeAdded, protocolNumber: 186, replaces: true)))
        let rule = RoutingMessageTests.objects[5]
        #expect(try passes(event(Self.ruleRemoved, protocolNumber: 0, of: rule)))
        #expect(try !passes(event(Self.ruleAdded, protocolNumber: 0, of: rule)))
    }
}
