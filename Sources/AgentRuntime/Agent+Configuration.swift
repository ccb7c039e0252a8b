import Configuration
import FailoverCore

extension Agent {
    /// What is in use. The core has the instances; they are not kept twice. It makes a list of all of them.
    var configuration: Configuration {
        get {
            var configuration = commonSettings
            configuration.instances = core.configuredInstances
            return configuration
        }
        set { commonSettings = newValue.withoutInstances }
    }
}

extension Configuration {
    var withoutInstances: Configuration {
        var common = self
        common.instances = []
        return common
    }
}
