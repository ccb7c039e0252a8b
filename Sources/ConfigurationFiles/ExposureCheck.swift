package import Configuration
import Glibc
import Kernel

/// Looks whether `failover-scripts`, which runs what a configuration names as root, would read it: only what nobody but root can change.
package enum ExposureCheck {
    /// - Parameters:
    ///   - path: the configuration.
    ///   - environment: the path of the environment's file.
    /// - Returns: one for each file and folder that others can change; none where nothing is to be run.
    package static func diagnostics(
        _ path: String, configurationID: String?, environment: String, severity: Diagnostic.Severity
    ) -> [Diagnostic] {
        let files = TrustedFiles()
        let environment = absolute(environment)
        // That it can't be read for another reason is told elsewhere.
        _ = try? files.content(of: environment, atMost: EnvironmentFile.longest)
        let context = HostContext(configurationID: configurationID, environment: environment).reading
        _ = ScriptingReader.read(absolute(path), from: files, context: context)
        return files.exposures.map { exposure in
            Diagnostic(
                severity: severity, location: SourceLocation(file: path, line: 1, column: 1),
                message: "failover-scripts will run nothing of it: \(exposure)")
        }
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        var buffer = [CChar](repeating: 0, count: 4096)
        let folder = unsafe getcwd(&buffer, buffer.count).map { unsafe String(cString: $0) } ?? ""
        return folder + "/" + path
    }
}
