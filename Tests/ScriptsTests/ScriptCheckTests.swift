import Configuration
import Scripts
import Testing
import VRRP

@Suite("A check: vrrp_script")
struct ScriptCheckTests {
    @Test("The first run begins at once, and the next ones an interval after another, from start to start")
    func starts() {
        var check = ScriptCheck(.of(interval: .seconds(2), timeout: .seconds(1)), at: at(10))
        #expect(check.deadline == at(10))
        #expect(check.advance(to: at(10)) == .start(1))
        #expect(check.advance(to: at(10)) == nil, "once")
        check.ended(1, .exited(0), output: OutputExcerpt(), at: at(10.7))
        #expect(check.deadline == at(12))
        #expect(check.advance(to: at(11.9)) == nil)
        // Late by a moment: the time of the one behind it stays.
        #expect(check.advance(to: at(12.01)) == .start(2))
        check.ended(2, .exited(0), output: OutputExcerpt(), at: at(12.1))
        #expect(check.deadline == at(14))
    }

    @Test("An interval may be a few milliseconds")
    func milliseconds() {
        var check = ScriptCheck(.of(interval: .milliseconds(5)), at: at(1))
        check.run(.exited(0), from: 1, to: 1.001)
        #expect(check.deadline == at(1.005))
    }

    @Test("After a pause of the machine there is one run, not one for each that was missed")
    func pause() {
        var check = ScriptCheck(.of(), at: at(0))
        check.run(.exited(0), from: 0, to: 0.1)
        check.run(.exited(0), from: 100.5, to: 100.6)
        #expect(check.deadline == at(101.5))
    }

    // MARK: - Results

    @Test(
        "Only an exit status of 0 is a success: not another one, no signal, and no program that could not be started",
        arguments: [
            (RunEnd.exited(0), ScriptCheck.Verdict.up), (.exited(1), .down), (.exited(126), .down),
            (.exited(127), .down),
            (.signalled(15), .down), (.notStarted(2), .down), (.notStarted(0), .down),
        ])
    func results(end: RunEnd, verdict: ScriptCheck.Verdict) {
        var check = ScriptCheck(.of(), at: at(0))
        #expect(check.verdict == .unknown)
        check.run(end, from: 0, to: 0.1)
        #expect(check.verdict == verdict)
    }

    @Test("rise and fall count from the first result on")
    func countFromFirst() {
        var check = ScriptCheck(.of(rise: 2, fall: 3), at: at(0))
        check.results([.exited(0)], from: 0)
        #expect(check.verdict == .unknown)
        check.results([.exited(0)], from: 1)
        #expect(check.verdict == .up)
        var other = ScriptCheck(.of(rise: 2, fall: 3), at: at(0))
        other.results([.exited(1), .exited(1)], from: 0)
        #expect(other.verdict == .unknown)
        other.results([.exited(1)], from: 2)
        #expect(other.verdict == .down)
    }

    @Test("An opposite result begins the count anew")
    func opposite() {
        var check = ScriptCheck(.of(fall: 3), at: at(0))
        check.results([.exited(0), .exited(1), .exited(1), .exited(0), .exited(1), .exited(1)], from: 0)
        #expect(check.verdict == .up && check.streak == -2)
        check.results([.exited(1)], from: 6)
        #expect(check.verdict == .down && check.streak == -3)
    }

    @Test("With init_fail it is down until it has risen")
    func initFail() {
        var check = ScriptCheck(.of(rise: 2, isDownAtFirst: true), at: at(0))
        #expect(check.verdict == .down)
        check.results([.exited(0)], from: 0)
        #expect(check.verdict == .down)
        check.results([.exited(0)], from: 1)
        #expect(check.verdict == .up)
    }

    // MARK: - Timeout

    @Test("A run has failed at its deadline, whatever it answers to the signal")
    func deadline() {
        var check = ScriptCheck(.of(interval: .seconds(10), timeout: .seconds(2)), at: at(0))
        #expect(check.advance(to: at(0)) == .start(1))
        #expect(check.deadline == at(2))
        #expect(check.advance(to: at(2)) == .terminate(1))
        #expect(check.verdict == .down)
        #expect(check.last?.wasCutOff == true && check.last?.end == nil)
        check.ended(1, .exited(0), output: OutputExcerpt(), at: at(2.5))
        #expect(check.verdict == .down && check.streak == -1)
        #expect(check.last?.wasCutOff == true && check.last?.duration == .seconds(2.5))
        #expect(check.deadline == at(10))
    }

