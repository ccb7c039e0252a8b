import Addressing
import Testing
import VRRP

@testable import FailoverCore

@Suite("What a virtual router has counted and heard")
struct ObservationsTests {
    private let now = moment(.zero)
    private let peer = Sample.address(13)

    private func heard(_ priority: UInt8 = 99, differ: Bool = false, from source: IPAddress? = nil)
        -> HeardAdvertisement
    {
        HeardAdvertisement(
            source: source ?? peer, priority: priority, interval: .seconds(1), addressesDiffer: differ,
            hasOurList: !differ)
    }

    private func drop(_ observations: inout Observations, _ reason: DropReason, at now: Instant) -> Int? {
        observations.drop(reason, from: peer, at: now)
    }

    @Test("What is heard is counted, resignations as such too, and by the form of the checksum where there are two")
    func counts() {
        var observations = Observations()
        observations.hear(heard(), interval: .seconds(1), countsForms: false, at: now)
        observations.hear(heard(0), interval: .seconds(1), countsForms: true, at: now)
        #expect(observations.counters.advertisementsReceived == 2)
        #expect(observations.counters.resignationsReceived == 1)
        #expect(observations.counters.plainChecksums == 1 && observations.counters.pseudoHeaderChecksums == 0)
    }

    @Test("A dropped packet is told of once a minute for each reason, with how many it stands for; each is counted")
    func drops() {
        var observations = Observations()
        #expect(drop(&observations, .password, at: now) == 1)
        #expect(drop(&observations, .password, at: now + .seconds(20)) == nil)
        #expect(drop(&observations, .checksum, at: now + .seconds(30)) == 1)
        #expect(drop(&observations, .password, at: now + .milliseconds(59_999)) == nil)
        #expect(drop(&observations, .password, at: now + .seconds(60)) == 3)
        #expect(drop(&observations, .notReady, at: now) == nil, "no fault of the sender's")
        #expect(observations.counters.dropped == [.password: 4, .checksum: 1, .notReady: 1])
    }

    @Test("Another list of addresses is news once for each sender, and again when it was right in between")
    func lists() {
        var observations = Observations()
        let answers = [true, true, false, true].map { observations.compareList(of: heard(differ: $0)) }
        #expect(answers == [true, false, false, true])
        #expect(observations.compareList(of: heard(differ: true, from: Sample.address(14))) == true, "another sender")
        #expect(observations.compareList(of: heard()) == false, "the other one's list is still wrong")
        #expect(observations.counters.addressListDifferences == 4)
    }

    @Test("The peers are the sixteen that were heard last: a flood of others does not fill the memory")
    func peers() {
        var peers = Peers()
        peers.hear(heard(), interval: .seconds(1), at: now)
        for number in 0..<100 {
            let at = now + .seconds(number)
            peers.hear(heard(), interval: .seconds(1), at: at)
            peers.drop(.password, from: Sample.address(UInt8(100 + number)), at: at)
            #expect(peers.all.count <= 16)
        }
        #expect(peers.all.count == 16)
        let known = peers.all.first { $0.address == peer }
        #expect(known?.advertisements == 101, "who is heard all the while stays")
        #expect(known?.heardAt == now + .seconds(99))
        #expect(Set(peers.all.map(\.address)).isSuperset(of: (185...199).map { Sample.address($0) }))
    }

    @Test("Of a peer it is known what it said last, and when it last named the list that is configured here")
    func lastWord() {
        var peers = Peers()
        peers.hear(heard(150), interval: .seconds(1), at: now)
        peers.hear(heard(140, differ: true), interval: .seconds(2), at: now + .seconds(1))
        #expect(peers.all.first?.priority == 140)
        #expect(peers.all.first?.addressesDiffer == true && peers.all.first?.intervalDiffers == true)
        #expect(peers.sharedListAt(of: peer) == now)
        #expect(peers.sharedListAt(of: Sample.address(14)) == nil)
    }

