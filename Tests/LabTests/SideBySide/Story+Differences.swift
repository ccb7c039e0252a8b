extension Story.Difference {
    /// Other states of an instance: in the calls of `Story.notify`, and in the FIFO.
    static func states(
        _ name: String = "V1", keepalived: [String], agent: [String], priority: Int = 150, because reason: String
    ) -> [Story.Difference] {
        func difference(_ channel: String, _ text: (String) -> String) -> Story.Difference {
            Story.Difference(
                channel: channel, keepalived: keepalived.map(text), agent: agent.map(text), reason: reason)
        }
        return [
            difference("calls of \(name).state") { "[\($0.lowercased())]" },
            difference("calls of \(name).notify") { "[INSTANCE] [\(name)] [\($0)] [\(priority)]" },
            difference("FIFO of INSTANCE \(name)") { "\($0) \(priority)" },
        ]
    }

    /// Other states, and so another host with the address and other advertisements.
    static func all(
        keepalived: [String], agent: [String], holders: (keepalived: [String], agent: [String]),
        priorities: (keepalived: [String], agent: [String]), because reason: String
    ) -> [Story.Difference] {
        states(keepalived: keepalived, agent: agent, because: reason) + [
            Story.Difference(
                channel: "holder of 192.0.2.1", keepalived: holders.keepalived, agent: holders.agent, reason: reason),
            Story.Difference(
                channel: "priorities of 10", keepalived: priorities.keepalived, agent: priorities.agent, reason: reason),
        ]
    }
}
