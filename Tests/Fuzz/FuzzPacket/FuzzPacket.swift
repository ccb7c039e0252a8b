import Addressing
import VRRP

/// Arbitrary bytes as a received packet. The first byte chooses what is expected; the rest is the packet.
@c(LLVMFuzzerTestOneInput)
public func fuzzPacket(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = bytes.first else { return 0 }
    let body = Array(bytes.dropFirst())
    guard let packet = try? ReceivedPacket(body.span) else { return 0 }
    _ = packet.addresses(in: body.span)
    let version: ProtocolVersion = choice & 1 == 0 ? .v2 : .v3
    let authentication: Authentication = choice & 2 == 0 ? .none : .password(Password("s3cret".utf8))
    let check = AdvertisementCheck(
        version: version, virtualRouterID: packet.virtualRouterID, interval: .seconds(1),
        authentication: authentication,
        addresses: [IPAddress(192, 0, 2, 1)], reach: .multicast(group: packet.destination))
    guard let heard = try? check.judge(packet, in: body.span) else { return 0 }
    // What passes must be what another router can have sent.
    precondition(packet.timeToLive == 255 && packet.addressCount > 0 && heard.interval > .zero)
    precondition(heard.source.isUnicast)
    return 0
}
