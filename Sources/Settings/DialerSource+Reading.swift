import CallMetadata
import Foundation
import Recordings

extension Configuration.Dialer {
    init(reading section: Section) {
        onMissing = section.value("on_missing", .choice, default: .notReady)
        readyBy = section.value("ready_by", .timeOfDay, default: .sixInTheMorning)
        filenamePatterns = section.values("filename_patterns", .namedPattern)
        sidecarColumns = SidecarColumns(reading: section.section("sidecar_columns"))
        sources = []
        var places: [String: Position] = [:]
        for (index, item) in section.items("sources").enumerated() {
            guard
                let unnamed = section.item(item, named: "\(index)", key: "sources"),
                let name = unnamed.required("name", .sourceName, "the source's name in the manifest"),
                let named = section.item(item, named: name, key: "sources")
            else { continue }
            if let first = places[name] {
                named.reading.report(
                    "the source `\(name)` stands in line \(first.line) already",
                    at: .position(item.position)
                )
            }
            places[name] = places[name] ?? item.position
            if let source = DialerSource(name: name, reading: named) { sources.append(source) }
        }
        reportSharedVariables(section)
        section.finish()
    }

    /// `a.b` and `a-b` are two sources, and one variable.
    private func reportSharedVariables(_ section: Section) {
        for (prefix, sharing) in Dictionary(grouping: sources, by: { section.variablePrefix(of: $0.name) }) {
            let names = Set(sharing.map(\.name)).sorted()
            guard names.count > 1 else { continue }
            for variable in section.reading.environment.keys where variable.hasPrefix("\(prefix)_") {
                section.reading.report(
                    "it is meant for more than one source: \(names.joined(separator: ", ")); rename one of them",
                    at: .environment(variable)
                )
            }
        }
    }
}

extension Section {
    /// An item of the list under `key`, as a section of its own; nil, and reported, when it is something else.
    fileprivate func item(_ node: Node, named name: String, key: String) -> Section? {
        guard case .map(let entries) = node.content else {
            reading.report("each of `\(full(key))` must be a group of keys", at: .position(node.position))
            return nil
        }
        return Section(
            reading: reading,
            path: "\(full(key))[\(name)]",
            environmentPrefix: variablePrefix(of: name),
            isInList: true,
            position: node.position,
            entries: entries
        )
    }

    /// `DIALVAULT_DIALER_POWER` for the source `power`: whatever a variable's name cannot have becomes `_`.
    fileprivate func variablePrefix(of name: String) -> String {
        let token = name.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }
        return "\(environmentPrefix)_\(String(token))"
    }
}

extension SidecarColumns {
    fileprivate init(reading section: Section) {
        var headings: [SidecarField: String] = [:]
        for field in SidecarField.allCases {
            headings[field] = section.find(field.rawValue, .heading, hasVariable: false).value
        }
        section.finish()
        self.init(headings)
    }
}

private enum Kind: String, CaseIterable {
    case directory, https, rclone, files
}

extension DialerSource {
    fileprivate init?(name: String, reading section: Section) {
        _ = section.node("name")
        guard let kind = section.required("kind", Shape<Kind>.choice, "directory, https, rclone or files") else {
            return nil
        }
        let access: Access?
        switch kind {
        case .directory: access = Directory(reading: section).map(Access.directory)
        case .https: access = HTTPS(reading: section).map(Access.https)
        case .rclone: access = Rclone(reading: section).map(Access.rclone)
        case .files:
            access = section.required("query", .query, "what to look for in the files API")
                .map { .files(Files(query: $0)) }
        }
        let passphrase = section.secret("passphrase")
        let ignore = section.values("ignore", .name)
        section.finish()
        guard let access else { return nil }
        self.init(name: name, access: access, passphrase: passphrase.value, ignore: ignore)
    }
}

extension DialerSource.Directory {
    fileprivate init?(reading section: Section) {
        let path = section.required("path", .path(home: section.reading.home), "the folder that the archives come to")
        let pattern = section.required(
            "pattern",
            .filePattern(allowsFolders: false),
            "the archives' names, such as \"dialer-{yyyy-MM-dd}*.tar.gz\""
        )
        guard let path, let pattern else { return nil }
        self.init(path: path, pattern: pattern)
    }
}

extension DialerSource.Rclone {
    fileprivate init?(reading section: Section) {
        let remote = section.required("remote", .remote, "a remote as rclone writes it, such as \"dialer-sftp:out\"")
        let pattern = section.required(
            "pattern",
            .filePattern(allowsFolders: true),
            "the archives' paths, such as \"{yyyy}{MM}{dd}/*.zip\""
        )
        guard let remote, let pattern else { return nil }
        self.init(remote: remote, pattern: pattern)
    }
}

