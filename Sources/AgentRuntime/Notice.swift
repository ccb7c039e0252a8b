/// Messages that are about no event of a virtual router, by their MESSAGE_ID; systemd/failover-agent.catalog explains each. One that
/// means something else later gets a new number.
package enum Notice: String, Hashable, Sendable, CaseIterable {
    case configurationInvalid = "48d72145465591856bf42a5720e0cd37"
    case lastAcceptedInUse = "c8ee32e97455e90d45f1daea44037c5d"
    case unconfirmed = "1bdf1217d4e0c745bcb932ddf3ced53a"
    case cannotStart = "e9ae4e18e1e78d999fa33f525ace1461"
    case failing = "6e8148e6ac2ffd43b7f62da36ccd128e"
    case toldToStop = "25d12fbe611374a0b8c944c8eaac8dff"
    case toldToRestart = "378a0d2fcd1ed57b0a3004ca500add82"
    case reloadDetail = "b3e246a6c6dd52caa2ba90148f0f85ff"
    case handoverAsked = "f79dde6ab994c509310114f30b01ddcd"
    case stateNotKept = "5b59118e7705b4a43a54dded7996fadd"
    case runnerGone = "6f4e1f0c1a9d4e4db0c6a3f2f7d8b561"
    case notifyCall = "a3c2b9d47e0f4b6fb7a5e1c08d9263f4"
    case eventsLost = "ceb12ce2d48b7843336c8bf876e66ff2"
    case messagesLost = "3bc259d0d6c0cc265bbf5a6d7214fd74"
}
