/// Packets in a pcapng file, as far as the tests need it: this machine's byte order, Ethernet, and blocks of interfaces and packets.
enum WireFile {
    struct Frame: Hashable {
        /// Seconds since 1970.
        let time: Double
        /// The number of the interface, as they were named to dumpcap.
        let interface: Int
        let bytes: [UInt8]

        /// The VRRP message in it, with who sent it; `nil` for other frames.
        var advertisement: (source: String, id: UInt8, priority: UInt8)? {
            guard bytes.count >= 34, bytes[12] == 8, bytes[13] == 0, bytes[23] == 112 else { return nil }
            let begin = 14 + Int(bytes[14] & 15) * 4
            guard bytes.count >= begin + 8 else { return nil }
            return (bytes[26..<30].map { "\($0)" }.joined(separator: "."), bytes[begin + 1], bytes[begin + 2])
        }
    }

    static func frames(in file: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var resolutions: [Double] = []
        var place = 0
        while place + 12 <= file.count {
            let length = number(file, place + 4)
            guard length >= 12, place + length <= file.count else { break }
            switch number(file, place) {
            case 1: resolutions.append(resolution(file, place + 16, end: place + length - 4))
            case 6 where length >= 32:
                let interface = number(file, place + 8)
                let size = number(file, place + 20)
                guard resolutions.indices.contains(interface), place + 28 + size <= file.count else { break }
                let ticks = Double(number(file, place + 12)) * 4_294_967_296 + Double(number(file, place + 16))
                frames.append(
                    Frame(
                        time: ticks / resolutions[interface], interface: interface,
                        bytes: Array(file[(place + 28)..<(place + 28 + size)])))
            default: break
            }
            place += length
        }
        return frames
    }

    /// Ticks a second: the option if_tsresol, or a million.
    private static func resolution(_ file: [UInt8], _ begin: Int, end: Int) -> Double {
        var place = begin
        while place + 4 <= end {
            let code = Int(file[place]) | Int(file[place + 1]) << 8
            let length = Int(file[place + 2]) | Int(file[place + 3]) << 8
            if code == 0 { break }
            if code == 9, place + 4 < end {
                return (0..<Int(file[place + 4] & 0x7F)).reduce(1.0) { ticks, _ in ticks * 10 }
            }
            place += 4 + (length + 3) / 4 * 4
        }
        return 1_000_000
    }

    private static func number(_ file: [UInt8], _ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(file[place + $1]) << (8 * $1) }
    }
}
