import Recordings

/// What a sidecar's column can hold. The raw values name the fields in the configuration.
package enum SidecarField: String, CaseIterable, Hashable, Sendable {
    case file
    case recordingID = "recording_id"
    case startedAt = "started_at"
    case callID = "call_id"
    case conversationID = "conversation_id"
    case direction, from, to, phone
    case agentID = "agent_id"
    case agentName = "agent_name"
    case agentNumber = "agent_number"
    case campaign, queue
    case leadID = "lead_id"
    case duration
    case durationMs = "duration_ms"
    case durationS = "duration_s"
    case sizeBytes = "size_bytes"
    case contentType = "content_type"
}

extension SidecarField {
    /// The names under which dialers, telephone systems and databases write the field, the most telling first, in the
    /// form of ``SidecarColumns/canonical(_:)``.
    ///
    /// `file` has none: the column is found by the names in it. What speaks of the call and not of its recording
    /// (`talk_sec`, `billsec`, `call_duration`) stands nowhere here: it is no declared length of the audio.
    var usualNames: [String] {
        switch self {
        case .file: []
        case .recordingID: ["recordingid", "recordinguuid", "recordingguid", "recid", "audioid", "uuid", "guid", "id"]
        case .startedAt:
            [
                "startepoch", "recordingstart", "recordingstarttime", "recordingstartedat", "recordingdatetime",
                "startedat", "started", "startdatetime", "starttimestamp", "starttime", "start", "startzeit", "beginn",
                "begin",
                "begintime", "callstart", "callstarttime", "calldatetime", "calldate", "calltime", "recordingdate",
                "recordingtime", "datetime", "timestamp", "epoch", "startdate", "date", "datum", "time", "uhrzeit",
                "datecreated", "createdat", "created",
            ]
        case .callID:
            ["callid", "calluuid", "callguid", "uniqueid", "vicidialid", "linkedid", "interactionid", "sessionid"]
        case .conversationID: ["conversationid", "conversationuuid"]
        case .direction: ["direction", "calldirection", "calltype", "inout", "richtung", "type"]
        case .from:
            [
                "from", "fromnumber", "caller", "callernumber", "callerid", "callingnumber", "ani", "src",
                "sourcenumber", "anumber", "anrufer",
            ]
        case .to:
            [
                "to", "tonumber", "called", "callednumber", "callee", "calleenumber", "dialednumber", "diallednumber",
                "destination", "destinationnumber", "dst", "dnis", "bnumber", "angerufener",
            ]
        case .phone:
            [
                "phone", "phonenumber", "customerphone", "customernumber", "custphone", "leadphone", "contactnumber",
                "msisdn", "telephone", "telephonenumber", "telefon", "telefonnummer", "rufnummer", "number",
            ]
        case .agentID: ["agentid", "agentlogin", "agentuser", "user", "userid", "login", "operatorid"]
        case .agentName:
            [
                "agentname", "agentfullname", "agent", "operatorname", "operator", "userfullname", "mitarbeiter",
                "bearbeiter",
            ]
        case .agentNumber: ["agentnumber", "agentextension", "extension", "nebenstelle"]
        case .campaign: ["campaign", "campaignid", "campaignname", "kampagne"]
        case .queue: ["queue", "queuename", "ingroup", "queueid", "skill", "warteschlange"]
        case .leadID: ["leadid", "lead", "contactid"]
        case .duration:
            ["recordingduration", "recordinglength", "audioduration", "audiolength", "duration", "length", "dauer"]
        case .durationMs: ["durationms", "durationmillis", "durationmilliseconds", "lengthms", "lengthinms"]
        case .durationS:
            [
                "durations", "durationsec", "durationseconds", "durationinseconds", "lengthinsec", "lengthsec",
                "lengthseconds", "lengthinseconds", "recordingseconds",
            ]
        case .sizeBytes: ["sizebytes", "filesize", "filesizebytes", "size", "bytes", "dateigroesse", "dateigröße"]
        case .contentType: ["contenttype", "mimetype", "mediatype"]
        }
    }
}

/// Which of a sidecar's columns holds what: found by the usual names, or configured.
package struct SidecarColumns: Hashable, Sendable, CustomStringConvertible {
    /// The configured names, in canonical form.
    private let configured: [SidecarField: String]

    /// Every column by its usual names.
    package static let automatic = SidecarColumns(configured: [:])

    /// The same for the same columns: `phone=nummer started_at=beginn`.
    package var description: String {
        configured.map { "\($0.key.rawValue)=\($0.value)" }.sorted().joined(separator: " ")
    }

    private init(configured: [SidecarField: String]) {
        self.configured = configured
    }

    /// - Parameter headings: the sidecar's own column of each field that is not to be found by its usual names.
    package init(_ headings: [SidecarField: String]) {
        configured = headings.mapValues(Self.canonical)
    }

    /// Whether a column can be found by it.
    package static func isHeading(_ text: String) -> Bool { !canonical(text).isEmpty }

    /// - Parameter names: the sidecar's own column by the field's name: `["started_at": "Beginn"]`. Fields that are not
    ///   named are found as always.
    /// - Throws: `Failure(.configuration)` for a field that does not exist, or an empty column name.
    package init(_ names: [String: String]) throws {
        var configured: [SidecarField: String] = [:]
        for (name, column) in names.sorted(by: { $0.key < $1.key }) {
            guard let field = SidecarField(rawValue: name) else {
                throw Failure(
                    .configuration,
                    "dialer.sidecar_columns: there is no field \(name.debugDescription)",
                    advice: "The fields are: " + SidecarField.allCases.map(\.rawValue).joined(separator: ", ")
                )
            }
            let canonical = Self.canonical(column)
            guard !canonical.isEmpty else {
                throw Failure(
                    .configuration,
                    "dialer.sidecar_columns: \(name) names no column",
                    advice: "Give the heading that the column has in the sidecar"
                )
            }
            configured[field] = canonical
        }
        self.configured = configured
    }

    /// A heading in lower case without spaces, hyphens, underscores, points and the like.
    static func canonical(_ heading: some StringProtocol) -> String {
        String(decoding: heading.lowercased().utf8.filter(\.isWord), as: UTF8.self)
    }

    /// The columns of each field, the most telling first, and those that qualify others.
    func assign(_ headings: [String]) -> ColumnPlan {
        var plan = ColumnPlan()
        let names = headings.map(ColumnHeading.init)
        for field in SidecarField.allCases {
            if let wanted = configured[field] {
                plan.columns[field] = names.indices.filter { names[$0].full == wanted }
                continue
            }
            var ranked: [(rank: Int, column: Int)] = []
            let usual = field.usualNames
            for (column, name) in names.enumerated() {
                if let rank = usual.firstIndex(where: { name.answers(to: $0, of: field) }) {
                    ranked.append((rank, column))
                }
            }
            plan.columns[field] = ranked.sorted { $0 < $1 }.map(\.column)
        }
        plan.headings = names
        plan.zoneColumn = names.firstIndex { $0.answers(toAny: ColumnHeading.zoneNames) }
        plan.folderColumns = names.indices.filter { names[$0].answers(toAny: ColumnHeading.folderNames) }
        return plan
    }
}
