/// A target of Package.swift, read as text: a package's own tests can't ask the package manager.
struct PackageTarget: Equatable {
    var name: String
    var path: String
    var dependencies: Set<String>

    /// All targets with Swift files in the text of a Package.swift, in its order.
    static func all(in text: String) -> [PackageTarget] {
        let code = text.split(separator: "\n").map {
            $0.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        }
        .joined(separator: "\n")
        var targets: [PackageTarget] = []
        let beginning = /\.(target|executableTarget|testTarget)\(\s*name: "([^"]+)"/
        for match in code.matches(of: beginning) {
            let arguments = balanced(code[match.range.lowerBound...])
            let name = String(match.2)
            let folder = match.1 == "testTarget" ? "Tests" : "Sources"
            let path = arguments.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
            // The list ends at the first bracket: no dependency has one of its own.
            let list = arguments.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
            targets.append(
                PackageTarget(name: name, path: path ?? "\(folder)/\(name)", dependencies: names(in: list)))
        }
        for match in code.matches(of: /\("(Fuzz\w*)", \[([^\]]*)\]\)/) {
            targets.append(
                PackageTarget(
                    name: String(match.1), path: "Tests/Fuzz/\(match.1)", dependencies: names(in: match.2)))
        }
        return targets
    }

    /// `.f(… (…) …)`: up to the bracket that closes the first one.
    private static func balanced(_ text: Substring) -> Substring {
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" {
                depth -= 1
                if depth == 0 { return text[...index] }
            }
        }
        return text
    }

    /// The modules of a list of dependencies: those of other packages are products, named before their package.
    private static func names(in list: Substring) -> Set<String> {
        let local = list.replacing(/, package: "[^"]+"/, with: "")
        return Set(local.matches(of: /"([^"]+)"/).map { String($0.1) })
    }
}
