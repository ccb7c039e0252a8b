import Control
import Testing

@Suite("A member of a JSON object, as it was sent")
struct RawMemberTests {
    private func find(_ name: String, _ text: String) -> String? {
        RawMember.find(name, in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "Nothing of it is changed",
        arguments: [
            (
                #"{"parameters":{"a":1.0,"b":1e2,"c":18446744073709551615}}"#,
                #"{"a":1.0,"b":1e2,"c":18446744073709551615}"#
            ),
            (
                #"{"continues":true,"parameters": {"z":"\u00e9","a":[1,{"parameters":2}]} }"#,
                #"{"z":"\u00e9","a":[1,{"parameters":2}]}"#
            ),
            (#"{"error":"a \"parameters\":{","parameters":{}}"#, "{}"),
            (#"{"x":{"parameters":1},"parameters":null,"y":2}"#, "null"),
            (#"{"parameters":"a,}b"}"#, #""a,}b""#),
        ])
    func found(text: String, member: String) {
        #expect(find("parameters", text) == member)
    }

    @Test(
        "What is not there is not found",
        arguments: ["{}", "", "[]", #"{"a":"parameters"}"#, #"{"a":{"parameters":1}}"#, "{\"parameters", "\\"])
    func missing(text: String) {
        #expect(find("parameters", text) == nil)
    }
}
