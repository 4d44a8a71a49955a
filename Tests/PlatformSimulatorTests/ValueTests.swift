import Foundation
import Recordings
import Testing

@testable import PlatformSimulator

@Suite("Byte ranges, as RFC 9110, section 14 defines them")
struct ByteRangeTests {
    @Test(
        "A single range gives its part",
        arguments: [
            ("bytes=0-499", ByteRange.part(offset: 0, length: 500)),
            ("bytes=500-999", .part(offset: 500, length: 500)),
            ("bytes=-500", .part(offset: 9500, length: 500)),
            ("bytes=9500-", .part(offset: 9500, length: 500)),
            ("bytes=9500-20000", .part(offset: 9500, length: 500)),
            ("bytes=-20000", .part(offset: 0, length: 10000)),
        ]
    )
    func single(header: String, expected: ByteRange) {
        #expect(ByteRange(header: header, size: 10000) == expected)
    }

    @Test("A range behind the end cannot be satisfied", arguments: ["bytes=10000-", "bytes=10000-10001", "bytes=-0"])
    func unsatisfiable(header: String) {
        #expect(ByteRange(header: header, size: 10000) == .unsatisfiable)
    }

    @Test(
        "What is no single range of bytes is ignored",
        arguments: ["lines=1-2", "bytes=5-2", "bytes=a-b", "bytes=0-1,4-5"]
    )
    func ignored(header: String) {
        #expect(ByteRange(header: header, size: 10000) == .whole)
    }
}

@Suite("Values of the simulator")
struct ValueTests {
    @Test("CRC-32 gives the check value of its specification")
    func crc() {
        var crc = CRC32()
        crc.update(Data("12345".utf8))
        crc.update(Data("6789".utf8))
        #expect(crc.value == 0xcbf4_3926)
    }

    @Test("An HTTP date looks like the example in RFC 9110, section 5.6.7")
    func httpDate() {
        #expect(Answer.httpDate(Date(timeIntervalSince1970: 784_111_777)) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test("A rate window refuses what exceeds limit and burst, and lets pass again a second later")
    func rateWindow() {
        var window = RateWindow()
        let limit = Account.RateLimit(perSecond: 2, burst: 1)
        let admitted = [0, 1, 2, 3, 999_999_999, 1_000_000_000, 1_000_000_000].map {
            window.admit(at: Int64($0), limit: limit)
        }
        #expect(admitted == [true, true, true, false, false, true, false])
    }

    @Test("A fault lets the first requests pass, hits its count, and then lets pass again")
    func faultCount() {
        var script = FaultScript([Fault(.html, at: .recordings, match: "page=2", skip: 1, count: 2)])
        let hits = (0..<5).map { _ in script.meet(.recordings, target: "/api/v2/recordings?page=2").map(\.occurrence) }
        #expect(hits == [[], [1], [2], [], []])
        #expect(script.meet(.recordings, target: "/api/v2/recordings?page=1").isEmpty)
        #expect(script.meet(.audio, target: "/?page=2").isEmpty)
    }

    @Test("A fault is read from JSON")
    func faultFromJSON() throws {
        let fault = try Fault([
            "endpoint": "audio", "skip": 1, "count": 2, "kind": "status", "status": 503, "retry_after": 7,
            "retry_after_form": "date",
        ])
        #expect(
            fault == Fault(.status(503, retryAfter: .date(inSeconds: 7)), at: .audio, skip: 1, count: 2)
        )
    }

    @Test("A mistyped key of a fault is named")
    func faultTypo() {
        let failure = #expect(throws: Failure.self) { try Fault(["kind": "html", "cuont": 2]) }
        #expect(failure?.code == .configuration)
        #expect(failure?.message.contains("cuont") == true)
    }

    @Test("A refresh token works once and gives the next one")
    func rotation() {
        var book = TokenBook()
        let rules = Account.TokenRules()
        let first = book.grant(username: "a", isManager: true, rules: rules, now: 0)
        let second = first.refreshToken.flatMap { book.renew($0, rules: rules, now: 0) }
        #expect(second != nil)
        #expect(first.refreshToken.flatMap { book.renew($0, rules: rules, now: 0) } == nil)
        #expect(second?.refreshToken.flatMap { book.renew($0, rules: rules, now: 0) } != nil)
    }

    @Test("A token ends with its lifetime")
    func lifetime() {
        var book = TokenBook()
        var rules = Account.TokenRules()
        rules.lifetimeSeconds = 10
        let token = book.grant(username: "a", isManager: true, rules: rules, now: 5000).accessToken
        #expect(book.isManager(token, now: 14_999) == true)
        #expect(book.isManager(token, now: 15_000) == nil)
    }

    @Test("A query is decoded, and redacted for the log")
    func query() {
        #expect(Query("a=1%2C2&b=x+y&c")["a"] == "1,2")
        #expect(Query("a=1%2C2&b=x+y&c")["b"] == "x y")
        #expect(Query("a=1%2C2&b=x+y&c")["c"]?.isEmpty == true)
        #expect(Query.redacted("id=3&password=hunter2&Signature=f00") == "id=3&password=redacted&Signature=redacted")
    }

    @Test("JSON text survives reading and writing")
    func json() throws {
        let text = #"{"a":[1,-2.5,null,true,"é\"\\\n\u0001"],"b":{}}"#
        #expect(try JSONValue(parsing: Data(text.utf8), of: "text").serialized == text)
    }
}

@Suite("The ZIP that the simulator writes")
struct ZipTests {
    static let entries = [
        ZipEntry(name: "one.mp3", content: .bytes(Data(repeating: 7, count: 300_000))),
        ZipEntry(name: "zwölf.wav", content: .bytes(Data("twelve".utf8))),
        ZipEntry(name: "empty.wav", content: .bytes(Data())),
    ]

    @Test("bsdtar and Python's zipfile read it, and find every checksum right", arguments: ZipMethod.allCases)
    func readByOthers(method: ZipMethod) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("bulk.zip")
            var stream = try ZipStream(Self.entries, method: method)
            var data = Data()
            while let piece = try stream.next() { data.append(piece) }
            try data.write(to: file)

            let python = try run(
                "python3",
                "-c",
                "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip());"
                    + "print([(i.filename,i.file_size) for i in z.infolist()])",
                file.path
            )
            #expect(python == "None\n[('one.mp3', 300000), ('zwölf.wav', 6), ('empty.wav', 0)]\n")
            let twelve = try run("bsdtar", "-xOf", file.path, "zw*")
            #expect(twelve == "twelve")
        }
    }

    private func run(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["LC_ALL"] = "C.UTF-8"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
