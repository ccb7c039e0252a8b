/// The names of the interface that this program serves.
package enum AgentInterface {
    package static let name = "io.failoveragent.Agent"
    package static let listInstances = name + ".ListInstances"
    package static let getStatus = name + ".GetStatus"
    package static let listInterfaces = name + ".ListInterfaces"
    package static let listEvents = name + ".ListEvents"
    package static let watch = name + ".Watch"
    package static let explain = name + ".Explain"
    package static let checkConfiguration = name + ".CheckConfiguration"
    package static let getMetrics = name + ".GetMetrics"
    package static let setLogLevel = name + ".SetLogLevel"
    package static let handover = name + ".Handover"
    package static let resume = name + ".Resume"
    package static let reload = name + ".Reload"
    package static let confirm = name + ".Confirm"
    package static let noSuchInstance = name + ".NoSuchInstance"
    package static let nobodyTookOver = name + ".NobodyTookOver"
    package static let configurationInvalid = name + ".ConfigurationInvalid"
    package static let nothingToConfirm = name + ".NothingToConfirm"
    package static let tooSlow = name + ".TooSlow"
    package static let configurationTooLong = name + ".ConfigurationTooLong"

    /// Where the agent listens unless told otherwise.
    package static let standardSocketPath = "/run/failover-agent/agent.sock"

    /// The interface description: what clients are shown, and the documentation of the interface.
    package static let description = """
        # The state of failover-agent, which keeps shared IP addresses reachable with VRRP.
        interface io.failoveragent.Agent

        # A shared address of an instance, as the kernel has it at the moment of the reply.
        type Address (
          # The address with its prefix length, such as 192.0.2.1/32.
          address: string,
          # The interface on which it belongs; empty while none is found for an instance that names none.
          interface: string,
          # Whether the kernel has it on that interface.
          present: bool,
          # Whether it is the host's own address: the host answers for it whoever is master, and can't give it up.
          hostsOwn: bool,
          # Whether somebody has taken it away more than once in the last ten seconds.
          contested: bool,
          # The hardware address of another host that answers for it.
          conflict: ?string
        )

        # A route or rule that comes and goes with the addresses of an instance.
        type Route (
          # Such as "route default via 192.0.2.254" or "rule from 192.0.2.10 table 100 priority 1000".
          text: string,
          # Of virtual_routes, or of virtual_rules.
          kind: (route, rule),
          # Whether the kernel has it, set by this agent.
          present: bool,
          # Whether somebody has taken it away more than once in the last ten seconds.
          contested: bool,
          # Why a master does not have it.
          problem: ?string
        )

        # A hardware address of the virtual router's own, on a macvlan (use_vmac).
        type VirtualMac (
          # The macvlan's name.
          interface: string,
          # Such as "00:00:5e:00:01:33".
          address: string,
          # Whether the macvlan is there and on. It is on only while the host is master.
          active: bool
        )

        # Somebody wants another host to be master.
        type HandoverOrder (
          # Who asked.
          requestedBy: string,
          # When: RFC 3339, UTC.
          requestedAt: string,
          # Seconds after which it ends by itself; absent if only Resume ends it.
          secondsLeft: ?float,
          # Not even when nobody else is master does this host become it.
          never: bool
        )

        # Something that is not as it should be.
        type Finding (
          # How bad it is.
          level: (warning, critical),
          # The instance that it is about; absent for the agent as a whole.
          instance: ?string,
          # A sentence for people.
          text: string,
          # What to type, or what to change in which file; absent where that depends.
          advice: ?string,
          # What programs know it by: takesNoPart, lastTakeoverRefused, waitsForGroup, trackerDown, addressOnTwoHosts, inboundFiltered, peerUnreached, cannotSend, handedOver,
          # otherNumber, addressContested, strayAddress, addressMissing, routeMissing, routeContested, anotherCluster, otherAddressesRejected,
          # advertisementsRejected, sameSource, addressesNowhere, addressListDiffers, intervalDiffers, otherMaster; of the agent
          # lastAcceptedInUse, fileNotConfirmed, noSocketGroup, socketGroupRefused, runnerGone, checkAlwaysCutOff, trackFileFault,
          # notifyHangs, notifyWaits, notifyFailed, more, and for want of room addressesNotKept, rolesNotKept, handoversNotKept, configurationNotKept,
          # scriptsNotKept, socketsNotKept, receiveBuffersSmall; others may come. Absent where an older agent answers.
          code: ?string
        )

        # Another host that sends advertisements for an instance.
        type Peer (
          # The source of its advertisements.
          address: string,
          # Of its last good advertisement; absent when none was good.
          priority: ?int,
          # Seconds since its last good advertisement; absent when none was good.
          secondsSinceHeard: ?float,
          # Good ones since the counters began.
          advertisements: int,
          # Whether its list of addresses is another one than the one configured here.
          addressesDiffer: bool,
          # Dropped advertisements by reason, in all and about in the last minute.
          dropped: [string]int,
          # About those of the last minute.
          droppedInLastMinute: [string]int,
          # Version 3: whether it advertises another interval than the one configured here. Version 2 drops such advertisements.
          intervalDiffers: bool
        )

        # The router that advertises itself as master.
        type Master (
          # The source of its advertisements.
          address: string,
          # The priority that it advertises, 1 to 255.
          priority: int
        )

        # Counts since the agent started, or since a reload made the instance anew.
        type Counters (
          # All of them, resignations among them.
          advertisementsSent: int,
          # Those that passed every check.
          advertisementsReceived: int,
          # Advertisements of priority 0.
          resignationsSent: int,
          # Accepted ones of priority 0.
          resignationsReceived: int,
          # How often this host became master.
          becameMaster: int,
          # Advertisements that the system refused to send.
          sendErrors: int,
          # Accepted advertisements whose list of addresses is not the configured one.
          addressListDifferences: int,
          # Version 3: accepted advertisements whose checksum covers the pseudo-header, and those whose does not.
          pseudoHeaderChecksums: int,
          # Those whose checksum covers the message alone.
          plainChecksums: int,
          # Takeovers put off because this host was stalled or lost packets, so that it may have missed the master.
          takeoversPostponed: int,
          # Dropped packets by reason, such as password, checksum, ttl, interval.
          dropped: [string]int,
          # Times that another host was answered that claimed a shared address.
          defences: int
        )

        # The last run of a check script.
        type ScriptRun (
          # Counted from 1, since failover-scripts knows the script; 0: it has not run yet.
          number: int,
          # cutOff: it did not end within its timeout.
          outcome: (exited, signalled, notStarted, cutOff, running),
          # The exit code, the signal, or errno's number; 0 where there is none.
          code: int,
          # How long it took; where it still runs, when that was looked at last.
          milliseconds: int,
          # The first line that it wrote, escaped, at most 200 bytes.
          output: string,
          # Until the next run, at the end of this one.
          millisecondsToNext: int,
          # All of it in a sentence for people.
          text: string
        )

        # What an instance tracks, beside its own interface.
        type Tracker (
          # What it is.
          kind: (interface, script, file, process),
          # Of the interface, or in the configuration.
          name: string,
          # -254 to 254; 0: the instance takes no part while it is down.
          weight: int,
          # What the weight adds it takes off, and the other way round.
          reverse: bool,
          # unknown: it has said nothing yet.
          state: (unknown, up, down, number),
          # Where the state is number.
          number: ?int,
          # How long it has been so; absent while it is unknown.
          secondsInState: ?float,
          # What it says, a sentence for people.
          text: string,
          # What it does now, such as "priority − 10", "fault", or nothing.
          effect: string,
          # Of a script: its last run. Absent for others, and where nothing is known of it.
          lastRun: ?ScriptRun
        )

        # A virtual router on an interface: a vrrp_instance block of the configuration.
        type Instance (
          # As in the configuration.
          name: string,
          # fault: it can't take part. leaving: it has resigned, and keeps the addresses until its successor has announced
          # them. stopped: the agent is on its way out.
          state: (fault, backup, master, leaving, stopped),
          # When the state was entered: RFC 3339, UTC.
          since: string,
          # How long ago that was, in seconds.
          secondsInState: float,
          # Why it is in this state, a sentence for people.
          reason: string,
          # Its name.
          interface: string,
          # 1 to 255.
          virtualRouterId: int,
          # The version of VRRP, 2 or 3.
          version: int,
          # The priority that counts and is advertised, 1 to 255: the configured one, and what trackers make of it.
          priority: int,
          # Absent while no master is known.
          master: ?Master,
          # Absent unless this host stands back for another one.
          handover: ?HandoverOrder,
          # A firewall on this host keeps the advertisements away that arrive.
          inboundFiltered: bool,
          # The shared addresses.
          addresses: []Address,
          # The hosts that were heard, the latest 16.
          peers: []Peer,
          # What is not as it should be.
          findings: []Finding,
          # Backup: seconds until it takes over, if nothing is heard. Master: until its next advertisement. Absent otherwise.
          secondsToNextStep: ?float,
          # What comes next, a sentence for people.
          next: string,
          # The priority in the configuration, 1 to 255. Absent where an older agent answers.
          configuredPriority: ?int,
          # The sync group that it is in. Absent where it is in none.
          group: ?string,
          # The other instances of that group: all are master here, or none.
          groupMembers: ?[]string,
          # What it tracks. Absent where an older agent answers.
          trackers: ?[]Tracker,
          # Its routes and rules. Absent where an older agent answers.
          routes: ?[]Route,
          # Absent without use_vmac.
          virtualMac: ?VirtualMac,
          # Since the agent started.
          counters: Counters
        )

        # An address on an interface.
        type InterfaceAddress (
          # With its prefix length.
          address: string,
          # stray: a shared address that somebody added while this host was not its master.
          owner: (agent, host, stray),
          # It leaves by itself unless it is renewed.
          lapses: bool
        )

        # An interface that the configuration names.
        type Interface (
          # As in the configuration.
          name: string,
          # Whether there is one of that name; without it index and the following are absent.
          present: bool,
          # The kernel's number for it.
          index: ?int,
          # Switched on by the administrator (IFF_UP), and able to carry packets (IFF_RUNNING).
          up: ?bool,
          # IFF_RUNNING.
          carrier: ?bool,
          # Its MAC address, where it has one.
          hardwareAddress: ?string,
          # In bytes.
          mtu: ?int,
          # All addresses on it.
          addresses: []InterfaceAddress,
          # The instances that it matters to, by name.
          instances: []string
        )

        # Something that happened.
        type Event (
          # Counts up by one an event. It begins with the milliseconds from 1970 to the agent's start.
          sequence: int,
          # RFC 3339, UTC.
          time: string,
          # Such as becameMaster, enteredFault, addressRestored, packetsDropped, splitBrain; the journal's catalog explains each.
          kind: string,
          # As in the journal.
          severity: (error, warning, notice, info),
          # The instance that it is about, by name.
          instance: ?string,
          # A sentence for people.
          text: string,
          # What it says, as in the journal: OLD_STATE, NEW_STATE, REASON, PEER, ADDRESS, INTERFACE, …
          fields: [string]string,
          # Of a change of state: how long the state before lasted. Of two masters, or a stall: how long that lasted.
          seconds: ?float,
          # RFC 3339, UTC. Of something that goes on or repeats itself, and has one event: when it was seen last. Text, fields and seconds
          # are of that moment; Watch sends the event once.
          until: ?string
        )

        # Why something is as it is, and what changes it.
        type Cause (
          # A sentence for people.
          text: string,
          # What to type, or what to change in which file; absent where that depends.
          advice: ?string
        )

        # Something that is to be said about a configuration.
        type Diagnostic (
          # An error keeps the configuration from being used.
          severity: (error, warning),
          # Counted from 1.
          line: int,
          # In characters.
          column: int,
          # A sentence for people; no password is in it.
          message: string
        )

        # How the agent is, as a whole. Where there are many instances they are looked at a few at a time, and advertisements go first: what is
        # said of one is of one moment, and two may be told of some milliseconds apart. One that a reload takes away meanwhile is left out.
        method GetStatus() -> (
          # Of the agent.
          version: string,
          # When this process started: RFC 3339, UTC.
          started: string,
          # How long ago that was, in seconds.
          uptime: float,
          # The configuration file.
          configuration: string,
          # The file was broken at the start: the last configuration that was accepted is in use.
          onLastAccepted: bool,
          # A Reload waits for Confirm.
          unconfirmed: bool,
          # How many instances are in each state: fault, backup, master, leaving, stopped.
          states: [string]int,
          # The worst of the findings.
          health: (ok, warning, critical),
          # What is not as it should be.
          findings: []Finding,
          # Packets that belong to no instance, by reason.
          strays: [string]int,
          # How many findings there are; at most a hundred of them are told.
          findingCount: ?int
        )

        # The instances in the order of the configuration, one in each reply: call it with "more". With a name only that
        # instance is told, and "more" is not needed.
        method ListInstances(name: ?string) -> (instance: Instance)

        # The interfaces that the configuration names, sorted, one in each reply: call it with "more".
        method ListInterfaces() -> (interface: ?Interface)

        # What has happened, the oldest first, one event in each reply: call it with "more". The latest 1024 events are kept, or eight for
        # each instance where that is more. With "since" only those with a higher sequence are told; all of them where it is
        # from an earlier run. The last reply has no event.
        method ListEvents(since: ?int) -> (event: ?Event)

        # Call it with "more". First the present state, an instance in each reply, with how many more of them follow; then every
        # event as it happens, in order. An event may have happened while the present state was told, and be in it. After a reload
        # that changed something (the event reloaded) the present state is told once more, all of it: an instance that is not in
        # it is not in the configuration any more. It ends only with the error TooSlow.
        method Watch() -> (instance: ?Instance, remaining: ?int, event: ?Event)

        # Why an instance is as it is, and what comes next.
        method Explain(name: string) -> (summary: string, causes: []Cause, next: string)

        # Judges a configuration; nothing changes. Files that it includes are not read, and lines
        # of more than 160 bytes. "changes": what a reload would change.
        method CheckConfiguration(text: string) -> (valid: bool, diagnostics: []Diagnostic, changes: []string)

        # The metrics in the text format of OpenMetrics, a piece in each reply: call it with "more", and join the pieces.
        method GetMetrics() -> (text: string)

        # Messages below the level are not written to the journal any more, until the agent is started anew. Events are kept all the
        # same.
        method SetLogLevel(level: (error, warning, notice, info)) -> ()

        # Lets another host be master: of the named instances, or of all. Answers when one has taken over, or when this host was not
        # master anyway. From then on the instance preempts nobody, and becomes master only when nobody else is there; with "never"
        # not even then. It lasts until Resume, or for so many seconds. With "force" it lets go also when nobody takes over.
        # For root, the agent's user and the members of admin_group, as are all methods that change something.
        method Handover(names: ?[]string, seconds: ?int, force: ?bool, never: ?bool, requestedBy: ?string) -> (instances: []string)

        # Ends handovers: of the named instances, or of all.
        method Resume(names: ?[]string) -> (instances: []string)

        # Reads the configuration again; only what differs changes. "changes" ends with what they cost. With "plan" it only tells them.
        # With "confirmSeconds" the configuration before comes back after that time, unless Confirm is called.
        method Reload(plan: ?bool, confirmSeconds: ?int) -> (changes: []string, warnings: []string)

        # Keeps the configuration of the last Reload.
        method Confirm() -> ()

        # Within the time that any backup needs, no other master was heard: this host is still master, and the handover is void.
        error NobodyTookOver (instances: []string, milliseconds: int)

        # The configuration has errors; nothing has changed.
        error ConfigurationInvalid (diagnostics: []string)

        # The client took its events so slowly that some are not there any more; the connection ends.
        error TooSlow ()

        # CheckConfiguration takes at most so many bytes: a longer text would keep the agent from its work.
        error ConfigurationTooLong (mostBytes: int)

        # No Reload waits for it.
        error NothingToConfirm ()

        # There is no instance of that name.
        error NoSuchInstance (name: string)

        """
}