    @Test("A run that does not go after SIGTERM is killed two seconds later, once")
    func killed() {
        var check = ScriptCheck(.of(interval: .seconds(10), timeout: .seconds(2)), at: at(0))
        _ = check.advance(to: at(0))
        _ = check.advance(to: at(2))
        #expect(check.deadline == at(4))
        #expect(check.advance(to: at(4)) == .kill(1))
        #expect(check.deadline == at(12), "the run that could not begin at 10 s would have failed then")
        #expect(check.advance(to: at(11)) == nil)
        check.ended(1, .signalled(9), output: OutputExcerpt(), at: at(100))
        #expect(check.advance(to: at(100)) == .start(2))
    }

    @Test("A run that SIGKILL does not end fails again at each interval: with fall 3 the check is down after three")
    func stuck() {
        var policy = CheckPolicy()
        policy.fall = 3
        var check = ScriptCheck(policy, at: at(0))
        #expect(check.advance(to: at(0)) == .start(1))
        #expect(check.advance(to: at(1)) == .terminate(1))
        #expect(check.advance(to: at(3)) == .kill(1))
        #expect(check.verdict == .unknown)
        // It needs a moment to die.
        #expect(check.advance(to: at(3)) == nil && check.streak == -1)
        #expect(check.deadline == at(4))
        #expect(check.advance(to: at(4)) == .countStuck(1))
        #expect(check.verdict == .unknown)
        #expect(check.advance(to: at(5)) == .countStuck(1))
        #expect(check.verdict == .down)
        #expect(check.isAlwaysCutOff)
        // After a pause of the machine it counts once.
        #expect(check.advance(to: at(100)) == .countStuck(1))
        #expect(check.advance(to: at(100)) == nil)
        #expect(check.streak == -4)
        // When it is gone at last, its end counts for nothing, and the next run begins.
        check.ended(1, .signalled(9), output: OutputExcerpt(), at: at(100.5))
        #expect(check.streak == -4)
        #expect(check.advance(to: at(100.5)) == .start(2))
    }

    @Test("A check that a reload took out waits for the end of its run, and counts nothing")
    func stuckAndGone() {
        var check = ScriptCheck(CheckPolicy(), at: at(0))
        #expect(check.advance(to: at(0)) == .start(1))
        #expect(check.giveUp(at: at(0.5)) == .terminate(1))
        #expect(check.advance(to: at(2.5)) == .kill(1))
        #expect(check.deadline == nil)
        var killed = ScriptCheck(CheckPolicy(), at: at(0))
        for time in [0, 1, 3] { _ = killed.advance(to: at(Double(time))) }
        #expect(killed.giveUp(at: at(3.5)) == nil)
        #expect(killed.deadline == nil)
    }

    @Test("No second copy starts beside a running one: what is due meanwhile is left out, and counted")
    func noOverlap() {
        var check = ScriptCheck(.of(interval: .seconds(1), timeout: .seconds(5)), at: at(0))
        _ = check.advance(to: at(0))
        #expect(check.advance(to: at(3.3)) == nil)
        check.ended(1, .exited(0), output: OutputExcerpt(), at: at(3.3))
        #expect(check.verdict == .up)
        #expect(check.skippedStarts == 3)
        #expect(check.deadline == at(4))
    }

    @Test("A run that ends in the moment in which the next one is due lets it begin")
    func exactEnd() {
        var check = ScriptCheck(.of(interval: .seconds(1), timeout: .seconds(5)), at: at(0))
        _ = check.advance(to: at(0))
        check.ended(1, .exited(0), output: OutputExcerpt(), at: at(1))
        #expect(check.skippedStarts == 0)
        #expect(check.advance(to: at(1)) == .start(2))
    }

    @Test(
        "Without a timeout each run that is too long is cut off when the next one is due; that one begins when it has gone"
    )
    func noTimeout() {
        var check = ScriptCheck(.of(interval: .seconds(1)), at: at(0))
        _ = check.advance(to: at(0))
        #expect(check.advance(to: at(1)) == .terminate(1))
        #expect(check.advance(to: at(1)) == nil, "it is still there")
        check.ended(1, .signalled(15), output: OutputExcerpt(), at: at(1.01))
        #expect(check.advance(to: at(1.01)) == .start(2))
        #expect(check.skippedStarts == 0)
    }

    @Test("A check whose every run is cut off is told after three, and no more once one has ended")
    func alwaysCutOff() {
        var check = ScriptCheck(.of(interval: .seconds(1)), at: at(0))
        for turn in 0..<3 {
            #expect(!check.isAlwaysCutOff)
            _ = check.advance(to: at(Double(turn)))
            _ = check.advance(to: at(Double(turn) + 1))
            check.ended(UInt64(turn + 1), .signalled(15), output: OutputExcerpt(), at: at(Double(turn) + 1))
        }
        #expect(check.isAlwaysCutOff && check.cutOffs == 3)
        check.run(.exited(1), from: 3, to: 3.5)
        #expect(!check.isAlwaysCutOff, "it failed, but by itself")
    }