    @Test("How many were dropped lately fades over the minute after the last")
    func lately() {
        var drops = HeardPeer.Drops(at: Instant(sinceBoot: .seconds(600)))
        for second in 600..<660 { drops.count(at: Instant(sinceBoot: .seconds(second))) }
        #expect(drops.lately(at: Instant(sinceBoot: .seconds(659))) == 60)
        #expect(drops.lately(at: Instant(sinceBoot: .seconds(690))) == 30)
        #expect(drops.lately(at: Instant(sinceBoot: .seconds(720))) == 0)
        drops.count(at: Instant(sinceBoot: .seconds(900)))
        #expect(drops.lately(at: Instant(sinceBoot: .seconds(900))) == 1)
        #expect(drops.total == 61)
    }

    @Test("A sender that was good once stays one of this virtual router, whatever it says; the latest eight are known")
    func senders() {
        func sender(_ number: UInt64, isValid: Bool, at: Instant) -> Senders.Sender {
            Senders.Sender(
                hardwareAddress: MACAddress(rawValue: number), address: peer, isValid: isValid, seenAt: at)
        }
        var senders = Senders()
        senders.note(sender(1, isValid: true, at: now))
        #expect(senders.isKnown(MACAddress(rawValue: 1), as: peer, at: now + .milliseconds(9999)))
        #expect(!senders.isKnown(MACAddress(rawValue: 1), as: peer, at: now + .seconds(10)), "time to look again")
        #expect(!senders.isKnown(MACAddress(rawValue: 1), as: Sample.address(14), at: now))
        senders.note(sender(1, isValid: false, at: now + .seconds(10)))
        #expect(senders.sender(MACAddress(rawValue: 1))?.isValid == true)
        for number in 2...9 as ClosedRange<UInt64> {
            senders.note(sender(number, isValid: false, at: now + .seconds(10 + Int(number))))
        }
        #expect(senders.sender(MACAddress(rawValue: 1)) == nil)
        #expect(senders.sender(MACAddress(rawValue: 9)) != nil)
    }

    @Test("Seen twice and not heard at all: a firewall; heard once: none")
    func hearing() {
        var hearing = Hearing()
        hearing.begin(heard: 10)
        hearing.see(from: peer)
        #expect(hearing.end(heard: 10, canHear: true, isReversePath: { _ in nil }) == nil, "one may be an accident")
        hearing.begin(heard: 10)
        for _ in 0..<3 { hearing.see(from: peer) }
        #expect(hearing.end(heard: 10, canHear: false, isReversePath: { _ in nil }) == nil, "it takes no part")
        #expect(hearing.end(heard: 10, canHear: true, isReversePath: { $0 == peer }) == 3)
        #expect(hearing.isFiltered && hearing.isReversePath == true)
        hearing.begin(heard: 10)
        for _ in 0..<4 { hearing.see(from: peer) }
        #expect(hearing.end(heard: 10, canHear: true, isReversePath: { _ in false }) == nil, "no news")
        #expect(hearing.isFiltered && hearing.isReversePath == false)
        hearing.begin(heard: 10)
        #expect(hearing.end(heard: 11, canHear: true, isReversePath: { _ in nil }) == nil)
        #expect(!hearing.isFiltered && hearing.isReversePath == nil)
    }

    @Test("Over a reload it stays; of another number no host of the old one does")
    func adoption() {
        var old = Observations()
        old.hear(heard(), interval: .seconds(1), countsForms: false, at: now)
        _ = drop(&old, .password, at: now)
        for _ in 0..<2 { old.see(from: peer) }
        var same = old
        same.change(isSameNumber: true)
        #expect(same.counters == old.counters && same.peers == old.peers)
        #expect(same.hearing == old.hearing && same.senders == old.senders)
        #expect(drop(&same, .password, at: now + .seconds(1)) == nil, "told already")
        var another = old
        another.change(isSameNumber: false)
        #expect(another.counters == old.counters)
        #expect(another.peers.all.isEmpty && another.hearing == Hearing() && another.senders == Senders())
    }
}
