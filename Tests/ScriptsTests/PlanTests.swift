import Configuration
import Scripts
import Testing

@Suite("The plan, and its digest")
struct PlanTests {
    private func digest(_ text: String) -> SHA256.Digest {
        var hash = SHA256()
        hash.add(text.utf8)
        return hash.digest()
    }

    @Test(
        "SHA-256: the standard's vectors",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func vectors(text: String, expected: String) {
        #expect(digest(text).description == expected)
    }

    @Test("SHA-256 does not depend on the pieces in which the bytes come")
    func pieces() {
        let text = Array(String(repeating: "0123456789", count: 40).utf8)
        for size in [1, 7, 63, 64, 65, 400] {
            var hash = SHA256()
            var rest = text[...]
            while !rest.isEmpty {
                hash.add(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(hash.digest() == digest(String(decoding: text, as: UTF8.self)))
        }
        // A million times 'a'.
        var hash = SHA256()
        for _ in 0..<100 { hash.add([UInt8](repeating: UInt8(ascii: "a"), count: 10_000)) }
        #expect(hash.digest().description == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("Whatever reading the files depends on is in the digest")
    func covered() {
        var archive = FileArchive()
        archive.add("/c/main", Array("x".utf8))
        archive.add("/c/other", Array("@y".utf8))
        archive.add(expansion: "/c/*", ["/c/other"])
        let own = ReadingContext(configurationID: "a", environment: ["A": "1"], workingDirectory: "/")
        func changed(
            path: String = "/c/main", context: ReadingContext? = nil, _ change: (inout FileArchive) -> Void = { _ in }
        ) -> SHA256.Digest {
            var copy = archive
            change(&copy)
            return SHA256.Digest(of: copy, readFrom: path, in: context ?? own)
        }
        func with(_ id: String, _ environment: [String: String], _ folder: String) -> SHA256.Digest {
            changed(
                context: ReadingContext(configurationID: id, environment: environment, workingDirectory: folder))
        }
        let digests = [
            changed(), changed { $0.add("/c/main", Array("z".utf8)) }, changed { $0.add("/c/third", []) },
            changed { $0.add(expansion: "/c/*", []) }, changed(path: "/c/other"), with("b", ["A": "1"], "/"),
            with("a", ["A": "2"], "/"), with("a", ["A": "1", "B": ""], "/"),
            changed(path: "main"),
            changed(
                path: "main", context: .init(configurationID: "a", environment: ["A": "1"], workingDirectory: "/x")),
        ]
        #expect(Set(digests).count == digests.count)
        #expect(with("a", ["A": "1"], "/") == changed(), "and nothing else")
        #expect(with("a", ["A": "1"], "/x") == changed(), "nor the folder in which a program was started")
    }

    @Test("The host's name is in the digest where a file may ask for it")
    func hostName() {
        func digest(_ text: String, _ id: String) -> SHA256.Digest {
            var archive = FileArchive()
            archive.add("/c", Array(text.utf8))
            return SHA256.Digest(of: archive, readFrom: "/c", in: ReadingContext(configurationID: id))
        }
        for text in ["@a x", "  @^a x", "${_INSTANCE}"] { #expect(digest(text, "a") != digest(text, "b")) }
        #expect(digest("x", "a") == digest("x", "b"))
    }

    private func plan(_ text: String) throws -> ScriptPlan {
        var check = CheckConfiguration(name: "c", location: place, command: try ScriptCommand(Array("/c".utf8)))
        check.weight = 1
        var configuration = ScriptingConfiguration()
        var unused = check
        unused.name = "u"
        configuration.checks = [unused, check]
        configuration.files = [TrackFileConfiguration(name: "f", location: place, path: "/f")]
        configuration.processes = [TrackProcessConfiguration(name: "p", location: place, program: [1])]
        configuration.subjects = [try instance([.master: "/m"])]
        configuration.subjects[0].trackers = [
            TrackLine(location: place, tracker: TrackerName(.script, "c"))
        ]
        return ScriptPlan(configuration, digest: digest(text))
    }

    @Test("Checks, files, processes, then instances and groups: each has a place, and no other place has anything")
    func places() throws {
        let plan = try plan("a")
        #expect(plan.objects == [.check(0), .check(1), .file(0), .process(0), .subject(0)])
        for (place, object) in plan.objects.enumerated() {
            #expect(plan.place(of: object) == UInt32(place))
            #expect(plan.object(at: UInt32(place)) == object)
        }
        #expect(plan.object(at: 5) == nil && plan.object(at: .max) == nil)
        #expect(plan.place(of: .check(2)) == nil && plan.place(of: .subject(1)) == nil)
        #expect(plan.subject(at: 4)?.name == "VI_1")
        #expect(plan.subject(at: 0) == nil, "nobody tells a check anything")
        #expect(plan.isTracked(.check(1)) && !plan.isTracked(.check(0)) && !plan.isTracked(.file(0)))
    }

    @Test("The agent can choose the present plan and the one before, and nothing else")
    func shelf() throws {
        var shelf = PlanShelf()
        let (first, second, third) = (try plan("1"), try plan("2"), try plan("3"))
        #expect(shelf.choose(first.digest, keeping: nil) == .readAgain)
        #expect(shelf.offer(first, for: first.digest, keeping: nil) == .active(isNew: true))
        #expect(shelf.choose(first.digest, keeping: nil) == .active(isNew: false))
        #expect(shelf.choose(second.digest, keeping: nil) == .readAgain)
        #expect(shelf.offer(third, for: second.digest, keeping: nil) == .readAgain, "the files say something else")
        #expect(shelf.present == first && shelf.previous == nil)
        #expect(shelf.offer(second, for: second.digest, keeping: nil) == .active(isNew: true))
        // Nobody has confirmed it.
        #expect(shelf.choose(first.digest, keeping: nil) == .active(isNew: true))
        #expect(shelf.present == first && shelf.previous == second)
        #expect(shelf.offer(third, for: third.digest, keeping: nil) == .active(isNew: true))
        #expect(shelf.choose(second.digest, keeping: nil) == .readAgain)
    }

    @Test("The plan to which the agent may go back is kept, however many others come; one that was never read can't be")
    func base() throws {
        let plans = try (1...4).map { try plan("\($0)") }
        var shelf = PlanShelf()
        for plan in plans.prefix(2) {
            #expect(shelf.offer(plan, for: plan.digest, keeping: nil) == .active(isNew: true))
        }
        #expect(shelf.choose(plans[1].digest, keeping: plans[0].digest) == .active(isNew: false))
        for plan in plans.suffix(2) {
            #expect(shelf.offer(plan, for: plan.digest, keeping: plans[0].digest) == .active(isNew: true))
        }
        #expect(shelf.offer(plans[3], for: plans[3].digest, keeping: plans[0].digest) == .active(isNew: false))
        #expect(shelf.plan(plans[0].digest) == plans[0] && shelf.plan(plans[1].digest) == nil)
        #expect(shelf.all == [plans[3], plans[2], plans[0]])
        var next = PlanShelf(earlier: shelf.all)
        #expect(shelf.choose(plans[0].digest, keeping: nil) == .active(isNew: true), "the way back, and its end")
        #expect(shelf.present == plans[0] && shelf.previous == plans[3])
        #expect(shelf.base == nil)
        #expect(shelf.choose(plans[0].digest, keeping: plans[1].digest) == .active(isNew: false))
        #expect(shelf.base == nil)
        #expect(next.choose(plans[0].digest, keeping: nil) == .active(isNew: true))
    }

    @Test("What an earlier run had in use can be chosen, and is in use only then")
    func earlier() throws {
        let (first, second, third) = (try plan("1"), try plan("2"), try plan("3"))
        var shelf = PlanShelf(earlier: [second, first])
        #expect(shelf.plan(second.digest) == nil && !shelf.isInUse, "the agent has not chosen")
        #expect(shelf.choose(third.digest, keeping: nil) == .readAgain && !shelf.isInUse)
        var other = shelf
        #expect(shelf.choose(second.digest, keeping: nil) == .active(isNew: true))
        #expect(shelf.choose(second.digest, keeping: nil) == .active(isNew: false))
        #expect(shelf.plan(second.digest) == second && shelf.plan(first.digest) == first)
        #expect(shelf.plan(third.digest) == nil)
        #expect(other.choose(first.digest, keeping: nil) == .active(isNew: true))
        #expect(other.present == first && other.previous == second)
        #expect(
            other.offer(third, for: third.digest, keeping: nil) == .active(isNew: true)
                && other.plan(second.digest) == nil)
    }

    @Test("Where the two have read different files both read again, three times in all; then both keep what they have")
    func agreement() {
        var agreement = PlanAgreement(wanting: digest("1"))
        #expect(agreement.take(.active(digest("0"))) == .wait)
        #expect(agreement.take(.differs(digest("2"))) == .readAgain)
        agreement.readAgain(digest("2"))
        #expect(agreement.take(.active(digest("2"))) == .agreed)
        var failing = PlanAgreement(wanting: digest("1"))
        #expect(failing.take(.differs(digest("2"))) == .readAgain)
        #expect(failing.take(.noPlan(.errors)) == .readAgain)
        #expect(failing.take(.differs(digest("2"))) == .failed)
    }
}
