package import FailoverCore

extension Counter {
    /// The metric that it is told as: its name, and what it says.
    package var metric: (name: String, help: String) {
        let (suffix, help) = suffixAndHelp
        return ("failover_instance_" + suffix, help)
    }

    private var suffixAndHelp: (String, String) {
        switch self {
        case .advertisementsSent: ("advertisements_sent", "Advertisements sent.")
        case .advertisementsReceived: ("advertisements_received", "Advertisements accepted.")
        case .resignationsSent: ("resignations_sent", "Advertisements of priority 0 sent.")
        case .resignationsReceived: ("resignations_received", "Advertisements of priority 0 accepted.")
        case .becameMaster: ("became_master", "How often this host became master.")
        case .sendErrors: ("send_errors", "Advertisements that the system refused to send.")
        case .addressListDifferences: ("address_list_differences", "Advertisements with another list.")
        case .pseudoHeaderChecksums:
            ("pseudo_header_checksums", "Version 3: accepted advertisements whose checksum covers the pseudo-header.")
        case .plainChecksums:
            ("plain_checksums", "Version 3: accepted advertisements whose checksum covers the message alone.")
        case .takeoversPostponed: ("takeovers_postponed", "Takeovers put off after a stall or lost packets.")
        case .defences: ("defences", "Answers to other hosts that claimed an address.")
        }
    }
}
