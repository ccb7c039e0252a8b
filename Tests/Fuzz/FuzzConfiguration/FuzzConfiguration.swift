import Configuration

/// Arbitrary bytes as a configuration file that may include itself and one other.
@c(LLVMFuzzerTestOneInput)
public func fuzzConfiguration(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let context = ReadingContext(random: { $0.upperBound })
    let result = ConfigurationReader.read("main", from: OneFile(bytes: bytes), context: context)
    precondition((result.configuration == nil) == result.hasErrors)
    for diagnostic in result.diagnostics {
        precondition(diagnostic.location.line >= 1 && diagnostic.location.column >= 0)
        precondition(!"\(diagnostic)".isEmpty)
    }
    for instance in result.configuration?.instances ?? [] {
        precondition(instance.virtualRouterID > 0 && instance.priority > 0)
        precondition(instance.version == 2 || !instance.advertisedAddresses.isEmpty)
        precondition(instance.advertisedAddresses.count <= 255 && (instance.password?.count ?? 0) <= 8)
    }
    // It reads the text several times: a quarter of the inputs.
    if count % 4 == 0,
        let migration = try? Migration("main", as: "new", from: OneFile(bytes: bytes), context: context)
    {
        // What a migration writes is taken, and says what it said.
        let files = OneFile(name: "new", bytes: migration.text)
        let written = ConfigurationReader.read("new", from: files, context: context)
        precondition(written.configuration?.isEquivalent(to: migration.configuration) == true)
    }
    return 0
}

private struct OneFile: SourceFiles {
    var name = "main"
    var bytes: [UInt8]

    func read(_ path: String) throws(SourceError) -> [UInt8] {
        if path == name { return bytes }
        guard name == "main" else { throw SourceError(description: "No such file or directory", isMissing: true) }
        if path == "other" { return Array("$A=1\ninclude main\n".utf8) }
        throw SourceError(description: "No such file or directory")
    }

    func expand(_ pattern: String) -> [String] {
        // What is left of an include names nothing any more.
        name == "main" && pattern.hasPrefix("m") ? ["main", "other"] : []
    }
}