    @Test("The end of another run, or a second end, changes nothing")
    func strangeEnd() {
        var check = ScriptCheck(.of(), at: at(0))
        #expect(check.ended(1, .exited(0), output: OutputExcerpt(), at: at(0)) == false)
        _ = check.advance(to: at(0))
        #expect(check.ended(7, .exited(1), output: OutputExcerpt(), at: at(0.1)) == false)
        #expect(check.ended(1, .exited(0), output: OutputExcerpt(), at: at(0.1)) == true)
        #expect(check.ended(1, .exited(1), output: OutputExcerpt(), at: at(0.2)) == false)
        #expect(check.verdict == .up && check.streak == 1)
    }

    @Test("The last run is told: its end, how long it took, what it said first")
    func lastRun() {
        var check = ScriptCheck(.of(), at: at(5))
        _ = check.advance(to: at(5))
        check.ended(1, .exited(2), output: OutputExcerpt(Array("\nno route\nmore".utf8)), at: at(5.25))
        #expect(check.last?.end == .exited(2))
        #expect(check.last?.duration == .milliseconds(250))
        #expect(check.last?.output.description == "no route")
        #expect(check.nextStart == at(6))
    }

    // MARK: - Reload

    @Test("A reload keeps results, counts and the run that has begun")
    func reload() {
        var check = ScriptCheck(.of(rise: 3), at: at(0))
        check.results([.exited(0), .exited(0)], from: 0)
        _ = check.advance(to: at(2))
        check.change(to: .of(interval: .seconds(5), timeout: .seconds(4), rise: 3), at: at(2.1))
        #expect(check.verdict == .unknown && check.streak == 2)
        #expect(check.current?.number == 3)
        #expect(check.deadline == at(6), "the new timeout counts for it")
        check.ended(3, .exited(0), output: OutputExcerpt(), at: at(2.2))
        #expect(check.verdict == .up)
        #expect(check.deadline == at(7), "five seconds after its start")
    }

    @Test("A shorter interval counts from the last start, and never from the past")
    func shorterInterval() {
        var check = ScriptCheck(.of(interval: .seconds(60)), at: at(0))
        check.run(.exited(0), from: 0, to: 0.1)
        check.change(to: .of(interval: .seconds(10)), at: at(30))
        #expect(check.deadline == at(30))
    }
}

@Suite("All checks of a plan")
struct CheckTableTests {
    private func check(_ name: String, _ text: String, user: String? = nil, fall: Int = 1) throws -> CheckConfiguration
    {
        var check = CheckConfiguration(name: name, location: place, command: try ScriptCommand(Array(text.utf8)))
        check.user = user.map { ScriptUser(name: $0) }
        check.policy.fall = fall
        return check
    }

