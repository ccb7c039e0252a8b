extension RunnerReport {
    package struct FileReport: Hashable, Sendable {
        /// -2^31 to 2^31.
        package var value: Int64
        package var fault: TrackFileValue.Fault?

        package init(value: Int64, fault: TrackFileValue.Fault?) {
            self.value = value
            self.fault = fault
        }
    }

    package struct ProcessReport: Hashable, Sendable {
        package var isMet: Bool
        package var count: UInt32

        package init(isMet: Bool, count: UInt32) {
            self.isMet = isMet
            self.count = count
        }
    }
}

extension RunnerReport.FileReport {
    init?(_ body: inout ByteReader) {
        let most = Int64(1) << 31
        guard let bits = body.number(UInt64.self), let fault = body.number(UInt8.self) else { return nil }
        let value = Int64(bitPattern: bits)
        guard (-most...most).contains(value), fault == 0 || TrackFileValue.Fault(rawValue: fault) != nil else {
            return nil
        }
        self.init(value: value, fault: TrackFileValue.Fault(rawValue: fault))
    }
}
