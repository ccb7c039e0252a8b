extension Core {
    /// The state alone, without all that `status` looks at.
    /// - Parameter index: 0 up to `instanceCount`.
    package func state(of index: Int) -> InstanceState { instances[index].state }
}
