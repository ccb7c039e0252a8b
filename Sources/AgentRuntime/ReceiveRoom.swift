import Configuration
import FailoverCore
import Kernel
import Reporting

/// Whether the kernel keeps what arrives for as long as the loop may be busy with something else.
enum ReceiveRoom {
    /// How late the loop is believed to be.
    static let lateness = Duration.milliseconds(50)

    /// The advertisements that arrive meanwhile on the busiest interface, each virtual router's at least once.
    static func needed(by instances: some Sequence<InstanceConfiguration>) -> Int {
        var needed: [String: Int] = [:]
        for instance in instances {
            needed[instance.interface, default: 0] += max(Int(lateness / instance.advertisementInterval), 1)
        }
        return needed.values.max() ?? 0
    }
}

extension Agent {
    func noteReceiveRoom() {
        let smallest = receivers.values.map(\.room).min()
        let has = (smallest ?? .max) / IPv4AdvertisementReceiver.memoryOfPacket
        let needed = ReceiveRoom.needed(by: core.configuredInstances)
        let bytes = needed * IPv4AdvertisementReceiver.memoryOfPacket
        note(
            .receiveBuffersSmall,
            has >= needed
                ? nil
                : .receiveBuffersSmall(
                    room: has, needed: needed, milliseconds: ReceiveRoom.lateness.inMilliseconds, bytes: bytes))
    }
}
