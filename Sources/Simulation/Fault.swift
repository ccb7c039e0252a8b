import VRRP

/// Something that goes wrong, or changes, at a moment of the story.
package struct Fault: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Packets vanish, by percent.
        case loss(percent: Int)
        /// Packets take longer and overtake each other.
        case delay(Duration)
        case duplication
        /// The hosts of the set hear only each other, the others likewise.
        case partition(Set<Int>)
        case oneWay(from: Int, to: Int)
        /// The same as a partition, on the network of one virtual router alone.
        case segment(router: Int, Set<Int>)
        /// The program does not run. With `deaf`, packets that come meanwhile are lost, as in a paused virtual machine.
        case stall(host: Int, deaf: Bool)
        /// Killed and started again at the end; the addresses stay.
        case crash(host: Int)
        /// Stopped in order, and started again at the end.
        case stop(host: Int)
        case linkDown(host: Int)
        /// Somebody removes a shared address wherever it is.
        case addressRemoved(host: Int, address: Int)
        /// Somebody adds a shared address by hand.
        case addressAdded(host: Int, address: Int)
        /// The host leases a shared address for itself, until the end.
        case leased(host: Int, address: Int)
        /// The host's own address goes and comes back.
        case ownAddressGone(host: Int)
        /// The host gets a second address of its own, for a while.
        case secondOwnAddress(host: Int)
        /// The host's own address is replaced by another one, until the end.
        case sourceChanged(host: Int)
        /// The kernel refuses to add addresses.
        case refusal(host: Int)
        /// The kernel's events get lost; at the end the table is read again.
        case eventsLost(host: Int)
        /// Somebody wants another host to be master, until the end.
        case handover(host: Int, router: Int)
        /// Somebody edits the configuration of a host and has it read; until the end, when the old one comes back.
        case reload(host: Int, router: Int, Edit)
        /// Packets that no virtual router may listen to.
        case junk
        /// Another cluster advertises the same number with other addresses.
        case strangers(priority: UInt8)
        /// What the host sends comes back to it.
        case echoes(host: Int)
        /// Nothing that the host sends leaves it.
        case mute(host: Int)
        /// Another machine speaks as the owner of a shared address by ARP, every second, and answers questions about it.
        case claims(address: Int, isReply: Bool, isVirtual: Bool)
        /// Another VRRP daemon on the host advertises the virtual router.
        case rival(host: Int, router: Int, priority: UInt8)
        /// The link of eth1 is down.
        case secondLinkDown(host: Int)
        /// A link that virtual routers track, beside those on which they are, is down.
        case trackedLinkDown(host: Int, link: Int)
        /// Nobody runs scripts on the host.
        case runnerGone(host: Int)
        /// The host has a shared address, and duplicate address detection says that another one has it, too. Of IPv6 alone.
        case detectionFailed(host: Int, address: Int)
        /// Somebody removes a route or rule of a virtual router, if it is there.
        case routeRemoved(host: Int, router: Int, line: Int)
        /// Somebody deletes a virtual router's macvlan, or switches it off.
        case macvlanDeleted(host: Int, router: Int)
        case macvlanOff(host: Int, router: Int)
    }

    /// What is another way in the new configuration.
    package enum Edit: Hashable, Sendable {
        case nothing
        case priority(UInt8)
        /// The virtual router's last address is taken out.
        case fewerAddresses
        /// The virtual router's addresses are to have a label.
        case label
        /// The whole virtual router is taken out.
        case without
        /// The virtual router gets another name.
        case rename
        /// The virtual routers stand in the file the other way round.
        case reorder
        /// The virtual router's last address goes to another virtual router.
        case move(to: Int)
        /// The virtual router tracks nothing.
        case untracked
        /// The virtual router is in no group.
        case ungrouped
    }

    package var at: Duration
    package var span: Duration
    package var kind: Kind

    package init(at: Duration, span: Duration, kind: Kind) {
        self.at = at
        self.span = span
        self.kind = kind
    }
}

extension Fault: CustomStringConvertible {
    package var description: String {
        "\(seconds(at)): \(kind) for \(seconds(span))"
    }
}

