import Foundation
import Recordings
import TestSupport
import Testing

/// A server that codes its answers though nobody asked it to: what is stored is what it had, never the coded bytes.
@Suite struct `An answer with a content coding` {
    private let platform: RunningPlatform
    private let place: Workplace

    init() throws {
        platform = try RunningPlatform()
        place = try Workplace()
    }

    private static let zip = "\(Places.fixtures)/account/archives/power/20180405.zip"
    private static let targz = "\(Places.fixtures)/account/archives/outbound-2018-04-05.tar.gz"

    /// What a program makes of a file, as base64.
    private func base64(_ filter: String, of path: String) throws -> String {
        let result = try Program("bash", ["-c", "\(filter) < '\(path)' | base64 -w0"])
        #expect(result.status == 0, "\(result.errors)")
        return result.text
    }

    private func fault(_ endpoint: String, _ type: String, _ coding: String, _ base64: String)
        -> String
    {
        """
        {"endpoint": "\(endpoint)", "kind": "answer",
         "headers": {"Content-Type": "\(type)", "Content-Encoding": "\(coding)", "ETag": "\\"coded\\""},
         "body_base64": "\(base64)"}
        """
    }

    private func configure(_ path: String) throws {
        try place.configure(
            url: platform.url,
            sources: #"    - { name: web, kind: https, url: "\#(platform.url)/archives/\#(path)" }"#
        )
    }

    private static let zlib =
        #"python3 -c "import sys,zlib;sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))""#
    private static let deflate =
        #"python3 -c "import sys,zlib;c=zlib.compressobj(wbits=-15);sys.stdout.buffer.write(c.compress(sys.stdin.buffer.read())+c.flush())""#

    @Test(arguments: [("gzip", "gzip -c"), ("x-gzip", "gzip -c"), ("deflate", zlib), ("deflate", deflate)])
    func `gives an archive as it was`(coding: String, filter: String) throws {
        try configure("{yyyy}{MM}{dd}.zip")
        let coded = try base64(filter, of: Self.zip)
        try platform.setFaults("[\(fault("archive", "application/zip", coding, coded))]")
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        let source = try #require(try place.summary().sources.first { $0.name == "web" })
        let sum = try Program("sha256sum", [Self.zip]).text.prefix(64)
        #expect(source.archives.map(\.sha256.hex) == [String(sum)])
    }

    /// Some servers name a file's own compression as the coding; others code what is compressed once more.
    @Test(arguments: ["cat", "gzip -c"])
    func `of a compressed file gives the file that its name says`(filter: String) throws {
        try configure("outbound-{yyyy}-{MM}-{dd}.tar.gz")
        let coded = try base64(filter, of: Self.targz)
        try platform.setFaults("[\(fault("archive", "application/gzip", "gzip", coded))]")
        let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        let source = try #require(try place.summary().sources.first { $0.name == "web" })
        let sum = try Program("sha256sum", [Self.targz]).text.prefix(64)
        #expect(source.archives.map(\.sha256.hex) == [String(sum)])
    }

    @Test func `that is not known is refused by its name`() throws {
        try configure("{yyyy}{MM}{dd}.zip")
        let plain = try base64("cat", of: Self.zip)
        for coding in ["br", "zstd", "gzip, br"] {
            try platform.setFaults("[\(fault("archive", "application/zip", coding, plain))]")
            let run = try place.dialvault("run", "2018-04-05", "--tpslimit", "500")
            #expect(run.status == 75, "\(run.errors)")
            #expect(run.errors.contains("coded as \(coding)"), "\(run.errors)")
            #expect(try place.summary().sources.first { $0.name == "web" }?.state == .failed)
        }
    }

    @Test func `that breaks off gives nothing`() throws {
        try configure("{yyyy}{MM}{dd}.zip")
        let cut = try base64("gzip -c | head -c 5000", of: Self.zip)
        try platform.setFaults("[\(fault("archive", "application/zip", "gzip", cut))]")
        let run = try place.dialvault("run", "2018-04-05", "--retries", "1", "--tpslimit", "500")
        #expect(run.status == 75, "\(run.errors)")
        #expect(try place.summary().sources.first { $0.name == "web" }?.state == .failed)
    }

    @Test func `gives audio and lists as they were`() throws {
        try place.configure(url: platform.url, sources: "")
        #expect(try place.dialvault("run", "2018-04-05", "--tpslimit", "500").status == 0)
        let recording = try #require(try place.manifest().first)
        let audio = try base64("gzip -c", of: "\(place.bag())/\(recording.path)")
        let listing = place.scratch.file("list")
        try """
        {"items": [{"id": "\(recording.recordingID)", "dateCreated": "\(recording.startedAt)", "state": "stored",
          "url": "\(platform.url)/recording/a4e00fbc-71a8-4704-ba19-17b55765d18f/\(recording.recordingID)/stream.wav"}],
         "pagination": {"total": 1, "pages": 1}, "success": true}
        """.write(toFile: listing, atomically: true, encoding: .utf8)
        let list = try base64("gzip -c", of: listing)
        try platform.setFaults(
            """
            [\(fault("recordings", "application/json", "gzip", list)),
             \(fault("audio", "audio/mpeg", "gzip", audio))]
            """
        )
        let fresh = try Workplace()
        try fresh.configure(url: platform.url, sources: "")
        let run = try fresh.dialvault("run", "2018-04-05", "--tpslimit", "500")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try fresh.manifest().map(\.sha256) == [recording.sha256])
    }
}
