import Foundation
import Recordings
import TestSupport
import Testing

/// Trouble with the audio of one recording is that recording's: the others are fetched, and it is asked for last.
@Suite struct `A recording whose audio cannot be fetched` {
    private static let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
        try place.configure(url: platform.url, sources: "")
    }

    private func run() throws -> Program {
        try place.dialvault("run", "2018-04-05", "--retries", "1", "--tpslimit", "500")
    }

    private func audioRequests() throws -> [String] {
        try platform.log().filter { $0.endpoint == "audio" }.map(\.path)
    }

    @Test(arguments: [
        #""kind": "redirect", "to": "/recording/SELF""#,
        #""kind": "redirect", "to": "mailto:a@example.com""#,
        #""kind": "redirect", "to": """#,
        #""kind": "redirect", "to": "http://localhost:9/dead""#,
        #""kind": "redirect", "to": "http://storage.invalid/unknown""#,
        #""kind": "redirect", "to": "http://169.254.169.254/latest/meta-data""#,
        #""kind": "redirect", "to": "http://[fe80::1]/a""#,
        #""kind": "redirect", "to": "http://10.1.2.3/a""#,
        #""kind": "status", "status": 503"#,
        #""kind": "status", "status": 503, "retry_after": 7200"#,
        #""kind": "status", "status": 401"#,
        #""kind": "status", "status": 409"#,
        #""kind": "status", "status": 500"#,
        #""kind": "status", "status": 204"#,
        #""kind": "hang-up""#,
        #""kind": "cut-body", "after_bytes": 40"#,
        #""kind": "answer", "status": 200, "headers": {"Content-Encoding": "br"}, "body": "compressed""#,
    ])
    func `is unavailable, and the other eleven are archived`(fault: String) throws {
        let faults = fault.replacing("SELF", with: Self.sample)
        try platform.setFaults(#"[{"endpoint": "audio", "match": "\#(Self.sample)", \#(faults)}]"#)
        let run = try run()
        #expect(run.status == 3, "\(run.errors)")
        #expect(try place.manifest().count == 11)
        let exception = try #require(try place.exceptions().first)
        #expect(exception.reason == .unavailable)
        #expect(exception.recordingID?.text == Self.sample)
        #expect(try platform.violations().isEmpty)

        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try place.manifest().count == 12)
    }

    @Test func `is asked for after all others by the next run`() throws {
        // The first of the day, and the second run has more to fetch than it.
        let all = try audioOrder()
        let first = try #require(all.first)
        let third = all[2]
        try platform.setFaults(
            """
            [{"endpoint": "audio", "match": "\(first)", "kind": "status", "status": 500},
             {"endpoint": "audio", "match": "\(third)", "kind": "hang-up"}]
            """
        )
        let fresh = try Workplace()
        try fresh.configure(url: platform.url, sources: "")
        #expect(try fresh.dialvault("run", "2018-04-05", "--retries", "0", "--tpslimit", "500").status == 3)
        try platform.setFaults("[]")
        let before = try audioRequests().count
        let next = try fresh.dialvault("run", "2018-04-05", "--refetch", "--tpslimit", "500")
        #expect(next.status == 0, "\(next.errors)")
        let order = try Array(audioRequests()[before...])
        #expect(order.count == 12)
        #expect(order.suffix(2).map { path in [first, third].first { path.contains($0) } } == [first, third])
    }

    /// The ids of the day's recordings in the order in which they are asked for.
    private func audioOrder() throws -> [String] {
        #expect(try run().status == 0)
        return try audioRequests().compactMap { $0.split(separator: "/").dropLast().last.map(String.init) }
    }

    @Test(arguments: [
        (#""kind": "hang-up""#, Int32(75)), (#""kind": "status", "status": 401"#, 77),
        (#""kind": "status", "status": 503"#, 75), (#""kind": "redirect", "to": "http://storage.invalid/a""#, 75),
    ])
    func `is the platform's trouble once several in a row fail alike`(fault: String, code: Int32) throws {
        try platform.setFaults(#"[{"endpoint": "audio", "skip": 2, \#(fault)}]"#)
        let run = try place.dialvault("run", "2018-04-05", "--retries", "0", "--tpslimit", "500")
        #expect(run.status == code, "\(run.errors)")
        #expect(try place.manifest().count == 2)
        #expect(try place.exceptions().count == 10)
        let asked = try Set(audioRequests()).count
        #expect(asked < 9, "\(asked) of 12 were asked for")
    }

    @Test func `is asked for once at a time, and again when the platform counts one too many`() throws {
        try platform.setFaults(#"[{"endpoint": "audio", "kind": "status", "status": 409, "count": 1}]"#)
        let run = try run()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try audioRequests().count == 13)
        #expect(try platform.violations().isEmpty)
    }

    @Test func `has its address in a private network is not asked for`() throws {
        let listing = """
            {"items": [{"id": "\(Self.sample)", "dateCreated": "2018-04-05T08:11:09.000Z", "state": "stored",
              "url": "http://192.168.0.1/recording.mp3"}], "pagination": {"total": 1, "pages": 1}}
            """
        let body = try String(decoding: JSONEncoder().encode(listing), as: UTF8.self)
        try platform.setFaults(
            """
            [{"endpoint": "recordings", "kind": "answer", "headers": {"Content-Type": "application/json"},
              "body": \(body)}]
            """
        )
        let run = try run()
        #expect(run.status == 3, "\(run.errors)")
        #expect(try place.exceptions().map(\.reason) == [.unavailable])
        #expect(try place.exceptions().first?.detail.contains("192.168.0.1") == true)
    }
}
