import FailoverCore
import Testing

@testable import AgentRuntime

@Suite("A list that is told in several turns")
struct InstanceWalkTests {
    private let routers = (1...4).map { RouterID(rawValue: $0) }

    /// What is told, when those of `gone` end after the first one was told.
    private func told(gone: Set<RouterID>) -> [RouterID] {
        var walk = InstanceWalk(routers)
        var told: [RouterID] = []
        if let first = walk.next(where: { _ in true }) { told.append(first) }
        while walk.hasMore(where: { !gone.contains($0) }) {
            if let id = walk.next(where: { !gone.contains($0) }) { told.append(id) }
        }
        return told
    }

    @Test("Each virtual router that stays is told once, whichever go meanwhile")
    func order() {
        #expect(told(gone: []) == routers)
        #expect(told(gone: [routers[0]]) == routers)
        #expect(told(gone: [routers[1], routers[3]]) == [routers[0], routers[2]])
        #expect(told(gone: Set(routers)) == [routers[0]])
    }

    @Test("Where all that were left have gone, the last one is told once more: the end is told with one")
    func end() {
        var walk = InstanceWalk(routers)
        #expect(walk.next(where: { _ in true }) == routers[0])
        #expect(walk.next(where: { $0 == routers[0] }) == routers[0])
        #expect(walk.next(where: { _ in false }) == nil)
        var none = InstanceWalk([])
        #expect(none.next(where: { _ in true }) == nil)
    }
}
