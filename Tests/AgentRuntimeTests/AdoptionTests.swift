import AgentRuntime
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
}
