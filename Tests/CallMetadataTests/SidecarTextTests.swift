import CallMetadata
import Foundation
import Recordings
import Testing

/// Tables as programs write them; what a field holds was written by hand, or by Python's `csv` and codecs.
@Suite struct SidecarTextTests {
    @Test(
        "Lines above the headings are no rows",
        arguments: [
            "sep=;\r\n", "SEP=;\n", "\"sep=;\"\n", "Recordings of 2018-04-05\r\n\r\n", "Report;;;\nDate;05.04.2018;;\n",
            "Aufnahmen\nErstellt am;06.04.2018 00:10\n\n", "# made by hand\n",
        ]
    )
    func titles(title: String) throws {
        let table = "Dateiname;Startzeit;Rufnummer\r\ncall-1.mp3;05.04.2018 09:00:00;999189807041\r\n"
        let found = try #require(recognise(title + table))
        #expect(found.rows["call-1.mp3"]?.startedAt == (try local("2018-04-05T09:00:00")))
        #expect(found.rows["call-1.mp3"]?.phone == "999189807041")
        #expect(found.unmatchedRows == 0)
    }

    @Test("sep= may name any delimiter")
    func anyDelimiter() {
        #expect(recognise("sep=^\nfile^campaign\ncall-1.mp3^a;b,c\n")?.rows["call-1.mp3"]?.campaign == "a;b,c")
    }

    @Test("The delimiter is the one under which headings are known, not the one that is there most often")
    func delimiterByHeadings() {
        let row = recognise("a,b,c,d,e,f;phone;campaign\ncall-1.mp3;999189807041;S\n")?.rows["call-1.mp3"]
        #expect(row?.phone == "999189807041")
    }

    @Test(
        "A quotation mark that is not closed swallows no row",
        arguments: [
            #"call-1.mp3,2018-04-05 09:00:00,"Anna,999189807041"#,
            #"call-1.mp3,2018-04-05 09:00:00,"Anna" B,999189807041"#,
            #"call-1.mp3,2018-04-05 09:00:00,"Anna,"999189807041"#,
            #"call-1.mp3,2018-04-05 09:00:00,"Anna"",999189807041"#,
        ],
        [
            "call-2.mp3,2018-04-05 14:00:00,Bert,999189807042", #"call-2.mp3,2018-04-05 14:00:00,"Bert",999189807042"#,
            #"call-2.mp3,2018-04-05 14:00:00,Bert,"999189807042""#,
            #""call-2.mp3","2018-04-05 14:00:00","Bert","999189807042""#,
        ]
    )
    func unclosed(first: String, second: String) throws {
        let text = "filename,start_time,agent,phone\r\n\(first)\r\n\(second)\r\n"
        let found = try #require(recognise(text))
        #expect(found.rows["call-2.mp3"]?.phone == "999189807042")
        #expect(found.rows["call-2.mp3"]?.agentName == "Bert")
        #expect(found.rows["call-1.mp3"]?.startedAt == (try local("2018-04-05T09:00:00")))
        #expect(found.rows["call-1.mp3"]?.agentName == nil)
        #expect(found.rows["call-1.mp3"]?.phone == nil)
    }

    @Test("A field that opens in one row and closes in another is two rows' and read in neither")
    func acrossRows() throws {
        let text = "file,agent,phone\ncall-1.mp3,\"Anna,1\ncall-2.mp3,Bert\",999189807042\n"
        let found = try #require(recognise(text)?.rows)
        #expect(found.values.allSatisfy { $0.agentName?.contains("call-") != true })
        #expect(found["call-1.mp3"]?.phone == nil)
    }

