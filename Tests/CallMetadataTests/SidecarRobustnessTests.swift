import CallMetadata
import Recordings
import Testing

/// Whatever arrives, recognition ends, without a trap, and never speaks of a file that is not there.
@Suite struct SidecarRobustnessTests {
    private static let members: Set = ["call-1.mp3", "call-2.mp3"]

    static let samples: [String] = [
        "\u{FEFF}filename;recording_id;start_time;length_in_sec;phone;agent;campaign\n"
            + "call-1.mp3;9C5B94B1-35AD-49BB-B118-8E8FC24ABF80;05.04.2018 11:03:20;5,25;+49 999;"
            + #""Feldkamp; ""Jonas""";S"# + "\r\n"
            + #""call-2.mp3";;1522919000.123;1:05;999189807048;Ayşe;\N"#,
        """
        {"items":[{"file":{"name":"call-1.mp3","size":352512},"id":"0ed866c1f8b44727827daaaf7e7b098c","duration":117.5,
        "dateCreated":"2018-04-05T08:11:09.000Z","call":{"type":"OUTBOUND","from":"1","to":null}},{"file":"call-2.mp3"}]}
        """,
        "sep=;\nList;;\nfile;folder;Start Date;Start Time (UTC);timezone;agent;agent;recording_id\n"
            + "a/call-1.mp3;x;Thu, 5. April 2018;9:05 PM +0200;CET;\"An\"\"na\";;0ed866c1f8b44727827daaaf7e7b098c\n"
            + "call-2.mp3;;04/05/18;0.375;Europe/Berlin;\"B\nC;43195.375\";D;\ncall-3.mp3;;43195;09:00;;;;\n",
        #"[{"file":"call-1.mp3","n":[1,{"a":-1.5e-3}],"agent":"\ud800\udc00\ud83d","duration":1e400,"start":1.522919E9}]"#,
        #"{"file":"call-1.mp3","campaign":"S\u00e9","start":"4/5/2018 1:02 PM"}"# + "\n"
            + #"{"file":"call-2.mp3","campaign":"T","start":1522919000}"#,
    ]

    @Test("Every prefix of a sidecar is read or refused", arguments: samples)
    func prefixes(sample: String) {
        let bytes = Array(sample.utf8)
        for length in 0...bytes.count { check(Array(bytes[..<length])) }
    }

    @Test("Every flipped bit of a sidecar is read or refused", arguments: samples)
    func flips(sample: String) {
        let bytes = Array(sample.utf8)
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                check(flipped)
            }
        }
    }

    @Test("Random bytes are refused or read")
    func random() {
        var generator = SystemRandomNumberGenerator()
        let alphabet =
            Array("file,;\t|\"\r\n{}[]:call-1.mp3 0123456789.T+é\u{0}campaign".utf8) + [0xFF, 0xFE, 0xC3, 0x80]
        for _ in 0..<3_000 {
            let length = Int.random(in: 0...200, using: &generator)
            check((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
        }
    }

    /// Shapes that make a careless reader quadratic: 300 kB each.
    @Test(
        "A lot of anything is done at once",
        arguments: [
            "\"", ",", "\n", "a", "\"\"", "\",\"", "[", "{", "{}\n", "{\"a\":1}\n", "9", "1.", "a,b\n",
            "call-1.mp3,x\n", "\\", "%41",
            "http://a/",
        ]
    )
    func muchOfAnything(piece: String) {
        let text = "file,campaign\n" + String(repeating: piece, count: 300_000 / piece.utf8.count)
        let clock = ContinuousClock()
        let time = clock.measure {
            check(Array(text.utf8))
            check(Array(text.utf8.dropFirst(14)))
        }
        // Quadratic work on so many bytes is a hundred thousand million steps: many minutes.
        #expect(time < .seconds(60))
    }

    private func check(_ bytes: [UInt8]) {
        let sidecar = Sidecar.recognise(bytes, baseName: "call-1.json", memberNames: Self.members)
        let named = Set((sidecar?.rows ?? [:]).keys)
        #expect(named.isSubset(of: Self.members))
    }
}
