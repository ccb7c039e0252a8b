/// A `vrrp_sync_group` block: instances of which all are master here, or none.
package struct SyncGroupConfiguration: Hashable, Sendable {
    package var name: String
    /// Where the block begins.
    package var location: SourceLocation
    /// The names of its instances, in the file's order: at least one, each once, and in no other group.
    package var members: [String]
    /// What the group tracks: each line counts for every member, in place of the member's own line about the same tracker.
    package var tracked: [TrackLine] = []
    /// `sync_group_tracking_weight`, `global_tracking`: the members' own trackers may have weights.
    package var usesMemberWeights = false

    package init(name: String, location: SourceLocation, members: [String]) {
        self.name = name
        self.location = location
        self.members = members
    }
}
