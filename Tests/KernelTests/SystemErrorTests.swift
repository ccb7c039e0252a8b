import Glibc
import Testing

@testable import Kernel

@Suite("A system call that failed")
struct SystemErrorTests {
    @Test("It says what was tried, and the system's words")
    func words() {
        #expect(
            SystemError("can't open the door", code: ENOENT).description
                == "can't open the door: No such file or directory")
        #expect(SystemError.text(of: EACCES) == "Permission denied")
        #expect(SystemError.text(of: 12_345).contains("12345"))
    }

    @Test(
        "An interrupted call is repeated; any other failure is thrown with its number, and its name is made only then")
    func checked() throws {
        var calls = 0
        func name() -> String {
            calls += 100
            return "a call"
        }
        let result = try check(name()) {
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 7
        }
        #expect(result == 7)
        #expect(calls == 3)
        #expect(throws: SystemError("a call", code: EPERM)) {
            try check(name()) {
                errno = EPERM
                return -1
            }
        }
        #expect(calls == 103)
    }
}
