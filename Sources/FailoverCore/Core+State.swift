extension Core {
    /// The state alone, without all that `status` looks at.
    /// - Parameter id: one of `routers`.
    package func state(of id: RouterID) -> InstanceState { instances[id].state }
}
