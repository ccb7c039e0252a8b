package import Configuration

extension SHA256.Digest {
    /// What tells one plan from another: a digest of all that reading the files depends on. That is their paths and bytes, what their
    /// patterns found, which of them is the first, and what they may ask about the host. `FileArchive` writes them sorted, with
    /// their lengths, so that no two sets of files give the same bytes; in which order they are read follows from what they hold.
    ///
    /// **Why SHA-256.** The digest only selects: the agent names one of two plans, both of which the runner has read itself from root's
    /// files. So whoever controls the agent gains nothing by a collision, for each answer is one of the two. What must not happen is
    /// that both programs take different files for the same, because then a place in the plan means another script on each side. A change in
    /// a file that somebody prepares, and root only copies into place, could be made to collide where the digest is weak: FNV-1a (`StableHash`)
    /// has 64 bits, and collisions are found in seconds. SHA-256 settles that.
    ///
    /// **Why our own.** The kernel's AF_ALG is missing in containers and would be one more socket family for the unit. swift-crypto brings
    /// BoringSSL: megabytes for one function of a hundred lines, which the standard's test vectors check.
    package init(
        of archive: FileArchive, readFrom path: String, in context: ReadingContext
    ) {
        var hash = SHA256()
        func add(_ bytes: some Collection<UInt8>) {
            var length: [UInt8] = []
            length.append(number: UInt64(bytes.count))
            hash.add(length)
            hash.add(bytes)
        }
        add("failover-agent plan 1".utf8)
        add(path.utf8)
        // Where no file asks for it, it counts for nothing: what a program takes for the host's name depends on when it was started.
        let asksForName = archive.holds(UInt8(ascii: "@")) || archive.holds(UInt8(ascii: "$"))
        add(asksForName ? context.configurationID.utf8 : "".utf8)
        // It counts for nothing else: both programs need not have been started in the same folder.
        add(path.hasPrefix("/") ? "".utf8 : context.workingDirectory.utf8)
        for (name, value) in context.environment.sorted(by: { $0.key < $1.key }) {
            add(name.utf8)
            add(value.utf8)
        }
        // Where the names end.
        add([UInt8]())
        add(archive.encoded)
        self = hash.digest()
    }
}

extension FileArchive {
    /// Whether a byte stands somewhere in a file.
    fileprivate func holds(_ byte: UInt8) -> Bool { paths.contains { (try? read($0))?.contains(byte) ?? true } }
}
