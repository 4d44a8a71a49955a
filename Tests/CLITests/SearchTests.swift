import Foundation
import Recordings
import TestSupport
import Testing

/// Looking recordings up and tables of them. What must come out, jq and Python's csv find in the manifests.
@Suite struct `Looking for recordings` {
    private func place() throws -> Workplace {
        let place = try Workplace(try RunningPlatform())
        try place.dialvault("run", "2018-04-05")
        return place
    }

    /// The ids that a filter finds in the manifests of both days, in their order.
    private func ids(_ filter: String, _ place: Workplace) throws -> [Substring] {
        let manifests = ["2018-04-05", "2018-04-06"].map { "\(place.bag($0))/manifest.jsonl" }
        return try Program("jq", ["-r", "select(\(filter)) | .recording_id"] + manifests).text.split(separator: "\n")
    }

    private func found(_ place: Workplace, _ arguments: String...) throws -> [Substring] {
        let search = try Program(
            Places.product("dialvault"),
            ["search", "--json"] + arguments,
            in: place.scratch.path,
            environment: ["DIALVAULT_CONFIG": place.scratch.file("dialvault.yaml")]
        )
        #expect(search.status == 0, "\(search.errors)")
        return try Program("jq", ["-r", ".recording_id"], input: search.output).text.split(separator: "\n")
    }

    @Test func `finds what a filter over the manifests finds`() throws {
        let place = try place()
        let number = #".call.from == "999189807048" or .call.to == "999189807048""#
        #expect(try ids(number, place).count == 2)
        #expect(try found(place, "--number", "+999 1898 07048") == ids(number, place))
        #expect(try found(place, "--number", "999189807048", "2018-04-06") == [])
        #expect(try found(place, "--channel", "queue") == ids(#".channel == "queue""#, place))
        #expect(try found(place, "--verdict", "degraded") == ids(#".verdict == "degraded""#, place))
        let times = #".started_at >= "2018-04-05T12:15:00.000Z" and .started_at < "2018-04-05T22:02:10.000Z""#
        #expect(
            try found(place, "--after", "2018-04-05T14:15:00+02:00", "--before", "2018-04-05T22:02:10Z")
                == ids(times, place)
        )
        let agents = try Program("jq", ["-r", "select(.agent.name) | .agent.name", "\(place.bag())/manifest.jsonl"])
            .text
        let name = String(try #require(agents.split(separator: "\n").first))
        let expected = try ids(".agent.name == \"\(name)\"", place)
        #expect(!expected.isEmpty)
        #expect(try found(place, "--agent", name.uppercased()) == expected)
        #expect(try found(place) == ids("true", place))
    }

    @Test func `shows where the files are, in 80 columns, and the lines as they stand`() throws {
        let place = try place()
        let paths = try place.dialvault("search", "--paths", "--channel", "click-to-call").text.split(separator: "\n")
        #expect(paths.count == (try ids(#".channel == "click-to-call""#, place).count))
        for path in paths { #expect(FileManager.default.fileExists(atPath: String(path))) }
        let text = try place.dialvault("search").text
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(text.contains("2018-04-05T08:11:09Z verified click-to-call 0ed866c1f8b44727827daaaf7e7b098c\n"))
        let lines = try place.dialvault("search", "--json", "2018-04-05").output
        #expect(lines == (try place.bytes("\(place.bag())/manifest.jsonl")))
        #expect(try place.dialvault("search", "2018-04-07").status == 1)
        #expect(try place.dialvault("search", "--number", "anonymous").status == 64)
        #expect(try place.dialvault("search", "--after", "yesterday").status == 64)
    }

    @Test func `notices a manifest that was changed`() throws {
        let place = try place()
        let manifest = "\(place.bag())/manifest.jsonl"
        try Program("sed", ["-i", "s/999189807048/999189807049/", manifest])
        let search = try place.dialvault("search", "--number", "999189807049")
        #expect(search.status == 5)
        #expect(search.errors.contains("is not the one that was published"))
    }

    @Test func `exports a table that a CSV reader reads back`() throws {
        let place = try place()
        let table = try place.dialvault("export")
        #expect(table.status == 0, "\(table.errors)")
        let check = """
            import csv, io, json, sys
            text = sys.stdin.buffer.read().decode('utf-8')
            assert text.count('\\r\\n') == text.count('\\n')
            rows = list(csv.DictReader(io.StringIO(text, newline=''), strict=True))
            lines = [json.loads(l) for p in sys.argv[1:] for l in open(p + '/manifest.jsonl', encoding='utf-8')]
            assert len(rows) == len(lines) == 25
            for row, line in zip(rows, lines):
                call, agent = line.get('call', {}), line.get('agent', {})
                for name in ['recording_id', 'day', 'started_at', 'started_at_from', 'channel', 'queue', 'campaign',
                             'lead_id', 'sha256', 'verdict']:
                    assert row[name] == line.get(name, ''), name
                assert (row['from'], row['to']) == (call.get('from', ''), call.get('to', ''))
                assert row['direction'] == call.get('direction', '')
                assert (row['call_id'], row['conversation_id']) == (call.get('id', ''), call.get('conversation_id', ''))
                assert [row['agent_id'], row['agent_name'], row['agent_number']] == \\
                    [agent.get(key, '') for key in ('id', 'name', 'number')]
                assert row['size_bytes'] == str(line['size_bytes'])
                assert row['duration_ms'] == str(line['audio'].get('duration_ms', ''))
                assert row['tags'] == ';'.join(line['tags'])
                assert row['defects'] == ';'.join(d['code'] for d in line['defects'])
                assert row['path'] == line['day'].replace('-', '/') + '/' + line['path']
                assert set(row) >= {'sources', 'container', 'codec'} and None not in row
            """
        let python = try #require(Places.testTool("python"), "run the tests with scripts/test")
        let reading = try Program(
            python,
            ["-c", check, place.bag("2018-04-05"), place.bag("2018-04-06")],
            input: table.output
        )
        #expect(reading.status == 0, "\(reading.errors)")
    }
}
