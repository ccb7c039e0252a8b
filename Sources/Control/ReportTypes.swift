/// An interface that the configuration names. The interface description says what each field means.
package struct InterfaceReport: Hashable, Sendable, Codable {
    package struct Address: Hashable, Sendable, Codable {
        package var address: String
        package var owner: String
        package var lapses: Bool

        package init(address: String, owner: String, lapses: Bool) {
            self.address = address
            self.owner = owner
            self.lapses = lapses
        }
    }

    package var name: String
    package var present: Bool
    package var index: Int?
    package var up: Bool?
    package var carrier: Bool?
    package var hardwareAddress: String?
    package var mtu: Int?
    package var addresses: [Address]
    package var instances: [String]

    package init(
        name: String, present: Bool, index: Int? = nil, up: Bool? = nil, carrier: Bool? = nil,
        hardwareAddress: String? = nil, mtu: Int? = nil, addresses: [Address] = [], instances: [String] = []
    ) {
        self.name = name
        self.present = present
        self.index = index
        self.up = up
        self.carrier = carrier
        self.hardwareAddress = hardwareAddress
        self.mtu = mtu
        self.addresses = addresses
        self.instances = instances
    }
}

/// Something that happened.
package struct EventReport: Hashable, Sendable, Codable {
    package var sequence: Int
    package var time: String
    package var kind: String
    package var severity: String
    package var instance: String?
    package var text: String
    package var fields: [String: String]
    package var seconds: Double?
    package var until: String?

    package init(
        sequence: Int, time: String, kind: String, severity: String, instance: String?, text: String,
        fields: [String: String] = [:], seconds: Double? = nil, until: String? = nil
    ) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.severity = severity
        self.instance = instance
        self.text = text
        self.fields = fields
        self.seconds = seconds
        self.until = until
    }
}

/// The reply to `Explain`.
package struct ExplanationReport: Hashable, Sendable, Codable {
    package struct Cause: Hashable, Sendable, Codable {
        package var text: String
        package var advice: String?

        package init(text: String, advice: String? = nil) {
            self.text = text
            self.advice = advice
        }
    }

    package var summary: String
    package var causes: [Cause]
    package var next: String

    package init(summary: String, causes: [Cause], next: String) {
        self.summary = summary
        self.causes = causes
        self.next = next
    }
}

/// The reply to `CheckConfiguration`.
package struct CheckReport: Hashable, Sendable, Codable {
    package struct Diagnostic: Hashable, Sendable, Codable {
        package var severity: String
        package var line: Int
        package var column: Int
        package var message: String

        package init(severity: String, line: Int, column: Int, message: String) {
            self.severity = severity
            self.line = line
            self.column = column
            self.message = message
        }
    }

    package var valid: Bool
    package var diagnostics: [Diagnostic]
    package var changes: [String]

    package init(valid: Bool, diagnostics: [Diagnostic], changes: [String]) {
        self.valid = valid
        self.diagnostics = diagnostics
        self.changes = changes
    }
}

/// The parameters of a reply to `ListInterfaces`.
package struct ListInterfacesReply: Hashable, Sendable, Codable {
    package var interface: InterfaceReport?
    package init(interface: InterfaceReport?) { self.interface = interface }
}

/// The parameters of a reply to `ListEvents`.
package struct ListEventsReply: Hashable, Sendable, Codable {
    package var event: EventReport?
    package init(event: EventReport?) { self.event = event }
}

/// The parameters of a reply to `Watch`.
package struct WatchReply: Hashable, Sendable, Codable {
    package var instance: InstanceReport?
    package var remaining: Int?
    package var event: EventReport?
    package init(instance: InstanceReport? = nil, remaining: Int? = nil, event: EventReport? = nil) {
        self.instance = instance
        self.remaining = remaining
        self.event = event
    }
}

/// The parameters of a reply to `GetMetrics`.
package struct MetricsReply: Hashable, Sendable, Codable {
    package var text: String
    package init(text: String) { self.text = text }
}
