import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("What was sent, and whether it left")
struct SentAdvertisementsTests {
    private let now = moment(.zero)
    private let peer = Sample.address(13)

    private func packet(_ priority: UInt8, from source: UInt8 = 11) throws -> OutgoingPacket {
        let instance = Instance(Sample.configuration("one", id: 10), at: now)
        return try #require(instance.packets(priority: priority, from: Sample.address(source)).first)
    }

    private func contains(_ sent: SentAdvertisements, _ packet: OutgoingPacket, at now: Instant) throws -> Bool {
        let received = try ReceivedPacket(ipv4: packet.bytes.span)
        return sent.contain(received, in: packet.bytes.span, interval: .seconds(1), at: now)
    }

    @Test("An own advertisement is recognised for three intervals, each priority and source for itself")
    func recognised() throws {
        var sent = SentAdvertisements()
        sent.note(try packet(100), at: now)
        #expect(try contains(sent, packet(100), at: now + .seconds(3)))
        #expect(try !contains(sent, packet(100), at: now + .milliseconds(3001)))
        #expect(try !contains(sent, packet(99), at: now))
        #expect(try !contains(sent, packet(100, from: 12), at: now))
        sent.note(try packet(0), at: now + .seconds(1))
        #expect(try contains(sent, packet(100), at: now + .seconds(2)))
        #expect(try contains(sent, packet(0), at: now + .seconds(2)))
        sent.note(try packet(100), at: now + .seconds(5))
        #expect(try contains(sent, packet(100), at: now + .seconds(8)))
    }

    @Test("What did not leave can't come back; the same that left before can")
    func takenBack() throws {
        var sent = SentAdvertisements()
        sent.note(try packet(100), at: now)
        sent.takeBack()
        #expect(try !contains(sent, packet(100), at: now))
        sent.note(try packet(100), at: now)
        sent.note(try packet(100), at: now + .seconds(2))
        sent.takeBack()
        #expect(try contains(sent, packet(100), at: now + .seconds(3)))
        #expect(try !contains(sent, packet(100), at: now + .seconds(4)))
        sent.takeBack()
        #expect(try contains(sent, packet(100), at: now + .seconds(3)), "each failure takes one back")
    }

    @Test("No more than eight are kept, the latest")
    func bounded() throws {
        var sent = SentAdvertisements()
        for priority in 1...20 as ClosedRange<UInt8> {
            sent.note(try packet(priority), at: now + .milliseconds(Int(priority)))
        }
        let at = now + .milliseconds(20)
        let kept = try (1...20 as ClosedRange<UInt8>).filter { try contains(sent, packet($0), at: at) }
        #expect(kept == Array(13...20))
    }

    @Test("A master fails since the first failure in a row; a backup's says nothing about its mastership")
    func failing() {
        let failure = SendFailure(code: 1, text: "Operation not permitted")
        var sending = Sending()
        #expect(sending.isQuiet)
        sending.note(failure, isMaster: false, at: now)
        #expect(sending.failingSince == nil && sending.failure == failure)
        sending.note(failure, isMaster: true, at: now + .seconds(1))
        sending.note(failure, isMaster: true, at: now + .seconds(2))
        #expect(sending.failingSince == now + .seconds(1) && sending.failedAt == now + .seconds(2))
        #expect(!sending.isQuiet)
        sending.forget()
        #expect(sending.isQuiet)
    }

    @Test("After a full queue the same is sent again, at most three times, well before the next one is due")
    func resend() {
        var sending = Sending()
        for _ in 0..<3 {
            sending.planResend(interval: .seconds(1), at: now)
            #expect(sending.takeResend(at: now + .milliseconds(49)) == false)
            #expect(sending.takeResend(at: now + .milliseconds(50)) == true)
            #expect(sending.takeResend(at: now + .milliseconds(51)) == false)
        }
        sending.planResend(interval: .seconds(1), at: now)
        #expect(sending.resendAt == nil)
        sending.forget()
        sending.planResend(interval: .milliseconds(80), at: now)
        #expect(sending.resendAt == now + .milliseconds(10), "an eighth of a short interval")
    }

    @Test("A backup that can't send looks each five seconds whether it can")
    func trial() {
        var sending = Sending()
        #expect(!sending.isTrialDue(at: now))
        sending.planTrial(at: now)
        #expect(!sending.isTrialDue(at: now + .milliseconds(4999)))
        #expect(sending.isTrialDue(at: now + .seconds(5)))
    }

    @Test("A peer that nothing reaches is told once a minute for each reason, and counts as out of reach for that long")
    func unreached() {
        let refused = SendFailure(code: 1, text: "Operation not permitted")
        let noRoute = SendFailure(code: 113, text: "No route to host")
        var sending = Sending()
        #expect(sending.noteUnreached(peer, refused, at: now) == true)
        #expect(sending.noteUnreached(peer, refused, at: now + .seconds(59)) == false)
        #expect(sending.noteUnreached(peer, noRoute, at: now + .seconds(60)) == true)
        #expect(sending.failure(to: peer, at: now + .seconds(119)) == noRoute)
        #expect(sending.failure(to: peer, at: now + .seconds(120)) == nil)
        #expect(sending.failure == nil, "others are reached")
        #expect(sending.noteUnreached(Sample.address(12), noRoute, at: now + .seconds(90)) == true)
        #expect(sending.unreached(at: now + .seconds(100)).map(\.0) == [Sample.address(12), peer])
        #expect(sending.unreached(at: now + .seconds(130)).map(\.0) == [Sample.address(12)])
    }

    @Test("Other addresses: what stays is advertised at once, what is new when the kernel has acknowledged it")
    func addresses() {
        let addresses = (1...4).map { Sample.address($0) }
        var advertised = AdvertisedPackets(Array(addresses[0...2]))
        advertised.change(to: [addresses[2], addresses[3], addresses[0]])
        #expect(advertised.addresses == [addresses[2], addresses[0]])
        advertised.complete(with: [addresses[2], addresses[3], addresses[0]])
        #expect(advertised.addresses == [addresses[2], addresses[3], addresses[0]])
        advertised.change(to: [addresses[1]])
        #expect(advertised.addresses == [addresses[1]], "an advertisement names at least one")
    }
}
