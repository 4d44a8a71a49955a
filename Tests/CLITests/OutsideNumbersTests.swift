import Foundation
import Recordings
import TestSupport
import Testing

/// Numbers and texts of the platform that no type holds or no encoding knows: the item survives, and so does the program.
@Suite struct `What the platform writes` {
    private static let id = "0ed866c1f8b44727827daaaf7e7b098c"

    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
        try place.configure(url: platform.url, sources: "")
    }

    /// Lists one recording with these fields, in the very bytes given.
    private func list(_ fields: String, pagination: String = #""total": 1, "pages": 1"#) throws {
        let listing = """
            {"items": [{"id": "\(Self.id)", "dateCreated": "2018-04-05T08:11:09.000Z", "state": "stored",
              "url": "\(platform.url)/recording/a4e00fbc-71a8-4704-ba19-17b55765d18f/\(Self.id)/stream.wav",
              \(fields)}], "pagination": {\(pagination)}, "success": true}
            """
        try platform.setFaults(
            """
            [{"endpoint": "recordings", "kind": "answer", "headers": {"Content-Type": "application/json"},
              "body_base64": "\(Data(listing.utf8).base64EncodedString())"}]
            """
        )
    }

    @Test(arguments: [
        #""duration": 9.3e18"#, #""duration": 9300000000000000000"#, #""duration": "9.3e18""#, #""duration": 1e400"#,
        #""duration": -1e400"#, #""duration": "1e400""#, #""duration": NaN"#, #""duration": "nan""#,
        #""duration": 9223372036854775807"#, #""duration": 1e-400"#,
        #""duration": 99999999999999999999999999999999999999"#,
        #""file": {"size": 9.3e18, "state": "stored"}"#, #""file": {"size": 1e400}"#,
        #""file": {"size": 99999999999999999999}"#, #""file": {"size": -1}"#,
        #""tags": [1e400, {"name": 9.3e18}]"#, #""call": {"from": 1e400, "to": 99999999999999999999}"#,
        #""lastUpdated": 1e400, "agent": {"number": 9.3e18}"#,
    ])
    func `in numbers is taken as far as it makes sense`(fields: String) throws {
        try list(fields)
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        // A size that the audio cannot have is a defect of the recording, and no reason to be without it.
        #expect([0, 3].contains(run.status), "\(run.status): \(run.errors)")
        #expect(try place.manifest().map(\.recordingID.text) == [Self.id])
    }

    @Test(arguments: [
        (#"A\ud800B"#, "A\u{FFFD}B"), (#"\udc00"#, "\u{FFFD}"), (#"\ud83d\ude00"#, "😀"),
        (#"\ud800\ud83d\ude00"#, "\u{FFFD}😀"),
        (#"M\u00fcller"#, "Müller"),
    ])
    func `in names keeps what can be read`(written: String, name: String) throws {
        try list(#""agent": {"name": "\#(written)", "number": "7"}"#)
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.manifest().map(\.agent?.name) == [name])
    }

    @Test func `in bytes that are not UTF-8 costs one character`() throws {
        try list(#""agent": {"name": "M?ller", "number": "7"}"#)
        var bytes = Data(try listed().utf8)
        let place = try #require(bytes.firstIndex(of: UInt8(ascii: "?")))
        bytes[place] = 0xfc
        try platform.setFaults(
            """
            [{"endpoint": "recordings", "kind": "answer", "headers": {"Content-Type": "application/json"},
              "body_base64": "\(bytes.base64EncodedString())"}]
            """
        )
        let run = try self.place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try self.place.manifest().map(\.agent?.name) == ["M\u{FFFD}ller"])
    }

    /// The listing as it is served now.
    private func listed() throws -> String {
        try Program("curl", ["--silent", "\(platform.url)/api/v2/recordings"]).text
    }

    @Test(arguments: [
        #""total": 9.3e18, "pages": 9.3e18"#, #""total": 9223372036854775807, "pages": 1"#,
        #""total": -4, "pages": -1"#,
        #""total": 1e400, "pages": "1e400""#,
    ])
    func `in counts ends no run`(pagination: String) throws {
        try list(#""duration": 2"#, pagination: pagination)
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect([0, 3].contains(run.status), "\(run.status): \(run.errors)")
        #expect(try place.manifest().count == 1)
    }

    @Test(arguments: [
        #""Retry-After": "99999999999999999999999""#, #""Retry-After": "Sun, 06 Nov 99999999999999 08:49:37 GMT""#,
        #""Retry-After": "-1""#, #""Retry-After": "1e400""#, #""Date": "Sun, 06 Nov 999999999999 08:49:37 GMT""#,
    ])
    func `in headers ends no run`(header: String) throws {
        try platform.setFaults(
            #"[{"endpoint": "recordings", "kind": "answer", "status": 503, "headers": {\#(header)}}]"#
        )
        let run = try place.dialvault("run", "2018-04-05", "--retries", "1", "--tpslimit", "500")
        #expect(run.status == 75, "\(run.errors)")
    }

    @Test(arguments: [
        #""Last-Modified": "Sun, 06 Nov 999999999999 08:49:37 GMT""#, #""ETag": "\"""#,
        #""Content-Range": "bytes 0-9/9""#,
        #""Repr-Digest": "sha-256=:AAAA:""#, #""Content-MD5": "====""#, #""Content-Type": ";;;""#,
    ])
    func `in the headers of audio ends no run`(header: String) throws {
        let page =
            #"{"endpoint": "audio", "match": "\#(Self.id)", "kind": "answer", "headers": {\#(header)}, "body": "no audio"}"#
        try platform.setFaults("[\(page)]")
        let run = try place.dialvault("run", "2018-04-05", "--retries", "1", "--tpslimit", "500")
        #expect(run.status == 3, "\(run.errors)")
        #expect(try place.manifest().count == 11)
    }
}
