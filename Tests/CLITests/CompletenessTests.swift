import Foundation
import Recordings
import TestSupport
import Testing

/// Days whose archive has something that is not simply a recording: what settles them, and what leaves them open.
@Suite struct `A day is complete` {
    /// Makes `outbound-2018-04-05.zip` by a Python script that has `z`, the zip, and `audio(n)`, whole MP3 files that differ.
    private func run(_ script: String, source: String = "") throws -> (place: Workplace, run: Program) {
        let place = try Workplace()
        let prelude = """
            import zipfile, io, gzip, sys, struct
            frames = open(sys.argv[1], "rb").read()
            def audio(n): return frames + b"TAG" + bytes([65 + n]) + bytes(124)
            def inner(files):
                b = io.BytesIO()
                with zipfile.ZipFile(b, "w") as y:
                    for name, data in files: y.writestr(zipfile.ZipInfo(name, (2018, 4, 5, 12, 0, 0)), data)
                return b.getvalue()
            def add(name, data): z.writestr(zipfile.ZipInfo(name, (2018, 4, 5, 12, 0, 0)), data)
            """
        let drop = place.scratch.file("drop")
        try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
        let made = try Program(
            "python3",
            [
                "-c",
                "\(prelude)\nwith zipfile.ZipFile(sys.argv[2], 'w') as z:\n"
                    + script.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"),
                "\(Places.fixtures)/audio/greeting.mp3", "\(drop)/outbound-2018-04-05.zip",
            ]
        )
        try #require(made.status == 0, "\(made.errors)")
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { enabled: false }
            retention: { dialer_days: 36500 }
            dialer:
              sources:
                - name: outbound
                  kind: directory
                  path: \(drop)
                  pattern: "outbound-{yyyy}-{MM}-{dd}*"
                  \(source)
            """,
            to: "dialvault.yaml"
        )
        return (place, try place.dialvault("run", "2018-04-05"))
    }

    private func expect(
        _ script: String,
        source: String = "",
        status: Int32,
        recordings: Int,
        reasons: [Exception.Reason],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let (place, run) = try run(script, source: source)
        #expect(run.status == status, "\(run.errors)", sourceLocation: location)
        #expect(try place.manifest().count == recordings, sourceLocation: location)
        let exceptions = try place.exceptions()
        #expect(
            exceptions.map(\.reason.rawValue).sorted() == reasons.map(\.rawValue).sorted(),
            "\(exceptions)",
            sourceLocation: location
        )
        let source = try #require(try place.summary().sources.first)
        #expect(
            source.members == source.published + source.duplicates + source.moved + source.exceptions,
            sourceLocation: location
        )
        #expect(try place.summary().state == (status == 0 ? .complete : .incomplete), sourceLocation: location)
    }

    @Test func `with every recording of nested archives that bring lists of their own`() throws {
        try expect(
            """
            lines = "file,start\\n{0}.mp3,2018-04-05 09:00:00\\n"
            for n in range(3): add(f"site{n}.zip", inner([(f"c{n}.mp3", audio(n)), ("list.csv", lines.format(f"c{n}"))]))
            add("c9.mp3", audio(9))
            """,
            status: 0,
            recordings: 4,
            reasons: []
        )
    }

    @Test(arguments: [
        ("a text", "add('readme.txt', 'These are the calls of the fifth of April, as recorded.')"),
        ("an image", "add('logo.png', b'\\x89PNG\\r\\n\\x1a\\n' + bytes(2000))"),
        ("a Mac's own file", "add('._call0.mp3', bytes.fromhex('0005160700020000') + b'Mac OS X' + bytes(400))"),
        (
            "an office document",
            "add('calls.xlsx', inner([('[Content_Types].xml', '<Types/>'), ('xl/workbook.xml', '<workbook/>')]))"
        ),
    ])
    func `beside what is known not to be a recording`(what: String, line: String) throws {
        try expect("add('call0.mp3', audio(0))\n\(line)", status: 0, recordings: 1, reasons: [.notAudio])
    }

    @Test(arguments: [
        ("WebM", "bytes.fromhex('1a45dfa3') + b'\\x9fB\\x86\\x81\\x01B\\xf7\\x81\\x01B\\x82\\x84webm' + bytes(3000)"),
        ("Windows Media", "bytes.fromhex('3026b2758e66cf11a6d900aa0062ce6c') + bytes(3000)"),
        ("Monkey's Audio", "b'MAC ' + struct.pack('<H', 3990) + bytes(3000)"),
    ])
    func `not with audio that is recognised and not read`(what: String, data: String) throws {
        try expect(
            "add('call0.mp3', audio(0))\nadd('call1.dat', \(data))",
            status: 3,
            recordings: 1,
            reasons: [.unsupportedAudio]
        )
    }

    @Test(arguments: ["b''", "bytes(4096)", "bytes((i * 197 + i // 7) % 251 for i in range(4096))"])
    func `not with what is not recognised at all, whatever its name`(data: String) throws {
        try expect(
            "add('call0.mp3', audio(0))\nadd('call1.bin', \(data))",
            status: 3,
            recordings: 1,
            reasons: [.rejectedAudio]
        )
    }

    @Test func `with what the configuration calls irrelevant`() throws {
        try expect(
            "add('call0.mp3', audio(0))\nadd('logs/dialer.log', bytes(100))\nadd('x.idx', bytes(100))",
            source: #"ignore: ["*.log", "*.idx"]"#,
            status: 0,
            recordings: 1,
            reasons: [.notSelected, .notSelected]
        )
    }

    @Test func `with recordings that are compressed one by one`() throws {
        try expect(
            "add('a/call0.mp3.gz', gzip.compress(audio(0)))\nadd('call1.mp3', audio(1))",
            status: 0,
            recordings: 2,
            reasons: []
        )
    }

    @Test func `not with a compressed recording whose checksum fails`() throws {
        let (place, run) = try run(
            """
            data = bytearray(gzip.compress(audio(0)))
            data[-6] ^= 1
            add("call0.mp3.gz", bytes(data))
            """
        )
        #expect(run.status == 3, "\(run.errors)")
        #expect(try place.summary().state == .incomplete)
    }

    @Test func `not while a list names more than came, and not for what a list only adds up`() throws {
        let list =
            #""file;start;seconds\ncall0.mp3;2018-04-05 09:00:00;5\ncall7.mp3;2018-04-05 09:10:00;9\nTotal;;14\n""#
        try expect(
            "add('call0.mp3', audio(0))\nadd('list.csv', \(list))",
            status: 3,
            recordings: 1,
            reasons: [.notDelivered]
        )
    }

    @Test func `with an identity for each of several files that share an id`() throws {
        let uuid = "0ed866c1-f8b4-4727-827d-aaaf7e7b098c"
        let (place, run) = try run(
            "for n in range(3): add(f'\(uuid)_leg{n}.mp3', audio(n))",
            source: ""
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Set(place.manifest().map(\.recordingID)).count == 3)
        #expect(try place.exceptions().isEmpty)
    }

    @Test func `with each file's own row where two folders have the same name`() throws {
        let list =
            #""path,start,phone\neast/call.mp3,2018-04-05 09:00:00,999189807041\nwest/call.mp3,2018-04-05 10:00:00,999189807042\n""#
        let (place, run) = try run(
            "add('east/call.mp3', audio(0))\nadd('west/call.mp3', audio(1))\nadd('list.csv', \(list))"
        )
        #expect(run.status == 0, "\(run.errors)")
        let rows = try place.manifest()
        #expect(rows.map(\.startedAt.description) == ["2018-04-05T07:00:00.000Z", "2018-04-05T08:00:00.000Z"])
        #expect(rows.map { $0.call?.to } == ["999189807041", "999189807042"])
    }

    @Test func `with a defect where a start is given and cannot be read`() throws {
        let list = #""file,start\ncall0.mp3,soon after nine\n""#
        let (place, run) = try run("add('call0.mp3', audio(0))\nadd('list.csv', \(list))")
        #expect(run.status == 0, "\(run.errors)")
        let row = try #require(try place.manifest().first)
        #expect(row.verdict == .degraded)
        #expect(row.defects.map(\.code.rawValue) == ["start-unreadable"])
        #expect(row.defects.first?.detail.contains("start") == true)
    }
}
