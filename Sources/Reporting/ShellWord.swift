extension String {
    /// As a word of a shell command: what a name holds must not be carried out.
    package var asShellWord: String {
        let isPlain =
            !isEmpty && utf8.first != UInt8(ascii: "-")
            && utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "_-.:/@%+,".utf8.contains(byte)
            }
        if isPlain { return self }
        var word = "'"
        // A quote that a combining mark follows is a letter of its own to Swift, and a quote to the shell.
        for scalar in unicodeScalars { word += scalar == "'" ? "'\\''" : String(scalar) }
        return (utf8.first == UInt8(ascii: "-") ? "-- " : "") + word + "'"
    }
}
