package import Configuration
import Glibc
import Kernel

/// Reads a configuration and finds everything that is wrong with it, also on this host: `failover-agent --check`, `failoverctl check`.
package struct ConfigurationCheck {
    /// Where the shipped unit's configuration lies.
    package static let standardPath = "/etc/failover-agent/failover-agent.conf"

    package let diagnostics: [Diagnostic]

    /// - Parameters:
    ///   - configurationID: what `@ID` lines are compared with; `nil` for what the environment says, else the host's name.
    ///   - environment: the path of the environment's file.
    ///   - isFileOnly: it is another host's: this one's interfaces, programs and users are not looked at.
    package init(
        _ path: String, configurationID: String?, environment: String = EnvironmentFile.standardPath,
        isFileOnly: Bool = false
    ) {
        let isStandard = path == Self.standardPath
        let user = PeerCredentials.user(named: "failover-agent")
        // Root can read everything; the service has to read its own file.
        if isStandard, let user, let group = PeerCredentials.group(named: "failover-agent"), geteuid() == 0 {
            _ = DiskFiles.become(user: user, group: group)
        }
        let advice = geteuid() == user ? DiskFiles.Advice.letServiceRead : .runAsRootOrLetServiceRead
        let (result, files) = DiskFiles.readConfiguration(
            path, configurationID: configurationID, environment: environment, advice: advice,
            pipes: .read(patience: nil), interfaces: isFileOnly ? .nowhere : .onThisHost())
        var diagnostics = result.diagnostics
        if !isFileOnly, let configuration = result.configuration {
            diagnostics += HostCheck.warnings(about: configuration)
        }
        if isStandard { diagnostics += files.hiddenFromService }
        if !isFileOnly, let scripting = result.configuration?.scripting {
            // Programs are root's, or another user's.
            DiskFiles.becomeRootAgain()
            diagnostics += ProgramCheck.diagnostics(about: scripting)
            // A file that somebody tries out is one's own until it is the service's.
            if !scripting.isEmpty, isStandard || geteuid() == 0 {
                diagnostics += ExposureCheck.diagnostics(
                    path, configurationID: configurationID, environment: environment,
                    severity: isStandard ? .error : .warning)
            }
        }
        self.diagnostics = diagnostics
    }

    /// 0 valid, 1 there are warnings and they count, 2 there are errors.
    /// - Parameter isStrict: warnings count.
    package func exitCode(isStrict: Bool) -> Int32 {
        if diagnostics.contains(where: { $0.severity == .error }) { return 2 }
        return isStrict && !diagnostics.isEmpty ? 1 : 0
    }
}

extension DiskFiles {
    /// Reads a configuration with everything that it includes.
    /// - Parameters:
    ///   - configurationID: what `@ID` lines are compared with; `nil` for what the environment says, else the host's name.
    ///   - environment: the path of the environment's file.
    ///   - advice: what to type where a file may not be read.
    ///   - pipes: what becomes of what can be read only once.
    ///   - interfaces: where those are looked for that the file does not name.
    /// - Returns: it, and the files that it was read from.
    package static func readConfiguration(
        _ path: String, configurationID: String?, environment: String, advice: Advice, pipes: Pipes,
        interfaces: InterfaceSearch
    ) -> (ConfigurationReader.Result, DiskFiles) {
        let files = DiskFiles(advice: advice, pipes: pipes)
        files.isServicesOwn = path == ConfigurationCheck.standardPath
        guard unsafe access(path, F_OK) == 0 || errno != ENOENT else {
            let missing = Diagnostic(
                severity: .error, location: SourceLocation(file: path, line: 1, column: 1),
                message: "there is no such file: make it with 'failoverctl migrate', or begin with "
                    + "/usr/share/doc/failover-agent/examples/failover-agent.conf")
            return (ConfigurationReader.Result(configuration: nil, diagnostics: [missing]), files)
        }
        let context = HostContext(
            configurationID: configurationID, environment: environment, interfaces: interfaces)
        var result = ConfigurationReader.read(path, from: files, context: context.reading)
        result.diagnostics += files.warnings + context.diagnostics
        if context.diagnostics.contains(where: { $0.severity == .error }) { result.configuration = nil }
        return (result, files)
    }
}
