package import Recordings

/// Something in a bag that is not as it was published.
package struct AuditFinding: Hashable, Sendable, Codable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        /// The bytes, or what one file says of another, are not what was published.
        case changed
        case missing
        /// No manifest names it.
        case extra
        /// A recording that was published once, that no later revision has, and whose going nothing explains.
        case lost
        /// The system cannot read it.
        case unreadable
    }

    package let day: Day
    /// Relative to the bag, or, for the history, to the vault; `.` is the bag itself.
    package let path: String
    package let finding: Kind
    /// For people.
    package let detail: String
    package var expectedSHA256: Digest?
    package var actualSHA256: Digest?
    /// The recording, where one is lost.
    package var recordingID: RecordingID?
    /// Where a lost recording came from.
    package var origins: [Origin]?

    /// A source that delivered a recording.
    package struct Origin: Hashable, Sendable, Codable {
        package let source: String
        /// Nil when the day no longer names the source.
        package let kind: SourceKind?
        package let archive: String?
        package let member: String?
        /// Until when the platform keeps it, or kept it.
        package var availableUntil: Timestamp?
        package var isAvailable: Bool?

        private enum CodingKeys: String, CodingKey {
            case source, kind, archive, member
            case availableUntil = "available_until"
            case isAvailable = "is_available"
        }
    }

    package init(_ finding: Kind, _ day: Day, _ path: String, _ detail: String) {
        self.day = day
        self.path = path
        self.finding = finding
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case actualSHA256 = "actual_sha256"
        case day, detail
        case expectedSHA256 = "expected_sha256"
        case finding, origins, path
        case recordingID = "recording_id"
    }
}

/// What was looked at of one day, and what was found.
package struct DayAudit: Hashable, Sendable {
    package let day: Day
    package var files = 0
    package var sizeBytes: Int64 = 0
    package var findings: [AuditFinding] = []
}

/// A T-th part of a vault's audio: the T parts together are all of it, and each file is always in the same one.
///
/// A bag's own files are in every part. Audio is spread by its digest, so that a day's is in all parts; what takes reading
/// a whole day at once, its rows and its folders, is spread by days.
package struct AuditSample: Hashable, Sendable {
    /// 1 to ``parts``.
    package let part: Int
    package let parts: Int

    package static let everything = AuditSample(part: 1, parts: 1)

    private init(part: Int, parts: Int) {
        self.part = part
        self.parts = parts
    }

    /// Reads `N/T`; nil unless 1 ≤ N ≤ T ≤ 10,000.
    package init?(_ text: String) {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let part = numbers[0], let parts = numbers[1], (1...10_000).contains(parts),
            (1...parts).contains(part)
        else { return nil }
        self.init(part: part, parts: parts)
    }

    func includes(_ digest: Digest) -> Bool {
        let number = digest.hex.utf8.prefix(8).reduce(UInt64(0)) { sum, digit in
            sum << 4 | UInt64(digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10)
        }
        return number % UInt64(parts) == UInt64(part - 1)
    }

    func includes(_ day: Day) -> Bool {
        let place = day.daysSinceEpoch % parts
        return (place < 0 ? place + parts : place) == part - 1
    }
}
