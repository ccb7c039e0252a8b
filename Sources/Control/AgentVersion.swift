/// The version of the programs, by Semantic Versioning. CHANGELOG.md says what each brought.
package enum AgentVersion {
    package static let current = "0.1.0"
}
