/// A daemon's command line, word by word. It is a few options: a library for more would bring whole Foundation into the daemon.
package struct OptionWords {
    /// A word that can't be used.
    package struct UsageError: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    private var rest: ArraySlice<String>
    private var name = ""
    private var inlineValue: String?

    /// - Parameter arguments: the program's name first.
    package init(_ arguments: some Collection<String>) { rest = Array(arguments)[...].dropFirst() }

    /// The next option's name; `nil` at the end. What follows a `=` is its value.
    package mutating func next() -> String? {
        guard let word = rest.popFirst() else { return nil }
        name = word
        inlineValue = nil
        if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
            name = String(word[..<equals])
            inlineValue = String(word[word.index(after: equals)...])
        }
        return name
    }

    /// The value of the option that came last: what follows its `=`, or the next word.
    package mutating func value() throws(UsageError) -> String {
        guard let value = inlineValue ?? rest.popFirst() else { throw UsageError("\(name) needs a value") }
        return value
    }

    /// Whether the option that came last is without a `=`, as one that takes no value has to be.
    package var isAlone: Bool { inlineValue == nil }

    /// Nobody knows the option that came last.
    package var unknown: UsageError {
        UsageError("unknown argument '\(name)\(inlineValue.map { "=\($0)" } ?? "")'")
    }
}
