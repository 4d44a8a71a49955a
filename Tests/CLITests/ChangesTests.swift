import Foundation
import Recordings
import TestSupport
import Testing

/// The change feed from outside. What must be told is found by jq in copies of the manifests.
@Suite struct `Changes since a publication` {
    /// One source, a drop directory of which the test brings the archives.
    private func place(_ platform: RunningPlatform) throws -> Workplace {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        try place.configure(
            url: platform.url,
            sources: """
                    - name: partner
                      kind: directory
                      path: \(place.scratch.file("drop"))
                      pattern: "*-{yyyy}-{MM}-{dd}.*"
                """
        )
        return place
    }

    private func bring(_ archive: String, _ place: Workplace) throws {
        try FileManager.default.copyItem(
            atPath: "\(Places.fixtures)/account/archives/\(archive)",
            toPath: place.scratch.file("drop/\(archive)")
        )
    }

    private func changes(_ place: Workplace, since: Int) throws -> Data {
        let feed = try place.dialvault("changes", "--since", "\(since)", "--json")
        #expect(feed.status == 0, "\(feed.errors)")
        return feed.output
    }

    /// The ids of one kind of change, by jq.
    private func ids(_ kind: String, _ day: String, in feed: Data) throws -> Set<Substring> {
        let filter = "select(.change == \"\(kind)\" and .day == \"\(day)\") | .recording_id"
        return Set(try Program("jq", ["-r", filter], input: feed).text.split(separator: "\n"))
    }

    /// The manifest's rows by id, by jq.
    private func rows(_ manifest: String) throws -> [Substring: Substring] {
        let lines = try Program("jq", ["-r", "[.recording_id, tojson] | join(\"\\t\")", manifest]).text
        return Dictionary(
            lines.split(separator: "\n").map { line in
                let parts = line.split(separator: "\t", maxSplits: 1)
                return (parts[0], parts[1])
            }
        ) { first, _ in first }
    }

    @Test func `are the rows in which the manifests differ, and a number to keep`() throws {
        let platform = try RunningPlatform()
        let place = try place(platform)
        try bring("export-2018-04-05.tar", place)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let before = try place.scratch.write(try place.bytes("\(place.bag())/manifest.jsonl"), to: "before.jsonl")

        let everything = try changes(place, since: 0)
        #expect(try ids("added", "2018-04-05", in: everything) == Set(try rows(before).keys))
        let shape = #"[inputs] | [.[0].change, .[0].revision, .[0].added, .[-1].change, .[-1].sequence] | tojson"#
        #expect(try Program("jq", ["-nr", shape], input: everything).text == #"["day",1,15,"end",1]"# + "\n")

        // The second archive has four new calls, one that the API has too, and one of the next day.
        try bring("outbound-2018-04-05.tar.gz", place)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let (old, new) = (try rows(before), try rows("\(place.bag())/manifest.jsonl"))
        let feed = try changes(place, since: 1)
        #expect(try ids("added", "2018-04-05", in: feed) == Set(new.keys).subtracting(old.keys))
        #expect(try ids("changed", "2018-04-05", in: feed) == Set(old.keys.filter { new[$0] != old[$0] }))
        #expect(try ids("changed", "2018-04-05", in: feed) == ["edf4eb26518294e52a1a3f205481a88e"])
        #expect(try ids("removed", "2018-04-05", in: feed) == [])
        #expect(
            try ids("added", "2018-04-06", in: feed) == Set(try rows("\(place.bag("2018-04-06"))/manifest.jsonl").keys)
        )
        let order = try Program("jq", ["-r", #"select(.change == "day") | .day"#], input: feed).text
        #expect(order == "2018-04-06\n2018-04-05\n")

        let nothing = String(decoding: try changes(place, since: 3), as: UTF8.self)
        #expect(nothing == #"{"change":"end","schema":"dialvault/change/1","sequence":3}"# + "\n")
        let ahead = try place.dialvault("changes", "--since", "4")
        #expect(ahead.status == 1)
        #expect(ahead.errors.contains("start again with --since 0"))
        try expectValid(everything + feed, place)
    }

    private func expectValid(_ lines: Data, _ place: Workplace) throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let schema = try place.scratch.write(try place.dialvault("schema", "change").output, to: "schema.json")
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            for line in sys.stdin: jsonschema.Draft202012Validator(schema).validate(json.loads(line))
            """
        let validation = try Program(python, ["-c", check, schema], input: lines)
        #expect(validation.status == 0, "\(validation.errors)")
    }

    @Test func `are the same from a ledger that was made anew, and read well`() throws {
        let platform = try RunningPlatform()
        let place = try place(platform)
        try bring("export-2018-04-05.tar", place)
        try place.dialvault("run", "2018-04-05")
        try bring("outbound-2018-04-05.tar.gz", place)
        try place.dialvault("run", "2018-04-05")
        let before = try changes(place, since: 1)
        try Program("sh", ["-c", "rm '\(place.vault)/.dialvault/ledger.sqlite'*"])
        #expect(try place.dialvault("reindex").status == 0)
        #expect(try changes(place, since: 1) == before)
        let text = try place.dialvault("changes", "--since", "1").text
        #expect(text.contains("2018-04-05  revision 2, since revision 1: 4 added, 1 changed, 0 removed\n"))
        #expect(text.contains("  ~ edf4eb26518294e52a1a3f205481a88e\n"))
        #expect(text.hasSuffix("newest publication: 3\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
}
