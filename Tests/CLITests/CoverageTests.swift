import Foundation
import Recordings
import TestSupport
import Testing

/// The share of the call log that is archived, from outside. What must come out is found by jq in the fixtures.
@Suite struct `The share of the call log that is archived` {
    private static let calls = "\(Places.fixtures)/account/calls.json"

    /// 2018-04-05 in Berlin, for jq.
    private static let onTheDay =
        #"map(select(.dateCreated >= "2018-04-04T22:00:00" and .dateCreated < "2018-04-05T22:00:00"))"#

    /// Those that name recordings, and those of the dialer whose number and start a file of the archives has.
    private static let archived = """
        ($expected[0].recordings | map(select(.channel == "dialer") | [.call.to, .started_at])) as $dialed \
        | \(onTheDay) | map(select((.recordings | length > 0) \
        or (.source == "dialer" and ([.to, .dateCreated] as $call | $dialed | index([$call]))))) | map(.id) | sort
        """

    private func jq(_ filter: String, _ arguments: [String] = [], input: Data? = nil) throws -> String {
        let result = try Program(
            "jq",
            ["-r", "-c"] + arguments.dropLast() + [filter] + arguments.suffix(1),
            input: input
        )
        try #require(result.status == 0, "\(result.errors)")
        return result.text
    }

    @Test func `has every call of the fixtures that has a recording, and asks for lists only`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        try place.dialvault("run", "2018-04-05")
        let before = try platform.requests().count
        let coverage = try place.dialvault("coverage", "2018-04-05", "--json")
        #expect(coverage.status == 0, "\(coverage.errors)")
        let expected = try jq(
            Self.archived,
            ["--slurpfile", "expected", "\(Places.fixtures)/expected.json", Self.calls]
        )
        let told = try jq(
            #"[inputs | select(.row == "call" and .state == "archived") | .call_id] | sort"#,
            ["-n"],
            input: coverage.output
        )
        #expect(told == expected)
        let total = try jq("\(Self.onTheDay) | length", [Self.calls])
        let figures = try jq(
            #"select(.row == "day") | [.calls, .archived, .unnamed, .lost, .open, .archived_percent, .matched_by]"#,
            ["--unbuffered"],
            input: coverage.output
        )
        #expect(figures == #"[25,21,4,0,0,100,{"number-and-time":9,"recording-id":12}]"# + "\n")
        #expect(total == "25\n")
        let paths = Set(try platform.requests().dropFirst(before))
        #expect(paths.isSubset(of: ["POST /oauth/token", "GET /api/v2/calls/reporting"]), "\(paths)")
        try expectValid(coverage.output, place)
        let text = try place.dialvault("coverage", "2018-04-05").text
        #expect(text.hasPrefix("2018-04-05  100.0 %  21 of 21 calls with a recording archived\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    }

    private func expectValid(_ lines: Data, _ place: Workplace) throws {
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let schema = try place.scratch.write(try place.dialvault("schema", "coverage").output, to: "schema.json")
        let check = """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            for line in sys.stdin: jsonschema.Draft202012Validator(schema).validate(json.loads(line))
            """
        let validation = try Program(python, ["-c", check, schema], input: lines)
        #expect(validation.status == 0, "\(validation.errors)")
    }

    /// The fixtures' account, and of one more hour three calls: one whose recording is stored, one whose is not stored yet,
    /// and one whose is nowhere.
    private func laterAccount(_ place: Workplace) throws -> String {
        let account = place.scratch.file("account")
        try Program("cp", ["-r", "\(Places.fixtures)/account", account])
        let sample =
            #"(.[] | select(.id == "199d1ebe00091cba953e022d7c64a0c7" or .call.id? == "199d1ebe00091cba953e022d7c64a0c7"))"#
        let at = #"+ {dateCreated: "2018-04-05T13:00:00.000Z"}"#
        let calls = """
            \(sample) as $one | . + [range(3) | tostring | . as $n \
            | $one \(at) + {id: ("late" + $n), recordings: ["rec" + $n]}]
            """
        let recordings = """
            \(sample) as $one | . + [("stored", "stopped") as $state \
            | (if $state == "stored" then "0" else "1" end) as $n \
            | $one \(at) + {id: ("rec" + $n), state: $state, audio: "f0438224568d68ed04cf4bbb50e065e7.mp3", \
            call: ($one.call + {id: ("late" + $n)})} | del(.file)]
            """
        for (name, filter) in [("calls", calls), ("recordings", recordings)] {
            try place.scratch.write(
                try Program("jq", [filter, "\(Places.fixtures)/account/\(name).json"]).output,
                to: "account/\(name).json"
            )
        }
        return account
    }

    /// A local midnight in UTC.
    private func berlin(_ date: String, _ format: String) throws -> String {
        try String(Program("date", ["--utc", "--date", "TZ=\"Europe/Berlin\" \(date)", format]).text.dropLast())
    }

    @Test func `says what can still be had and until when, what is pending, and what is lost`() throws {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        let later = try RunningPlatform(account: try laterAccount(place))
        try place.configure(url: later.url, retention: "{ dialer_days: 36500, api_days: 36500 }")

        let coverage = try place.dialvault("coverage", "2018-04-05", "--json")
        #expect(coverage.status == 3, "\(coverage.errors)")
        let until = try berlin("2018-04-05 36500 days", "+%Y-%m-%dT%H:%M:%S.000Z")
        let states = try jq(
            #"[inputs | select(.row == "call" and (.call_id | startswith("late"))) | [.state, .until]]"#,
            ["-n"],
            input: coverage.output
        )
        #expect(states == #"[["open","\#(until)"],["pending","\#(until)"],["lost",null]]"# + "\n")
        let percent = try jq(#"select(.row == "day") | .archived_percent"#, ["--unbuffered"], input: coverage.output)
        // 21 of 24.
        #expect(percent == "87.5\n")
        #expect(!(try later.requests().contains { $0.contains("stream") || $0.contains("download") }))
        try expectValid(coverage.output, place)
        let text = try place.dialvault("coverage", "2018-04-05").text
        #expect(text.contains("1 open, 1 pending, 1 lost\n"))
        #expect(text.contains("  lost    2018-04-05T13:00:00Z  late2\n          the platform does not list it\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(text)")
    }

    @Test func `names the sources that have not delivered, and what cannot be read`() throws {
        let platform = try RunningPlatform()
        let place = try Workplace(platform)
        try place.dialvault("run", "2018-04-05")
        let next = try place.dialvault("coverage", "2018-04-06")
        #expect(next.status == 3)
        let until = try berlin("2018-04-06 36500 days", "+%Y-%m-%dT%H:%MZ")
        #expect(next.text.contains("power not-attempted, until \(until)"), "\(next.text)")
        try platform.setFaults(#"[{"kind":"status","status":403,"endpoint":"calls"}]"#)
        let refused = try place.dialvault("coverage", "2018-04-05")
        #expect(refused.status == 77)
        #expect(refused.errors.contains("The call log of 2018-04-05 cannot be read"))
        #expect(try place.dialvault("coverage").status == 64)
    }
}
