/// `authentication`. No message shows what stands in it: it may be a password.
extension ConfigurationBuilder {
    /// Once it is known whether `strict_mode` counts, wherever that stands among the other lines.
    mutating func readAuthentications(into draft: inout InstanceDraft, version: UInt8) {
        for statement in draft.authentications {
            guard !draft.isStrict || version != 2 else {
                for inner in statement.block ?? [] { text.markSecret(inner.keyword.line) }
                text.markSecret(statement.keyword.line)
                refuse(
                    statement,
                    "with 'vrrp_strict' keepalived sends no authentication: with it, both hosts would be master")
                continue
            }
            readAuthentication(statement, into: &draft)
        }
    }

    private mutating func readAuthentication(_ statement: Statement, into draft: inout InstanceDraft) {
        for inner in block(of: statement) {
            // Whatever stands here may be a password.
            text.markSecret(inner.keyword.line)
            switch inner.keyword.text {
            case "auth_type": readAuthenticationType(inner, into: &draft)
            case "auth_pass": draft.password = value(of: inner) ?? draft.password
            default:
                ignore(inner, "unknown keyword in authentication: auth_type and auth_pass are known", at: inner.keyword)
            }
        }
        text.markSecret(statement.keyword.line)
    }

    private mutating func readAuthenticationType(_ statement: Statement, into draft: inout InstanceDraft) {
        guard let type = value(of: statement) else { return }
        guard ["PASS", "AH"].contains(type.text) else {
            ignore(statement, "unknown kind of authentication; did you mean 'PASS'?", at: type)
            return
        }
        draft.authenticationType = type
    }

    mutating func password(_ draft: InstanceDraft, version: UInt8) -> [UInt8]? {
        guard let type = draft.authenticationType else {
            if let password = draft.password {
                warn("without 'auth_type PASS' the password is not used", password)
            }
            return nil
        }
        guard type.text == "PASS" else {
            fail(
                "'AH' is not supported: RFC 3768 removed it; use 'PASS' on all hosts, or no authentication", type)
            return nil
        }
        guard let password = draft.password, !password.bytes.isEmpty else {
            warn("there is no password: nothing is authenticated", type)
            return nil
        }
        guard version == 2 else {
            warn("VRRP version 3 has no authentication: the password is not used", password)
            return nil
        }
        if password.bytes.count > 8 {
            warn("only the first 8 bytes of the password count", password)
        }
        // A copy of its own: the word's bytes lie among what is read and given up, and would keep the pages around them.
        return password.bytes.prefix(8).map { $0 }
    }
}
