import CSystemd

/// What systemd is told about the service. Without systemd nothing happens.
package enum ServiceManager {
    package enum Notice: Hashable, Sendable {
        /// Start-up is over.
        case ready
        /// One line for `systemctl status`.
        case status(String)
        case stopping
    }

    package static func notify(_ notices: Notice...) {
        let text = notices.map { notice in
            switch notice {
            case .ready: "READY=1"
            case .status(let line): "STATUS=\(line)"
            case .stopping: "STOPPING=1"
            }
        }
        _ = unsafe sd_notify(0, text.joined(separator: "\n"))
    }
}
