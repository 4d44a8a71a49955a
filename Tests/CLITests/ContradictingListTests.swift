import Foundation
import Recordings
import TestSupport
import Testing

/// A platform whose list says one thing of itself and holds another: something may be missing, and the day says so.
@Suite struct `A platform that contradicts itself` {
    struct Case: CustomTestStringConvertible, Sendable {
        let fault: String
        /// Of the day's twelve recordings.
        let recordings: Int
        /// How many the `not-delivered` exception counts; nil when there is none.
        let undelivered: Int?
        let words: String

        init(_ fault: String, _ recordings: Int, _ undelivered: Int?, _ words: String) {
            (self.fault, self.recordings, self.undelivered, self.words) = (fault, recordings, undelivered, words)
        }

        var testDescription: String { fault }
    }

    @Test(arguments: [
        Case(#""keep": 0, "pagination": {"total": 9, "pages": 1}"#, 0, 9, "there are 9, and lists 0"),
        Case(#""keep": 0, "pagination": {"total": 0, "pages": 3}"#, 0, nil, "3 pages, and page 1 is empty"),
        Case(
            #""keep": 0, "pagination": {"total": 0, "pages": 0}, "success": false, "message": "the index is being rebuilt""#,
            0,
            nil,
            "success: false (the index is being rebuilt)"
        ),
        Case(#""success": false"#, 12, nil, "success: false"),
        // Of the 13 that it lists, one begins with the next day.
        Case(#""keep": 3"#, 2, 10, "there are 13, and lists 3"),
        Case(#""pagination": {"total": 14}"#, 12, 1, "there are 14, and lists 13"),
        Case(#""pagination": {"total": null, "pages": null}, "same_page": true"#, 12, nil, "brings nothing new"),
        Case(#""pagination": {"total": 40, "pages": 4}, "same_page": true"#, 12, 27, "brings nothing new"),
    ])
    func `is believed in nothing but what it lists`(item: Case) throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        try platform.setFaults(#"[{"endpoint": "recordings", "kind": "listing", \#(item.fault)}]"#)
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 3, "\(run.errors)")
        let summary = try place.summary()
        #expect(summary.state == .incomplete)
        let source = try #require(summary.sources.first)
        #expect(source.state == .partial)
        #expect(source.detail?.contains(item.words) == true, "\(source.detail ?? "")")
        #expect(source.published == item.recordings)
        #expect(source.members == item.recordings)
        let exceptions = try place.exceptions()
        #expect(exceptions.map(\.reason) == (item.undelivered == nil ? [] : [.notDelivered]))
        if let count = item.undelivered { #expect(exceptions.first?.detail.contains(" \(count) ") == true) }
        let inventory = try place.inventory()
        #expect(try place.dialvault("run", "2018-04-05", "--tpslimit", "500").status == 3)
        #expect(try place.inventory() == inventory, "the same again is nothing new")

        try platform.setFaults("[]")
        let next = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(next.status == 0, "\(next.errors)")
        #expect(try place.summary().totals.recordings == 12)
        #expect(try place.exceptions().isEmpty)
    }

    @Test func `only for a moment leaves no trace`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        try platform.setFaults(
            #"[{"endpoint": "recordings", "kind": "listing", "keep": 0, "success": false, "count": 1}]"#
        )
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.summary().state == .complete)
    }

    @Test func `and never ends its list is left at the first page that brings nothing new`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        try place.configure(url: platform.url, sources: "")
        try platform.setFaults(
            """
            [{"endpoint": "recordings", "kind": "malformed-item", "at": 2, "value": {"state": "stored"}},
             {"endpoint": "recordings", "kind": "listing", "pagination": {"total": null, "pages": null},
              "same_page": true}]
            """
        )
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 3, "\(run.errors)")
        let listings = try platform.log().count { $0.endpoint == "recordings" }
        #expect(listings <= 6, "\(listings) pages were asked for")
        let source = try #require(try place.summary().sources.first)
        #expect(source.detail?.contains("brings nothing new") == true)
        #expect(source.published == 11)
        #expect(try place.exceptions().map(\.reason) == [.unavailable])
    }

    @Test func `about its stored files proves no day empty`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace()
        let sources = #"    - { name: stored, kind: files, query: "dialer-{yyyy-MM-dd}" }"#
        try place.configure(url: platform.url, sources: sources + "\n  on_missing: empty")
        for page in [#""pagination": {"total": 2}"#, #""success": false"#, #""pagination": {"pages": 3}"#] {
            try platform.setFaults(#"[{"endpoint": "files", "kind": "listing", "keep": 0, \#(page)}]"#)
            let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
            #expect(run.status == 3, "\(run.errors)")
            #expect(try place.summary().sources.first { $0.name == "stored" }?.state == .partial)
        }
    }
}
