import FailoverCore

/// The program of a host while it runs.
final class Program {
    var core: Core

    init(_ core: consuming Core) {
        self.core = core
    }
}
