import Foundation
import Recordings

extension Configuration {
    /// Reads all of it; nil only where something was reported.
    init?(reading root: Section) {
        let vault = root.required(
            "vault",
            .path(home: root.reading.home),
            "the folder of the vault; --vault and DIALVAULT_VAULT set it too"
        )
        let zone = root.required(
            "timezone",
            .timezone,
            "the account's IANA time zone, such as Europe/Berlin, which decides which day a call belongs to"
        )
        let groupReadable = root.value("group_readable", .truth, default: true)
        let api = API(reading: root.section("api"))
        let dialer = Dialer(reading: root.section("dialer"))
        let retention = Retention(reading: root.section("retention"))
        let lookbackDays = root.value("lookback_days", .integer(0...366), default: 3)
        let select = Selection(reading: root.section("select"))
        let limits = Limits(reading: root.section("limits"))
        if !api.enabled, dialer.sources.isEmpty, root.reading.problems.isEmpty {
            root.reading.report("there is nothing to archive: `api` is off and `dialer` has no sources", at: .file)
        }
        root.finish()
        guard let vault, let zone else { return nil }
        self.init(
            vault: vault,
            timezone: zone.zone,
            timezoneName: zone.name,
            groupReadable: groupReadable,
            api: api,
            dialer: dialer,
            retention: retention,
            lookbackDays: lookbackDays,
            select: select,
            limits: limits
        )
    }
}

extension Configuration.API {
    static let standardBaseURL = "https://services.babelforce.com"

    init(reading section: Section) {
        enabled = section.value("enabled", .truth, default: true)
        let base = section.find("base_url", .baseURL).value
        baseURL = base ?? URL(string: Self.standardBaseURL) ?? URL(filePath: "/")
        caFile = section.find("ca_file", .path(home: section.reading.home)).value
        signIn = Configuration.SignIn(reading: section)
        tpslimit = section.value("tpslimit", .number(0.001...1000), default: 1)
        pageSize = section.value("page_size", .integer(1...1000), default: 100)
        download = section.value("download", .choice, default: .single)
        bulkSize = section.value("bulk_size", .integer(1...1000), default: 50)
        if WebAddress.isExposed(baseURL.absoluteString) {
            section.reading.warn("api.base_url is plain HTTP: credentials and recordings can be read on the way")
        }
        section.finish()
    }
}

extension Configuration.SignIn {
    private enum Way: String, CaseIterable {
        case password = "username and password"
        case accessToken = "access_id and access_token"
        case bearer = "bearer_token"
    }

    /// The one way that is given; the environment's, when it has one, before the file's.
    init?(reading section: Section) {
        let username = section.find("username", .hiddenName)
        let password = section.secret("password")
        let accessID = section.find("access_id", .hiddenName)
        let accessToken = section.secret("access_token")
        let bearer = section.secret("bearer_token")

        let layers: [Way: [Layer?]] = [
            .password: [username.layer, password.layer], .accessToken: [accessID.layer, accessToken.layer],
            .bearer: [bearer.layer],
        ]
        let inEnvironment = Way.allCases.filter { layers[$0, default: []].contains(.environment) }
        let inAny = Way.allCases.filter { layers[$0, default: []].contains { $0 != nil } }
        let given = inEnvironment.isEmpty ? inAny : inEnvironment
        guard given.count <= 1 else {
            let names = given.map(\.rawValue).joined(separator: ", or ")
            section.reading.report(
                "`\(section.path)` has more than one way of signing in: keep \(names)",
                at: section.place
            )
            return nil
        }
        switch given.first {
        case nil: return nil
        case .password:
            guard let name = section.partner("username", username, of: "password") else { return nil }
            self = .password(username: name, password: password.value ?? section.reference(to: "password"))
        case .accessToken:
            guard let id = section.partner("access_id", accessID, of: "access_token") else { return nil }
            self = .accessToken(id: id, token: accessToken.value ?? section.reference(to: "access_token"))
        case .bearer:
            guard let token = bearer.value else { return nil }
            self = .bearer(token)
        }
    }
}

extension Section {
    /// The public half of a pair of credentials; reported when only the secret half is there.
    func partner(_ key: String, _ found: Found<String>, of secret: String) -> String? {
        if case .absent = found {
            reading.report("`\(full(key))` is missing: `\(full(secret))` needs it", at: place)
        }
        return found.value
    }
}

extension Configuration.Retention {
    init(reading section: Section) {
        dialerDays = section.value("dialer_days", .integer(1...36_500), default: 30)
        apiDays = section.value("api_days", .integer(1...36_500), default: 180)
        section.finish()
    }
}

extension Configuration.Selection {
    init(reading section: Section) {
        directions = Set(section.values("directions", .choice([.inbound, .outbound])))
        agents = section.values("agents", .name)
        queues = section.values("queues", .name)
        campaigns = section.values("campaigns", .name)
        tags = section.values("tags", .name)
        numbers = section.values("numbers", .name)
        minimumDurationMs = section.value("min_duration", .duration, default: 0)
        section.finish()
    }
}

extension Configuration.Limits {
    init(reading section: Section) {
        archiveBytes = section.value("archive_bytes", .size, default: 200 << 30)
        memberBytes = section.value("member_bytes", .size, default: 2 << 30)
        members = section.value("members", .integer(1...1_000_000_000), default: 2_000_000)
        ratio = section.value("ratio", .integer(1...1_000_000), default: 200)
        nesting = section.value("nesting", .integer(0...8), default: 1)
        allowsRAR = section.value("allow_rar", .truth, default: false)
        section.finish()
    }
}
