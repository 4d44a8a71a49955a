import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct SidecarTests {
    @Test("A CSV with the usual headings describes the members it names")
    func csv() throws {
        let sidecar = try #require(
            recognise(
                """
                filename,recording_id,start_time,length_in_sec,phone_number,agent_name,campaign_id,lead_id
                call-1.mp3,9C5B94B1-35AD-49BB-B118-8E8FC24ABF80,2018-04-05 11:03:20,5,999189807131,"Feldkamp, Jonas",SPRING18,40117
                call-2.mp3,,2018-04-05 11:09:55,4,+49 (999) 189-807132,"Ayşe ""Ay"" D.",SPRING18,NULL
                other.mp3,,2018-04-05 11:10:00,4,999189807133,x,SPRING18,1
                """
            )
        )
        var first = CallMetadata()
        first.recordingID = RecordingID("9c5b94b135ad49bbb1188e8fc24abf80")
        first.startedAt = try local("2018-04-05T11:03:20")
        first.duration = WrittenDuration(thousandths: 5000, unit: .seconds)
        first.phone = "999189807131"
        first.agentName = "Feldkamp, Jonas"
        first.campaign = "SPRING18"
        first.leadID = "40117"
        #expect(sidecar.format == .csv)
        #expect(sidecar.rows["call-1.mp3"] == first)
        #expect(sidecar.rows["call-2.mp3"]?.agentName == "Ayşe \"Ay\" D.")
        #expect(sidecar.rows["call-2.mp3"]?.phone == "+49999189807132")
        #expect(sidecar.rows["call-2.mp3"]?.leadID == nil)
        #expect(sidecar.rows["call-2.mp3"]?.recordingID == nil)
        #expect(sidecar.rows.count == 2)
        #expect(sidecar.unmatchedRows == 1)
    }

    @Test(
        "Semicolons, tabs, bars, any line ends and a byte order mark are understood",
        arguments: [";", "\t", "|", ","],
        ["\n", "\r\n", "\r"]
    )
    func dialects(delimiter: String, lineEnd: String) throws {
        let lines = [["Datei", "Beginn", "Kampagne"], ["call-1.mp3", "05.04.2018 11:03:20", "\"a\(delimiter)b\""]]
        let text = "\u{FEFF}" + lines.map { $0.joined(separator: delimiter) }.joined(separator: lineEnd) + lineEnd
        let row = try #require(recognise(text)?.rows["call-1.mp3"])
        #expect(row.startedAt == (try local("2018-04-05T11:03:20")))
        #expect(row.campaign == "a\(delimiter)b")
    }

    @Test("A quoted field may hold line ends")
    func quotedLines() throws {
        let row = recognise("file,agent\ncall-1.mp3,\"one\r\ntwo\"\ncall-2.mp3,x\n")?.rows
        #expect(row?["call-1.mp3"]?.agentName == "one\r\ntwo")
        #expect(row?["call-2.mp3"]?.agentName == "x")
    }

    @Test("Latin-1 and UTF-16 are read")
    func encodings() throws {
        let text = "file;agent\ncall-1.mp3;Jürgen\n"
        let latin1 = try #require(text.data(using: .isoLatin1))
        #expect(recognise(Array(latin1))?.rows["call-1.mp3"]?.agentName == "Jürgen")
        let little = try #require(text.data(using: .utf16LittleEndian))
        #expect(recognise([0xFF, 0xFE] + little)?.rows["call-1.mp3"]?.agentName == "Jürgen")
        let big = try #require(text.data(using: .utf16BigEndian))
        #expect(recognise([0xFE, 0xFF] + big)?.rows["call-1.mp3"]?.agentName == "Jürgen")
    }

    @Test(
        "Headings are known whatever their case and separators",
        arguments: ["lead_id", "Lead ID", "LEADID", "lead-id", "lead.id", "LeadId"]
    )
    func headings(heading: String) {
        #expect(recognise("x,\(heading)\ncall-1.mp3,40117\n")?.rows["call-1.mp3"]?.leadID == "40117")
    }

    @Test(
        "The file is found under its name, in a path or URL, and without extension and suffix",
        arguments: [
            "20180405-101533_1-all.mp3", "20180405-101533_1", "20180405-101533_1.wav", "20180405-101533_1-ALL.MP3",
            "/var/spool/MP3/20180405-101533_1-all.mp3", #"C:\rec\20180405-101533_1-all.mp3"#,
            "https://d.example/MP3/20180405-101533_1%2Dall.mp3?key=1/2",
        ]
    )
    func fileNames(written: String) {
        let found = recognise("n,campaign\n\(written),S\n", members: ["20180405-101533_1-all.mp3", "x.mp3"])
        #expect(found?.rows.keys.sorted() == ["20180405-101533_1-all.mp3"])
    }

    @Test("A row that names both sides of a call describes both, and gives neither its id")
    func twoSides() throws {
        let found = try #require(
            recognise(
                "filename,recording_id,campaign\n20180405-101533_1,0ed866c1f8b44727827daaaf7e7b098c,S\n",
                members: ["20180405-101533_1-in.wav", "20180405-101533_1-out.wav"]
            )
        )
        #expect(found.rows.count == 2)
        #expect(found.rows.values.allSatisfy { $0.campaign == "S" && $0.recordingID == nil })
    }

    @Test("An id that two rows share, and a running number, are no recording's")
    func weakIDs() throws {
        let shared = try #require(
            recognise(
                """
                file,id,campaign
                call-1.mp3,0ed866c1f8b44727827daaaf7e7b098c,S
                call-2.mp3,0ed866c1f8b44727827daaaf7e7b098c,S
                """
            )
        )
        #expect(shared.rows.values.allSatisfy { $0.recordingID == nil })
        #expect(recognise("file,recording_id,campaign\ncall-1.mp3,4711,S\n")?.rows["call-1.mp3"]?.recordingID == nil)
    }

    @Test(
        "Times are read as databases and people write them",
        arguments: [
            ("2018-04-05 11:03:20", "2018-04-05T11:03:20"), ("2018-04-05T11:03:20", "2018-04-05T11:03:20"),
            ("2018-04-05 11:03:20.000", "2018-04-05T11:03:20"), ("05.04.2018, 11:03:20", "2018-04-05T11:03:20"),
            ("05.04.2018 11:03", "2018-04-05T11:03:00"), ("20180405110320", "2018-04-05T11:03:20"),
            ("2018/04/05 9:03", "2018-04-05T09:03:00"), ("4/25/2018 11:03:20 PM", "2018-04-25T23:03:20"),
            ("25/04/2018 12:03 am", "2018-04-25T00:03:00"), ("4/4/2018 12:00 PM", "2018-04-04T12:00:00"),
        ]
    )
    func localTimes(written: String, expected: String) throws {
        #expect(start("start_time", written) == (try local(expected)))
    }

    @Test(
        "Offsets, epochs and headings that say UTC make a time absolute",
        arguments: [
            ("start", "2018-04-05T11:03:20+02:00"), ("start", "2018-04-05T09:03:20Z"),
            ("start", "2018-04-05 09:03:20 UTC"),
            ("start", "2018-04-05 05:03:20 -0400"), ("start_epoch", "1522919000"), ("start", "1522919000000"),
            ("start_epoch", "1522919000.000"), ("start_time_utc", "2018-04-05 09:03:20"),
        ]
    )
    func absoluteTimes(heading: String, written: String) throws {
        #expect(start(heading, written) == (try absolute("2018-04-05T09:03:20.000Z")))
    }

    @Test("Day and month that could stand either way round stay open")
    func eitherWay() throws {
        let expected = CallStart.oneOf([try local("2018-04-05T10:00:00"), try local("2018-05-04T10:00:00")])
        #expect(start("start", "05/04/2018 10:00:00") == expected)
    }

    @Test(
        "What is no time is none",
        arguments: [
            "2018-02-30 10:00:00", "yesterday", "2018-04-05 25:00", "5", "999189807048", "2018-04-05 10:61", "-",
        ]
    )
    func noTimes(written: String) {
        #expect(start("start", written) == nil)
    }

    @Test("Date and time of day from two columns are one start")
    func twoColumns() throws {
        let row = recognise("file,call_date,start_time\ncall-1.mp3,2018-04-05,11:03:20\n")?.rows["call-1.mp3"]
        #expect(row?.startedAt == (try local("2018-04-05T11:03:20")))
    }

    @Test("Configured columns take the place of the usual ones")
    func configured() throws {
        let columns = try SidecarColumns(["file": "A", "started_at": "Zeit (lokal)", "campaign": "C"])
        let text = "A;B;C;Zeit (lokal);campaign\ncall-1.mp3;call-2.mp3;S1;2018-04-05 11:03:20;S2\n"
        let found = try #require(
            Sidecar.recognise(Array(text.utf8), memberNames: ["call-1.mp3", "call-2.mp3"], columns: columns)
        )
        #expect(found.rows.keys.sorted() == ["call-1.mp3"])
        #expect(found.rows["call-1.mp3"]?.campaign == "S1")
        #expect(found.rows["call-1.mp3"]?.startedAt == (try local("2018-04-05T11:03:20")))
    }

    @Test("A wrong column setting is a configuration error", arguments: [["fiel": "A"], ["file": " - "]])
    func wrongColumns(names: [String: String]) throws {
        let failure = try #require(throws: Failure.self) { try SidecarColumns(names) }
        #expect(failure.code == .configuration)
        #expect(failure.advice != nil)
    }

    @Test(
        "What describes no member is no sidecar",
        arguments: [
            "", "\n\n", "Recordings of 2018-04-05\n", "file,campaign\n", "file,campaign\nother.mp3,S\n",
            "call-1.mp3\ncall-2.mp3\n", "0ed866  call-1.mp3\n", "file,note\ncall-1.mp3,hello\n",
            "call-1.mp3,S\ncall-2.mp3,S\n",
            "<html><body>call-1.mp3, campaign</body></html>", "{}", "[]", "[1,2]", "{\"a\":", "null", "\"call-1.mp3\"",
            "{\"file\":\"call-1.mp3\"}", "[{\"campaign\":\"S\"}]",
        ]
    )
    func noSidecar(text: String) {
        #expect(recognise(text) == nil)
    }

    @Test("A sidecar over a limit is none")
    func limits() {
        let text = "file,campaign\ncall-1.mp3,S\ncall-2.mp3,S\n"
        let members: Set = ["call-1.mp3", "call-2.mp3"]
        let bytes = Array(text.utf8)
        #expect(Sidecar.recognise(bytes, memberNames: members, limits: .init(rows: 2)) != nil)
        #expect(Sidecar.recognise(bytes, memberNames: members, limits: .init(rows: 1)) == nil)
        #expect(Sidecar.recognise(bytes, memberNames: members, limits: .init(sizeBytes: bytes.count - 1)) == nil)
    }

    @Test("The fixtures' sidecar is read as it was written")
    func fixture() throws {
        // The table as scripts/make-fixtures writes it, with the line ends of RFC 4180.
        let text =
            "filename,recording_id,start_time,length_in_sec,phone_number,agent_name,campaign_id,lead_id\r\n"
            + "call-000233.mp3,,2018-04-05 13:40:00,4,999189807133,\"Feldkamp, Jonas\",SPRING18,40119\r\n"
        let row = try #require(recognise(text, members: ["call-000233.mp3"])?.rows["call-000233.mp3"])
        #expect(row.startedAt == (try local("2018-04-05T13:40:00")))
        #expect(row.call == Recording.Call(to: "999189807133"))
        #expect(row.agent == Recording.Agent(name: "Feldkamp, Jonas"))
    }

    private func start(_ heading: String, _ written: String) -> CallStart? {
        recognise("file\t\(heading)\tcampaign\ncall-1.mp3\t\(written)\tS\n")?.rows["call-1.mp3"]?.startedAt
    }
}

func recognise(
    _ text: String,
    baseName: String? = nil,
    members: Set<String> = ["call-1.mp3", "call-2.mp3"]
) -> Sidecar? {
    recognise(Array(text.utf8), baseName: baseName, members: members)
}

func recognise(
    _ bytes: [UInt8],
    baseName: String? = nil,
    members: Set<String> = ["call-1.mp3", "call-2.mp3"]
) -> Sidecar? {
    Sidecar.recognise(bytes, baseName: baseName, memberNames: members)
}
