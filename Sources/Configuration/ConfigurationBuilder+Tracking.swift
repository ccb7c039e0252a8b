/// `track_interface`, `dont_track_primary` and `interface_up_down_delays`.
extension ConfigurationBuilder {
    // MARK: - track_interface

    /// The lines of an instance, once its interface and priority are known.
    mutating func readTracking(_ draft: InstanceDraft, into instance: inout InstanceConfiguration) {
        instance.tracksPrimary = draft.tracksPrimary
        for line in draft.trackedLines {
            let name = line.keyword.text
            guard name != instance.interface else {
                warn(
                    instance.tracksPrimary
                        ? "\(name) is the instance's own interface, which is watched anyway: delete the line"
                        : "\(name) is the instance's own interface, and 'dont_track_primary' counts: delete one of the two",
                    line.keyword)
                continue
            }
            guard name != instance.virtualMAC?.interface else {
                warn(
                    "\(name) is the instance's own macvlan, on \(instance.interface), which is watched anyway: delete the line",
                    line.keyword)
                continue
            }
            guard let tracked = trackedInterface(line) else { continue }
            if let first = instance.tracked.first(where: { $0.tracker == tracked.tracker }) {
                warn("\(name) is tracked already, at \(first.location), and that line counts", line.keyword)
            } else if instance.priority == 255, tracked.weight != 0 {
                warn("the priority of an owner, 255, never changes: the line has no effect", line.keyword)
            } else if tracked.weight != 0,
                let address = instance.addresses.first(where: { $0.isTracked && $0.interface == name })
            {
                warn(
                    "the weight has no effect, as in keepalived: \(address.prefix) is on \(name), and the instance takes no part while "
                        + "that is down; for the weight to count write 'no_track' behind the address", line.keyword)
            } else {
                instance.tracked.append(tracked)
                warnOfWeight(tracked, instance, line.keyword)
            }
        }
    }

    /// `IF [weight N] [reverse]`.
    mutating func trackedInterface(_ line: Statement) -> TrackLine? {
        guard isInterfaceName(line.keyword) else { return nil }
        if line.block != nil { fail("an interface takes no block", line.keyword) }
        var tracked = TrackLine(
            location: line.keyword.location, tracker: TrackerName(.interface, line.keyword.text))
        var isGood = true
        var values = line.values[...]
        while let option = values.popFirst() {
            switch option.text {
            case "weight":
                guard let weight = weight(values.popFirst(), after: option, of: line) else {
                    isGood = false
                    continue
                }
                tracked.weight = weight
            case "reverse": tracked.isReversed = true
            case let text where text.hasPrefix("weight="):
                ignore(
                    line, "write '\(line.keyword.text) weight \(text.dropFirst(7))': keepalived passes over this line",
                    at: option)
                isGood = false
            default:
                let message = "unknown option of a tracked interface: weight and reverse are known"
                // Behind a weight keepalived passes over the word, before it over the line.
                guard let place = line.values.firstIndex(where: { $0.location == option.location }), place > 0 else {
                    ignore(line, message, at: option)
                    isGood = false
                    continue
                }
                fail(message, option, in: line, without: Array(line.values[place...]))
                return isGood ? tracked : nil
            }
        }
        return isGood ? tracked : nil
    }

    private mutating func weight(_ word: Word?, after option: Word, of line: Statement) -> Int? {
        let most = TrackLine.weights(of: .interface).upperBound
        guard let word else {
            ignore(
                line, "'weight' needs a whole number from -\(most) to \(most): keepalived passes over this line",
                at: option)
            return nil
        }
        let message = "'weight' takes a whole number from -\(most) to \(most)"
        let number = Self.leadingSignedNumber(word.text)
        guard number.magnitude <= most + 1 else {
            fail(
                message
                    + ": keepalived takes this one for 0, and the instance is in fault while \(line.keyword.text) is down",
                word, in: line, without: [option, word])
            return 0
        }
        guard Self.signedInteger(word.text) != nil else {
            fail(message, word)
            rewrite(line, message) { $0.location == word.location ? "\(number)" : $0.text }
            return number
        }
        let weight = min(max(number, -most), most)
        if weight != number { warn("\(word.text) counts as \(weight), as in keepalived", word) }
        return weight
    }

    // MARK: - interface_up_down_delays

    /// `IF DOWN [UP]`, in seconds.
    mutating func readLinkDelays(_ statement: Statement) {
        for line in block(of: statement) {
            guard isInterfaceName(line.keyword) else { continue }
            guard let down = line.values.first else {
                fail("'\(line.keyword.text)' needs a number of seconds", line.keyword)
                continue
            }
            if line.values.count > 2 { warn("what follows is passed over, as keepalived does", line.values[2]) }
            guard let downDelay = delay(down) else { continue }
            var delay = LinkDelay(down: downDelay)
            if line.values.count > 1 {
                guard let upDelay = self.delay(line.values[1]) else { continue }
                delay.up = upDelay
            }
            if configuration.linkDelays.updateValue(delay, forKey: line.keyword.text) != nil {
                warn("\(line.keyword.text) has delays already: this line counts", line.keyword)
            }
            linkDelayWords[line.keyword.text] = down
        }
    }

    private mutating func delay(_ word: Word) -> Duration? {
        guard let delay = Self.seconds(word.text), delay <= .seconds(255) else {
            fail("a delay takes a number of seconds from 0 to 255", word)
            return nil
        }
        return delay
    }

    /// A master whose interface is down for longer than its backups wait would be one of two: the delay ends before that, as in keepalived.
    mutating func limitLinkDelays() {
        guard !configuration.linkDelays.isEmpty else { return }
        let ofGroups = configuration.linesOfGroups
        for instance in configuration.instances {
            let limit = instance.longestLinkDelay
            let lines = instance.tracked + (ofGroups[instance.name] ?? [])
            let names =
                instance.addresses.map(\.interface)
                + lines.lazy.filter { $0.tracker.kind == .interface }.map(\.tracker.name)
            for name in Set([instance.interface] + names).sorted() {
                guard let delay = configuration.linkDelays[name], delay.down > limit else { continue }
                configuration.linkDelays[name]?.down = limit
                guard let word = linkDelayWords[name] else { continue }
                warn(
                    "the delay counts as \(Self.decimal(limit)) s: '\(instance.name)' advertises every "
                        + "\(Self.decimal(instance.advertisementInterval)) s, and a longer one would outlast its backups' patience",
                    word)
            }
        }
    }
}

extension InstanceConfiguration {
    /// For how long its link may be down before that counts: two intervals less the skew time of an owner.
    fileprivate var longestLinkDelay: Duration {
        advertisementInterval * 2 - (version == 2 ? .seconds(1) : advertisementInterval) / 256
    }
}