extension DialerSource.HTTPS {
    fileprivate init?(reading section: Section) {
        let url = section.required("url", .url(.archive), "where a day's archive lies")
        let checksumURL = section.find("checksum_url", .url(.checksum)).value
        let caFile = section.find("ca_file", .path(home: section.reading.home)).value
        let signIn = SignIn(reading: section)
        guard let url, let signIn else { return nil }
        if [url, checksumURL].contains(where: { WebAddress.isExposed($0?.text ?? "") }) {
            section.reading.warn("\(section.path) is plain HTTP: credentials and recordings can be read on the way")
        }
        self.init(url: url, checksumURL: checksumURL, caFile: caFile, signIn: signIn)
    }
}

extension DialerSource.HTTPS.SignIn {
    /// Nil only where something was reported.
    fileprivate init?(reading section: Section) {
        let username = section.find("username", .basicUsername, hasVariable: true)
        let password = section.secret("password")
        let usesPlatform = section.value("platform_auth", .truth, default: false)
        let hasHeader = section.node("header") != nil
        let header = section.section("header")
        let headerName = hasHeader ? header.required("name", .headerName, "the header's name") : nil
        let headerValue = header.secret("value")
        if hasHeader { header.finish() }

        let hasBasic = username.layer != nil || password.layer != nil
        guard [hasBasic, hasHeader, usesPlatform].count(where: { $0 }) <= 1 else {
            section.reading.report(
                "`\(section.path)` has more than one way of signing in: keep username and password, header, or"
                    + " platform_auth",
                at: section.place
            )
            return nil
        }
        if hasBasic {
            guard let name = section.partner("username", username, of: "password") else { return nil }
            self = .basic(username: name, password: password.value ?? section.reference(to: "password"))
        } else if hasHeader {
            guard let headerName else { return nil }
            self = .header(name: headerName, value: headerValue.value ?? header.reference(to: "value"))
        } else {
            self = usesPlatform ? .platform : .none
        }
    }
}

extension TimeOfDay {
    fileprivate static let sixInTheMorning = TimeOfDay(hour: 6, minute: 0)
}

extension Shape<String> {
    /// A column's heading, of which something is left when spaces and signs are taken away.
    fileprivate static let heading = Shape(expected: "the heading of a column") { scalar throws(Mismatch) in
        guard hasNoControlCharacters(scalar.text), SidecarColumns.isHeading(scalar.text) else { throw Mismatch() }
        return scalar.text
    }

    /// RFC 7617, section 2: the first colon ends the user's name.
    fileprivate static let basicUsername = Shape(expected: "text without a colon", showsValue: false) {
        scalar throws(Mismatch) in
        guard !scalar.text.isEmpty, !scalar.text.contains(":"), hasNoControlCharacters(scalar.text) else {
            throw Mismatch()
        }
        return scalar.text
    }

    /// A remote and a path. One that carries a password would stand in the process list.
    fileprivate static let remote = Shape(
        expected: "a remote as rclone writes it, such as dialer-sftp:out",
        showsValue: false
    ) {
        scalar throws(Mismatch) in
        let text = scalar.text
        guard !text.isEmpty, !text.hasPrefix("-"), hasNoControlCharacters(text) else { throw Mismatch() }
        let holdsSecret = text.split { ",:".contains($0) }.contains { part in
            guard let sign = part.firstIndex(of: "=") else { return false }
            let key = part[..<sign].lowercased()
            return ["pass", "secret", "token", "key", "credential", "sas"].contains(where: key.contains)
                && !key.hasSuffix("_file") && !key.hasSuffix("_id")
        }
        guard !holdsSecret else {
            throw Mismatch(
                text:
                    "must not hold credentials, which would stand in the process list; make a remote with: rclone config"
            )
        }
        return text
    }

    /// A field name (RFC 9110, section 5.1): a token of its section 5.6.2.
    fileprivate static let headerName = Shape(expected: "a header's name, such as X-Api-Key", showsValue: false) {
        scalar throws(Mismatch) in
        let isAllowed: (Character) -> Bool = {
            $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0))
        }
        guard !scalar.text.isEmpty, scalar.text.allSatisfy(isAllowed) else { throw Mismatch() }
        return scalar.text
    }

    /// A regular expression with at least one named group.
    fileprivate static let namedPattern = Shape(expected: "a regular expression with named groups", showsValue: false) {
        scalar throws(Mismatch) in
        guard (try? Regex(scalar.text)) != nil else {
            throw Mismatch(text: "must be a regular expression, and is none")
        }
        guard scalar.text.contains(/\(\?P?<[A-Za-z_]/) else {
            throw Mismatch(text: "must have a named group, such as (?<start>…)")
        }
        return scalar.text
    }
}
