import Foundation
import Recordings
import TestSupport
import Testing

/// What a source's server answers other than an archive: the message names the source and leads to what can be done.
@Suite struct `A server without an archive` {
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
    }

    private func web(_ keys: String = "") throws {
        try place.configure(
            url: platform.url,
            sources: """
                    - { name: web, kind: https, url: "\(platform.url)/archives/{yyyy}{MM}{dd}.zip" \(keys) }
                  on_missing: empty
                """
        )
    }

    private func run() throws -> (Program, DaySummary.Source?) {
        let run = try place.dialvault("run", "2018-04-05", "--retries", "0", "--tpslimit", "500")
        let source = try place.summary().sources.first { $0.kind != .api }
        return (run, source)
    }

    private func fault(_ status: Int, _ type: String = "application/json", _ body: String = "{}", at: String) throws {
        let text = try String(decoding: JSONEncoder().encode(body), as: UTF8.self)
        try platform.setFaults(
            """
            [{"endpoint": "\(at)", "kind": "answer", "status": \(status), "headers": {"Content-Type": "\(type)"},
              "body": \(text)}]
            """
        )
    }

    @Test(arguments: [
        (202, SourceState.notReady), (204, .failed), (400, .failed), (300, .failed), (405, .failed), (418, .failed),
        (500, .failed),
    ])
    func `is named with its status, and no other key is blamed`(status: Int, state: SourceState) throws {
        try web()
        try fault(status, at: "archive")
        let (run, source) = try run()
        #expect(run.status == 75, "\(run.errors)")
        #expect(source?.state == state)
        #expect(run.errors.contains("source web"))
        #expect(run.errors.contains("status \(status)"))
        #expect(!run.errors.contains("api.base_url"))
    }

    private static let denied = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>"

    @Test func `that is storage and hides what it does not have is not ready, where nobody signs in`() throws {
        try web()
        try fault(403, "application/xml", Self.denied, at: "archive")
        let (run, source) = try run()
        #expect(run.status == 75, "\(run.errors)")
        #expect(source?.state == .notReady)
    }

    @Test func `that refuses those who sign in refuses their credentials`() throws {
        try web(#", username: me, password: wrong"#)
        try fault(403, "application/xml", Self.denied, at: "archive")
        let (run, source) = try run()
        #expect(run.status == 77, "\(run.errors)")
        #expect(source?.state == .failed)
        #expect(run.errors.contains("Check the credentials of dialer.sources[web]"))
    }

    @Test(arguments: [401, 403])
    func `behind a redirect says nothing of the account's rights`(status: Int) throws {
        try place.scratch.write(
            #"[{"id": "0a", "filename": "dialer-2018-04-05.tar", "content": "archives/export-2018-04-05.tar"}]"#,
            to: "account/files.json"
        )
        for name in ["account.json", "archives"] {
            try FileManager.default.copyItem(
                atPath: "\(Places.fixtures)/account/\(name)",
                toPath: place.scratch.file("account/\(name)")
            )
        }
        let platform = try RunningPlatform(account: place.scratch.file("account"))
        try place.configure(
            url: platform.url,
            sources: #"    - { name: stored, kind: files, query: "dialer-{yyyy-MM-dd}" }"#
        )
        let body = #"<Error><Code>RequestTimeTooSkewed</Code></Error>"#
        try platform.setFaults(
            """
            [{"endpoint": "stored-file", "kind": "answer", "status": \(status),
              "headers": {"Content-Type": "application/xml"}, "body": "\(body)"}]
            """
        )
        let (run, source) = try run()
        #expect(run.status == 75, "\(run.errors)")
        #expect(source?.state == .failed)
        #expect(run.errors.contains("localhost"))
        #expect(run.errors.contains("RequestTimeTooSkewed"))
        #expect(!run.errors.contains("manager rights"))
    }
}
