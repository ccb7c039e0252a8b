import Testing
import VRRP

@Suite("Timers: RFC 3768 and RFC 9568, section 6.1")
struct TimersTests {
    @Test(
        "Version 2: the skew is (256 - priority) / 256 s, whatever the interval",
        arguments: [
            (UInt8(254), 1, Duration.nanoseconds(7_812_500), Duration.nanoseconds(3_007_812_500)),
            (100, 1, .nanoseconds(609_375_000), .nanoseconds(3_609_375_000)),
            (1, 1, .nanoseconds(996_093_750), .nanoseconds(3_996_093_750)),
            (100, 10, .nanoseconds(609_375_000), .nanoseconds(30_609_375_000)),
        ])
    func version2(priority: UInt8, interval: Int, skew: Duration, down: Duration) {
        #expect(Timers.skew(version: .v2, priority: priority, interval: .seconds(interval)) == skew)
        #expect(Timers.masterDownInterval(version: .v2, priority: priority, interval: .seconds(interval)) == down)
    }

    @Test(
        "Version 3: the skew scales with the interval, finer than a centisecond",
        arguments: [
            (UInt8(254), 10, Duration.nanoseconds(78_125)),
            (100, 10, .nanoseconds(6_093_750)),
            (100, 100, .nanoseconds(60_937_500)),
            (1, 40_950, .nanoseconds(40_790_039_062)),
        ])
    func version3(priority: UInt8, milliseconds: Int, skew: Duration) {
        let interval = Duration.milliseconds(milliseconds)
        let computed = Timers.skew(version: .v3, priority: priority, interval: interval)
        #expect(computed >= skew && computed < skew + .nanoseconds(1))
        #expect(
            Timers.masterDownInterval(version: .v3, priority: priority, interval: interval) == interval * 3 + computed)
    }

    @Test("At the shortest interval, neighbouring priorities still differ")
    func distinct() {
        let skews = (1...254).map { Timers.skew(version: .v3, priority: UInt8($0), interval: .milliseconds(10)) }
        #expect(Set(skews).count == skews.count)
    }
}