    @Test("Quotation marks without end are refused, in time that is bounded")
    func manyUnclosed() {
        let text = "file,agent\ncall-1.mp3,A\n" + String(repeating: "x,\"y\n", count: 100_000)
        let time = ContinuousClock().measure { #expect(recognise(text) == nil) }
        #expect(time < .seconds(60))
    }

    @Test("A row with more cells than headings says nothing but its file's name")
    func tooManyCells() throws {
        let text =
            "file,agent_name,from,to\ncall-1.mp3,Feldkamp, Jonas,999189807041,999189807042\n"
            + "call-2.mp3,Anna,999189807043,999189807044,,\n"
        let found = try #require(recognise(text)?.rows)
        #expect(found["call-1.mp3"] == CallMetadata())
        #expect(found["call-2.mp3"]?.from == "999189807043")
    }

    @Test("A short row has what it has")
    func tooFewCells() {
        let row = recognise("file,campaign,agent_name,phone\ncall-1.mp3,S\n")?.rows["call-1.mp3"]
        #expect(row?.campaign == "S")
        #expect(row?.phone == nil)
    }

    @Test("Columns with one heading that contradict each other say nothing")
    func doubledHeadings() throws {
        let text =
            "file,phone,phone,start,start,campaign\n"
            + "call-1.mp3,999189807041,999189807042,2018-04-05 09:00,2018-04-05 10:00,S\n"
            + "call-2.mp3,999189807041,,2018-04-05 09:00,2018-04-05 09:00,S\n"
        let rows = try #require(recognise(text)?.rows)
        #expect(rows["call-1.mp3"]?.phone == nil)
        #expect(rows["call-1.mp3"]?.startedAt == nil)
        #expect(rows["call-1.mp3"]?.unreadStarts.isEmpty == false)
        #expect(rows["call-2.mp3"]?.phone == "999189807041")
        #expect(rows["call-2.mp3"]?.startedAt == (try local("2018-04-05T09:00:00")))
    }

    @Test("Headings that come again are no row; in another order they end the table's being read")
    func repeatedHeadings() throws {
        let again =
            "File,From,To\ncall-1.mp3,999189807041,999189807042\nfile,from,to\ncall-2.mp3,999189807043,999189807044\n"
        let found = try #require(recognise(again))
        #expect(found.rows["call-2.mp3"]?.to == "999189807044")
        #expect(found.unmatchedRows == 0)
        let other =
            "file,from,to\ncall-1.mp3,999189807041,999189807042\nto,from,file\n999189807044,999189807043,call-2.mp3\n"
        #expect(recognise(other) == nil)
        var join = SidecarJoin(members: members("call-1.mp3", "call-2.mp3", "i.csv"))
        join.read(Array(other.utf8), member: 2)
        #expect(join.finish().refusals.map(\.member) == [2])
    }

    /// `'Müller – €'.encode('cp1252')`.
    @Test("Code page 1252 is read, and UTF-8 beside it")
    func codePage() {
        let name: [UInt8] = [0x4D, 0xFC, 0x6C, 0x6C, 0x65, 0x72, 0x20, 0x96, 0x20, 0x80]
        let text = Array("file;agent\ncall-1.mp3;".utf8) + name + Array("\ncall-2.mp3;Jürgen\n".utf8)
        let rows = recognise(text)?.rows
        #expect(rows?["call-1.mp3"]?.agentName == "Müller – €")
        #expect(rows?["call-2.mp3"]?.agentName == "Jürgen")
    }

    @Test("UTF-16 is read with and without its mark, and with half a unit at its end", arguments: [true, false])
    func utf16(isLittle: Bool) throws {
        let text = "file;agent\ncall-1.mp3;Jürgen 𝄞\n"
        let bytes = Array(try #require(text.data(using: isLittle ? .utf16LittleEndian : .utf16BigEndian)))
        let mark: [UInt8] = isLittle ? [0xFF, 0xFE] : [0xFE, 0xFF]
        for whole in [bytes, mark + bytes, mark + bytes + [0x0A]] {
            #expect(recognise(whole)?.rows["call-1.mp3"]?.agentName == "Jürgen 𝄞")
        }
    }

    @Test(
        "A lone surrogate, a bare NaN and numbers beyond all types lose no item",
        arguments: [
            #""agent":"A\ud800B""#, #""agent":"A\udc00\ud800""#, #""duration":1e400"#, #""duration":-1e400"#,
            #""duration":NaN"#, #""duration":-Infinity"#, #""duration":9.3e18"#, #""duration":"9.3e18""#,
            #""duration":9300000000000000000"#, #""duration":"9300000000000000000""#, #""duration":-0"#,
            #""size":1e19,"duration":"NaN""#, #""start":1e300"#, #""start":-9223372036854775808"#,
        ]
    )
    func hostileJSON(field: String) throws {
        for text in [
            "[{\"file\":\"call-1.mp3\",\"campaign\":\"S\",\(field)},{\"file\":\"call-2.mp3\",\"campaign\":\"T\"}]",
            "{\"file\":\"call-1.mp3\",\"campaign\":\"S\",\(field)}\n{\"file\":\"call-2.mp3\",\"campaign\":\"T\"}\n",
        ] {
            let rows = try #require(recognise(text)?.rows)
            #expect(rows["call-1.mp3"]?.campaign == "S")
            #expect(rows["call-2.mp3"]?.campaign == "T")
            #expect(rows["call-1.mp3"]?.duration.map { $0.thousandths == 0 } ?? true)
            _ = rows["call-1.mp3"]?.declared(audioMs: 1_000)
        }
    }

    @Test("Pairs of surrogates stay characters, and numbers keep their digits")
    func healthyJSON() throws {
        let text =
            #"[{"file":"call-1.mp3","agent":"\ud834\udd1e \\ud800","duration":1.17504E5,"lead_id":12345678901234567890}]"#
        let row = try #require(recognise(text)?.rows["call-1.mp3"])
        #expect(row.agentName == "𝄞 \\ud800")
        #expect(row.duration?.thousandths == 117_504_000)
        #expect(row.leadID == "12345678901234567890")
    }

    @Test("One line that is no JSON loses that line only")
    func damagedLine() throws {
        let text =
            "{\"file\":\"call-1.mp3\",\"campaign\":\"S\"}\n{\"file\":\"call-\n{\"file\":\"call-2.mp3\",\"campaign\":\"T\"}\n"
        #expect(try #require(recognise(text)).rows.count == 2)
    }

    /// `decimal.Decimal(text)`, written without its exponent.
    @Test(
        "Numbers with exponents keep their value",
        arguments: [
            ("1.17504E5", "117504"), ("25e-1", "2.5"), ("1.5220000e9", "1522000000"), ("1E-3", "0.001"),
            ("-1.5e1", "-15"),
        ]
    )
    func exponents(written: String, plain: String) {
        let row = recognise("[{\"file\":\"call-1.mp3\",\"campaign\":\(written)}]")?.rows["call-1.mp3"]
        #expect(row?.campaign == plain)
    }
}

func members(_ names: String...) -> [ArchiveMember] {
    names.map { name in ArchiveMember(name: name, isRecording: name.hasSuffix("mp3") || name.hasSuffix("wav")) }
}
