import Foundation
import Recordings
import TestSupport
import Testing

/// Every way in which the API can misbehave: the published day, its exceptions, the exit code, and that the next run of a
/// platform that has recovered ends as if nothing had been.
@Suite struct `A platform that misbehaves` {
    private static let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    struct Case: CustomTestStringConvertible, Sendable {
        let fault: String
        let code: Int32
        /// How many of the day's twelve recordings are published; nil when the day is not.
        let recordings: Int?
        let reasons: [Exception.Reason]

        init(_ fault: String, _ code: Int32, _ recordings: Int?, _ reasons: [Exception.Reason] = []) {
            (self.fault, self.code, self.recordings, self.reasons) = (fault, code, recordings, reasons)
        }

        var testDescription: String { fault }
    }

    @Test(arguments: [
        Case(#""endpoint": "token", "kind": "status", "status": 503, "count": 1"#, 0, 12),
        Case(#""endpoint": "token", "kind": "status", "status": 503"#, 75, nil),
        Case(#""endpoint": "token", "kind": "html""#, 75, nil),
        Case(#""endpoint": "recordings", "kind": "status", "status": 503, "count": 1"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "status", "status": 429, "retry_after": 1, "count": 1"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "status", "status": 502"#, 75, nil),
        Case(#""endpoint": "recordings", "kind": "status", "status": 403"#, 77, nil),
        Case(#""endpoint": "recordings", "kind": "html", "count": 1"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "html""#, 75, nil),
        Case(#""endpoint": "recordings", "kind": "hang-up""#, 75, nil),
        Case(#""endpoint": "recordings", "kind": "cut-body", "after_bytes": 100, "count": 1"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "expired-token", "count": 1"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "ignore-filters""#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "missing-pagination""#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "wrong-current", "value": 7"#, 0, 12),
        Case(#""endpoint": "recordings", "kind": "shifting-pages", "by": 1, "count": 1"#, 0, 12),
        Case(
            #""endpoint": "recordings", "kind": "malformed-item", "at": 1, "value": {"duration": 9}"#,
            3,
            11,
            [.unavailable]
        ),
        Case(#""endpoint": "recordings", "kind": "duration-in-seconds""#, 0, 12),
        Case(#""endpoint": "calls", "kind": "status", "status": 503"#, 75, 12),
        Case(#""endpoint": "calls", "kind": "status", "status": 403"#, 0, 12),
        Case(#""endpoint": "audio", "kind": "status", "status": 404, "match": "\#(sample)""#, 3, 11, [.unavailable]),
        Case(#""endpoint": "audio", "kind": "status", "status": 403, "match": "\#(sample)""#, 3, 11, [.unavailable]),
        Case(#""endpoint": "audio", "kind": "status", "status": 500, "count": 1"#, 3, 11, [.unavailable]),
        Case(#""endpoint": "audio", "kind": "html", "match": "\#(sample)""#, 3, 11, [.unavailable]),
        Case(
            #""endpoint": "audio", "kind": "cut-body", "after_bytes": 9, "match": "\#(sample)""#,
            3,
            11,
            [.unavailable]
        ),
        Case(#""endpoint": "audio", "kind": "cut-body", "after_bytes": 9000, "count": 1"#, 0, 12),
        Case(#""endpoint": "audio", "kind": "wrong-length", "by": 9, "count": 1"#, 0, 12),
        Case(#""endpoint": "audio", "kind": "slow-first-byte", "ms": 20"#, 0, 12),
        Case(#""endpoint": "audio", "kind": "slow-body", "chunk_bytes": 65536, "ms": 1"#, 0, 12),
        Case(
            #""endpoint": "audio", "kind": "redirect", "to": "ftp://127.0.0.1/a""#,
            75,
            0,
            Array(repeating: .unavailable, count: 12)
        ),
    ])
    func `says what of the day could be had, and takes the rest when it can`(_ item: Case) throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        try platform.setFaults("[{\(item.fault)}]")
        let run = try place.dialvault("run", "2018-04-05", "--retries", "1", "--tpslimit", "500")
        #expect(run.status == item.code, "\(run.errors)")
        let isPublished = FileManager.default.fileExists(atPath: "\(place.bag())/day.json")
        #expect(isPublished == (item.recordings != nil))
        if let count = item.recordings, isPublished {
            let summary = try place.summary()
            #expect(summary.totals.recordings == count)
            #expect(summary.state == (item.code == 0 ? .complete : .incomplete))
            #expect(try place.exceptions().map(\.reason) == item.reasons)
        }
        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try place.manifest().count == 12)
        #expect(try place.exceptions().isEmpty)
        #expect(try platform.violations() == [])
    }

    @Test func `asks for patience, and gets it from every run until then`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        try platform.setFaults(
            #"[{"endpoint": "recordings", "kind": "status", "status": 429, "retry_after": 3600, "count": 1}]"#
        )
        for _ in 1...2 {
            let run = try place.dialvault("run", "2018-04-05")
            #expect(run.status == 75)
            #expect(run.errors.contains("asks to wait"))
        }
        // A token, the account's retention, and the list.
        #expect(try platform.requests().count == 3, "the second run asks nothing")
    }
}
