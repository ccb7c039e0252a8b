import CLinux

/// This process's own memory.
package enum OwnMemory {
    /// How the heap is laid out, before it is used: what is large lies outside of it, and goes back to the system when it is given up.
    package static func arrange() { CLinux_arrange_heap() }

    /// Gives back the pages of code and constants that only the start needed. What is needed again is read again.
    package static func dropStartupCode() { CLinux_drop_startup_code() }

    /// Keeps in memory what has been there once, where LimitMEMLOCK= is infinity, so that no page has to be read from a disk while
    /// an advertisement is due.
    package static func keepResident() { CLinux_keep_in_memory() }

    /// Gives back what the heap has free. It takes some milliseconds.
    package static func giveBack() { CLinux_give_back_memory() }
}