    @Test("A check with the same command and user is the same one, wherever it stands and whatever it is called")
    func same() throws {
        var table = CheckTable()
        #expect(table.change(to: [try check("a", "/a 1"), try check("b", "/b")], at: at(0)).isEmpty == true)
        let ids = table.entries.map(\.id)
        let orders = table.advance(to: at(0))
        #expect(orders.map(\.order) == [.start(1), .start(1)])
        #expect(table.ended(ids[0], run: 1, .exited(0), output: OutputExcerpt(), at: at(0.1)) == 0)
        #expect(
            table.change(to: [try check("b", "/b"), try check("other", "/a 1", fall: 9)], at: at(0.2)).isEmpty == true)
        #expect(table.entries.map(\.id) == ids.reversed())
        #expect(table.entries[1].check.verdict == .up && table.entries[1].check.policy.fall == 9)
        #expect(table.entries[0].check.current?.number == 1)
    }

    @Test("Where many runs are due at once only so many begin, the longest due first, and what ends comes before")
    func slices() throws {
        var table = CheckTable()
        _ = table.change(to: try (1...5).map { try check("\($0)", "/\($0)") }, at: at(0))
        let ids = table.entries.map(\.id)
        #expect(table.advance(to: at(0), atMost: 2).map(\.id) == [ids[0], ids[1]])
        #expect(table.deadline == at(0), "the others are still due")
        #expect(table.ended(ids[0], run: 1, .exited(0), output: OutputExcerpt(), at: at(0.9)) == 0)
        // The first is due again, the second has run into its timeout, and the rest has never begun.
        let orders = table.advance(to: at(1), atMost: 2)
        #expect(orders.map(\.order) == [.terminate(1), .start(1), .start(1)])
        #expect(orders.map(\.id) == [ids[1], ids[2], ids[3]])
        #expect(table.advance(to: at(1), atMost: 2).map(\.id) == [ids[4], ids[0]])
        #expect(table.entry(ids[4])?.check.deadline == at(2), "its time begins when it begins")
    }

    @Test("Another argument or another user is another check: it begins anew, and the run of the old one is ended")
    func different() throws {
        var table = CheckTable()
        _ = table.change(to: [try check("a", "/a 1")], at: at(0))
        let old = table.entries[0].id
        _ = table.advance(to: at(0))
        #expect(table.change(to: [try check("a", "/a 2")], at: at(0.5)) == [.init(id: old, order: .terminate(1))])
        #expect(table.entries[0].id != old && table.entries[0].check.verdict == .unknown)
        #expect(table.advance(to: at(0.5)).map(\.order) == [.start(1)])
        #expect(table.advance(to: at(2.5)).contains(.init(id: old, order: .kill(1))))
        #expect(table.ended(old, run: 1, .signalled(9), output: OutputExcerpt(), at: at(2.6)) == nil)
        #expect(table.entry(old) == nil)
        _ = table.change(to: [try check("a", "/a 2", user: "nobody")], at: at(3))
        #expect(table.entries[0].check.verdict == .unknown)
    }

    @Test("Plans that come and go in turn do not have a check run more often than at its interval")
    func flipping() throws {
        var table = CheckTable()
        let plans = [[try check("a", "/a"), try check("c", "/c")], [try check("b", "/b"), try check("c", "/c")]]
        var starts: [String: Int] = [:]
        for tick in 0..<50 {
            let now = at(Double(tick) / 10)
            _ = table.change(to: plans[tick % 2], at: now)
            for order in table.advance(to: now) {
                guard case .start(let run) = order.order, let entry = table.entry(order.id) else { continue }
                starts[entry.name, default: 0] += 1
                _ = table.ended(order.id, run: run, .exited(0), output: OutputExcerpt(), at: now)
            }
        }
        #expect(starts == ["a": 5, "b": 5, "c": 5])
    }

    @Test(
        "One that is put back runs soon, three seconds after its last run; what it said counts until it would have run again"
    )
    func shorter() throws {
        var table = CheckTable()
        func configuration(_ seconds: Double) throws -> [CheckConfiguration] {
            var check = try check("a", "/a")
            (check.policy.interval, check.policy.timeout) = (.seconds(seconds), .seconds(1))
            return [check]
        }
        _ = table.change(to: try configuration(3600), at: at(0))
        let id = table.entries[0].id
        #expect(table.advance(to: at(0)).map(\.order) == [.start(1)])
        _ = table.ended(id, run: 1, .exited(0), output: OutputExcerpt(), at: at(0.5))
        _ = table.change(to: [], at: at(1))
        _ = table.change(to: try configuration(3600), at: at(2))
        #expect(table.deadline == at(3) && table.entries[0].check.verdict == .up && table.entries[0].check.isDecided)
        _ = table.change(to: [], at: at(2.5))
        _ = table.change(to: try configuration(5), at: at(20))
        #expect(table.deadline == at(20) && table.entries[0].check.verdict == .unknown)
    }

    @Test("One that is put back while its run is still there waits for the end of that, which says nothing")
    func takenBack() throws {
        var table = CheckTable()
        _ = table.change(to: [try check("a", "/a")], at: at(0))
        let id = table.entries[0].id
        _ = table.advance(to: at(0))
        #expect(table.change(to: [], at: at(0.2)) == [.init(id: id, order: .terminate(1))])
        #expect(table.change(to: [try check("b", "/a")], at: at(0.4)).isEmpty)
        #expect(table.entries.map(\.id) == [id] && table.entries[0].name == "b")
        #expect(table.advance(to: at(1.5)).isEmpty, "no second copy beside it")
        #expect(table.ended(id, run: 1, .signalled(15), output: OutputExcerpt(), at: at(1.6)) == 0)
        #expect(table.entries[0].check.streak == 0 && table.entries[0].check.verdict == .unknown)
        #expect(table.advance(to: at(1.6)).map(\.order) == [.start(2)])
        // What it said before it was taken out still counts.
        _ = table.ended(id, run: 2, .exited(0), output: OutputExcerpt(), at: at(1.7))
        _ = table.advance(to: at(2.6))
        _ = table.change(to: [], at: at(2.7))
        _ = table.change(to: [try check("b", "/a")], at: at(2.8))
        #expect(table.entries[0].check.verdict == .up && table.entries[0].check.isDecided)
    }

    @Test("Where two checks are alike, each name keeps its own")
    func alike() throws {
        var table = CheckTable()
        _ = table.change(to: [try check("a", "/a"), try check("b", "/a")], at: at(0))
        let ids = table.entries.map(\.id)
        _ = table.change(to: [try check("b", "/a"), try check("a", "/a")], at: at(0))
        #expect(table.entries.map(\.id) == ids.reversed())
    }
}
