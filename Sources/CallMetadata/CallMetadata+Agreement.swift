import Recordings

extension CallMetadata {
    /// What several rows about one recording say alike: where they contradict each other, nothing is known.
    static func agreed(_ rows: [CallMetadata]) -> CallMetadata {
        guard rows.count > 1, let first = rows.first else { return rows.first ?? CallMetadata() }
        var result = CallMetadata()
        func take<Value: Equatable>(
            _ field: WritableKeyPath<CallMetadata, Value?>,
            isSame: (Value, Value) -> Bool = { $0 == $1 }
        ) {
            let values = rows.compactMap { $0[keyPath: field] }
            if let value = values.first, values.allSatisfy({ isSame(value, $0) }) { result[keyPath: field] = value }
        }
        take(\.startedAt)
        take(\.recordingID)
        take(\.direction)
        take(\.duration)
        take(\.sizeBytes)
        for number in [\CallMetadata.from, \.to, \.phone, \.agentNumber] { take(number, isSame: isSameNumber) }
        for text in [
            \CallMetadata.callID, \.conversationID, \.agentID, \.agentName, \.campaign, \.queue, \.leadID,
            \.contentType,
        ] {
            take(text)
        }
        result.unreadStarts = first.unreadStarts
        let starts = rows.compactMap(\.startedAt)
        if result.startedAt == nil, !starts.isEmpty {
            let written = starts.prefix(2).map(\.stored).joined(separator: " and ")
            result.unreadStarts.append(
                UnreadStart(origin: .sidecar, text: written, reason: "rows about the recording contradict each other")
            )
        }
        return result
    }

    /// This, completed by another sidecar's row; numbers that contradict each other are not known.
    func reconciled(with other: CallMetadata) -> CallMetadata {
        var result = completed(by: other)
        for field in [\CallMetadata.from, \.to, \.phone] {
            if let one = self[keyPath: field], let two = other[keyPath: field], !Self.isSameNumber(one, two) {
                result[keyPath: field] = nil
            }
        }
        return result
    }

    private static func isSameNumber(_ one: String, _ other: String) -> Bool {
        guard let first = PhoneNumber(one), let second = PhoneNumber(other) else { return one == other }
        return first.isSame(as: second)
    }
}