extension Fault.Kind: CustomStringConvertible {
    package var description: String {
        func name(_ host: Int) -> String { "host \(host)" }
        return switch self {
        case .loss(let percent): "\(percent) % of the packets are lost"
        case .delay(let most): "packets take up to \(seconds(most))"
        case .duplication: "packets arrive twice"
        case .partition(let hosts): "\(hosts.sorted().map(name).joined(separator: ", ")) cut off from the others"
        case .segment(let router, let hosts):
            "\(hosts.sorted().map(name).joined(separator: ", ")) cut off from the others in virtual router \(router)"
        case .oneWay(let from, let to): "\(name(from)) is not heard by \(name(to))"
        case .stall(let host, let deaf): "\(name(host)) is stalled\(deaf ? " and deaf" : "")"
        case .crash(let host): "\(name(host)) is killed"
        case .stop(let host): "\(name(host)) is stopped"
        case .linkDown(let host): "the link of \(name(host)) is down"
        case .addressRemoved(let host, let address): "somebody removes shared address \(address) from \(name(host))"
        case .addressAdded(let host, let address): "somebody adds shared address \(address) to \(name(host))"
        case .leased(let host, let address): "\(name(host)) leases shared address \(address)"
        case .ownAddressGone(let host): "\(name(host)) loses its own address"
        case .secondOwnAddress(let host): "\(name(host)) has a second address of its own"
        case .sourceChanged(let host): "\(name(host)) has another own address"
        case .refusal(let host): "the kernel of \(name(host)) refuses addresses"
        case .eventsLost(let host): "\(name(host)) loses the kernel's events"
        case .handover(let host, let router): "\(name(host)) is to hand over virtual router \(router)"
        case .reload(let host, let router, let edit):
            switch edit {
            case .nothing: "\(name(host)) reads the same configuration again"
            case .priority(let priority): "\(name(host)) is to have priority \(priority) for virtual router \(router)"
            case .label: "\(name(host)) is to give the addresses of virtual router \(router) a label"
            case .fewerAddresses: "\(name(host)) is to share an address less in virtual router \(router)"
            case .without: "\(name(host)) is to have no virtual router \(router) any more"
            case .rename: "\(name(host)) is to call virtual router \(router) another name"
            case .reorder: "\(name(host)) has its virtual routers in another order"
            case .ungrouped: "\(name(host)) is to have virtual router \(router) in no group"
            case .untracked: "\(name(host)) is to track nothing for virtual router \(router)"
            case .move(let other): "\(name(host)) is to move an address of virtual router \(router) to \(other)"
            }
        case .junk: "somebody sends junk"
        case .strangers(let priority): "another cluster has the same numbers, with priority \(priority)"
        case .echoes(let host): "what \(name(host)) sends comes back to it"
        case .mute(let host): "nothing leaves \(name(host))"
        case .claims(let address, let isReply, let isVirtual):
            "another machine claims shared address \(address)\(isReply ? " by answers" : "")\(isVirtual ? " as VRRP" : "")"
        case .rival(let host, let router, let priority):
            "another daemon on \(name(host)) advertises virtual router \(router) with priority \(priority)"
        case .secondLinkDown(let host): "the second link of \(name(host)) is down"
        case .detectionFailed(let host, let address):
            "shared address \(address) of \(name(host)) fails duplicate address detection"
        case .routeRemoved(let host, let router, let line):
            "somebody removes \(line == 2 ? "the rule" : "route \(line)") of virtual router \(router) from \(name(host))"
        case .macvlanDeleted(let host, let router):
            "somebody deletes the macvlan of virtual router \(router) on \(name(host))"
        case .macvlanOff(let host, let router):
            "somebody switches the macvlan of virtual router \(router) on \(name(host)) off"
        case .runnerGone(let host): "nobody runs scripts on \(name(host))"
        case .trackedLinkDown(let host, let link): "link up\(link) of \(name(host)) is down"
        }
    }
}

/// Seconds with six decimals, for stories.
func seconds(_ span: Duration) -> String {
    let micros = Int(span / .microseconds(1))
    let digits = String(micros % 1_000_000)
    return "\(micros / 1_000_000).\(String(repeating: "0", count: 6 - digits.count))\(digits) s"
}
