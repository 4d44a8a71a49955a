import Foundation
import Recordings
import TestSupport
import Testing

/// The fixtures' day, 2018-04-05, through the built programs. What must come out stands in `Fixtures/expected.json`, by how
/// the fixtures were made.
@Suite struct `One day, end to end` {
    @Test func `is published whole, and everything in it is what the fixtures were made from`() throws {
        let place = try Workplace(try RunningPlatform())
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.text.hasPrefix("2018-04-05  complete    24 recordings, 1 degraded, 1 exception, revision 1 (new)"))
        try expectFixtures(place)
        let sample = try #require(
            try place.manifest().first { $0.recordingID.text == "0ed866c1f8b44727827daaaf7e7b098c" }
        )
        #expect(sample.verdict == .verified)
        #expect(sample.audio.durationMs == 117_504)
        #expect(sample.sizeBytes == 352_512)
    }

    /// Compares every key that `expected.json` names; jq does the comparing.
    private func expectFixtures(_ place: Workplace) throws {
        let filter = """
            def covers($want): if ($want | type) == "object" then . as $have | all($want | keys[]; . as $key \
            | $have | has($key) and (.[$key] | covers($want[$key]))) \
            elif ($want | type) == "array" then length == ($want | length) and (. as $have \
            | all(range($want | length); . as $i | $have[$i] | covers($want[$i]))) \
            else . == $want end;
            $want[0] as $want | { \
              state: (.state == $want.state), \
              totals: (.totals | covers($want.totals)), \
              sources: ((.sources | sort_by(.name)) \
                | covers($want.sources | map(if .kind == "api" then . else del(.kind) end))), \
              recordings: ($manifest | sort_by(.recording_id) | map(.defects |= map(.code)) \
                | covers($want.recordings | sort_by(.recording_id))) \
            }
            """
        let comparison = try Program(
            "jq",
            [
                "-c", "--slurpfile", "want", "\(Places.fixtures)/expected.json", "--slurpfile", "manifest",
                "\(place.bag())/manifest.jsonl", filter, "\(place.bag())/day.json",
            ]
        )
        #expect(
            comparison.text == #"{"state":true,"totals":true,"sources":true,"recordings":true}"# + "\n",
            "\(comparison.errors)"
        )
    }

    @Test func `makes a bag that bagit and sha256sum accept`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let validation = try Program(python, ["-m", "bagit", "--validate", place.bag()])
        #expect(validation.status == 0, "\(validation.errors)")
        let sums = try Program("sha256sum", ["--check", "--strict", "--quiet", "manifest-sha256.txt"], in: place.bag())
        #expect(sums.status == 0, "\(sums.errors)")
    }

    @Test(arguments: [("recording", "manifest.jsonl"), ("exception", "exceptions.jsonl"), ("day", "day.json")])
    func `is valid by the schema that is printed`(schema: String, file: String) throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let printed = try place.scratch.write(try place.dialvault("schema", schema).output, to: "schema.json")
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
            text = open(sys.argv[2], encoding="utf-8").read()
            rows = [json.loads(text)] if sys.argv[2].endswith(".json") else [json.loads(l) for l in text.splitlines()]
            assert rows
            for row in rows: validator.validate(row)
            """
        let validation = try Program(python, ["-c", check, printed, "\(place.bag())/\(file)"])
        #expect(validation.status == 0, "\(validation.errors)")
    }

    @Test func `again leaves the bag untouched, to the byte and the inode, and fetches nothing again`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        try place.dialvault("run", "2018-04-05")
        let before = try place.inventory()
        let requests = try platform.requests()
        let again = try place.dialvault("run", "2018-04-05")
        #expect(again.status == 0)
        #expect(again.text.contains("24 recordings, nothing new since revision 1"))
        #expect(try place.inventory() == before)
        let new = try platform.requests().dropFirst(requests.count)
        #expect(!new.contains { $0.contains("/stream.") }, "no audio is fetched again: \(new)")
    }

    @Test func `gives the same manifest in a second vault, byte for byte`() throws {
        let first = try Workplace(try RunningPlatform())
        let second = try Workplace(try RunningPlatform())
        try first.dialvault("run", "2018-04-05")
        for stage in ["collect", "fetch", "unpack", "verify", "merge"] {
            let result = try second.dialvault(stage, "2018-04-05")
            #expect(result.status == 0, "\(stage): \(result.errors)")
        }
        #expect(try first.bytes("\(first.bag())/manifest.jsonl") == second.bytes("\(second.bag())/manifest.jsonl"))
        #expect(try first.bytes("\(first.bag())/exceptions.jsonl") == second.bytes("\(second.bag())/exceptions.jsonl"))
    }

    @Test func `publishes what belongs to the next day there`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let next = try place.summary("2018-04-06")
        #expect(next.state == .incomplete)
        #expect(next.totals.movedIn == 1)
        #expect(try place.manifest("2018-04-06").map(\.startedAt.description) == ["2018-04-05T22:02:10.000Z"])
    }

    @Test func `that gained a recording becomes revision 2, and keeps the chain`() throws {
        let place = try Workplace(try RunningPlatform())
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        let sources = """
                - name: partner
                  kind: directory
                  path: \(place.scratch.file("drop"))
                  pattern: "*-{yyyy}-{MM}-{dd}.*"
            """
        let platform = try RunningPlatform()
        defer { _ = platform }
        try place.configure(url: platform.url, sources: sources)
        let archives = "\(Places.fixtures)/account/archives"
        try FileManager.default.copyItem(
            atPath: "\(archives)/export-2018-04-05.tar",
            toPath: place.scratch.file("drop/export-2018-04-05.tar")
        )
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let first = try place.summary()
        try FileManager.default.copyItem(
            atPath: "\(archives)/outbound-2018-04-05.tar.gz",
            toPath: place.scratch.file("drop/outbound-2018-04-05.tar.gz")
        )
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        let second = try place.summary()
        #expect(second.revision == 2)
        #expect(second.previousManifestSHA256 == first.manifestSHA256)
        #expect(second.totals.recordings > first.totals.recordings)
        let history = "\(place.vault)/.dialvault/history/2018-04-05/r0001.manifest.jsonl.gz"
        let former = try Program("sh", ["-c", "gzip -dc '\(history)' | sha256sum"]).text
        #expect(former.hasPrefix(first.manifestSHA256.hex))
    }
}
