import Foundation

extension AccountState {
    /// `GET /api/v2/calls/reporting`, as JSON or, with `format=csv`, as CSV of everything that matches.
    func calls(_ query: Query, hits: [FaultScript.Hit]) -> Answer {
        let found = matchingCalls(query, hits: hits)
        guard query["format"] == "csv" else {
            return Listing(elements: found, query: query, rules: account.page, hits: hits).answer { $0 }
        }
        let rows = [Self.columns.map { $0.joined(separator: ".") }] + found.map(Self.row)
        let text = rows.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
        return Answer(200, headers: [("Content-Type", "text/csv; charset=utf-8")], body: .data(Data(text.utf8)))
    }

    /// `GET /api/v2/calls/reporting/{simple|inbound|outbound|dialer}`: fewer fields of the same calls.
    func callsCondensed(_ variant: String, _ query: Query, hits: [FaultScript.Hit]) -> Answer {
        let found = matchingCalls(query, hits: hits).filter { call in
            let isDialer = call["source"]?.text == "dialer"
            let isInbound = call["type"]?.text?.lowercased() == "inbound"
            return switch variant {
            case "inbound": isInbound
            case "outbound": !isInbound && !isDialer
            case "dialer": isDialer
            default: true
            }
        }
        return Listing(elements: found, query: query, rules: account.page, hits: hits).answer { call in
            var item: JSONValue = [:]
            for field in ["id", "dateCreated", "type", "from", "to", "source", "state", "duration"] {
                item[field] = call[field]
            }
            return item
        }
    }

    private func matchingCalls(_ query: Query, hits: [FaultScript.Hit]) -> [JSONValue] {
        var found = account.calls
        if !hits.ignoreFilters {
            let time = TimeFilter(query, prefixes: ["filters.", ""])
            found = found.filter { call in
                time.admits(call["dateCreated"])
                    && ["type", "source", "state", "id"].allSatisfy { name in
                        guard let wanted = query.value("filters.\(name)", name) else { return true }
                        return call[name]?.text?.lowercased() == wanted.lowercased()
                    }
            }
        }
        func key(_ call: JSONValue) -> (String, String) { (call["dateCreated"]?.text ?? "", call["id"]?.text ?? "") }
        found.sort { key($0) < key($1) }
        return account.page.order == .descending ? found.reversed() : found
    }

    private static let columns: [[String]] =
        [
            "id", "parentId", "sessionId", "conversationId", "dateCreated", "dateEstablished", "dateFinished", "state",
            "finishReason", "type", "from", "to", "source", "domain", "duration", "anonymous",
        ].map { [$0] }
        + ["name", "number", "queueId", "queueName", "agent"].map { ["bridged", $0] } + [["recordings"]]

    private static func row(_ call: JSONValue) -> [String] {
        columns.map { path in
            switch path.reduce(call as JSONValue?, { $0?[$1] }) {
            case nil, .null: ""
            case .text(let text): text
            case .array(let elements): elements.map { $0.text ?? $0["id"]?.text ?? "" }.joined(separator: ";")
            case .some(let value): value.serialized
            }
        }
    }

    /// RFC 4180, section 2.
    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
