import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `An encrypted archive` {
    private let place: Workplace
    private let platform: RunningPlatform
    private static let passphrase = "pass phrase of the partner 7831"

    init() throws {
        place = try Workplace()
        platform = try RunningPlatform()
        let script = """
            mkdir drop in; sox -n -r 8000 -c 1 a.wav synth 3 sine 440 vol 0.5
            lame --quiet -b 24 a.wav in/20180405-101500_4915112345678-all.mp3
            cd in; 7z a -bd -tzip -mem=AES256 '-p\(Self.passphrase)' ../drop/2018-04-05.zip .
            """
        let run = try Program("bash", ["-ec", script], in: place.scratch.path)
        try #require(run.status == 0, "\(run.errors)")
    }

    private func configure(_ keys: String) throws {
        try place.configure(
            url: platform.url,
            sources: """
                    - name: partner
                      kind: directory
                      path: \(place.scratch.file("drop"))
                      pattern: "{yyyy-MM-dd}.zip"
                      \(keys)
                """
        )
    }

    @Test func `says which source needs a passphrase, and how to give it`() throws {
        try configure("")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 3, "\(run.errors)")
        let source = try #require(try place.summary().sources.first)
        #expect(source.state == .partial)
        #expect(run.errors.contains("it is encrypted, and there is no passphrase for it"))
        #expect(run.errors.contains("give its passphrase with dialer.sources[partner].passphrase_file"))
        #expect(try place.exceptions().contains { $0.reason == .unreadableMember })
    }

    @Test func `says that a passphrase is wrong, and never shows it`() throws {
        try place.scratch.write("not the pass phrase 4410\n", to: "phrase")
        try configure("passphrase_file: \(place.scratch.file("phrase"))")
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 3, "\(run.errors)")
        #expect(run.errors.contains("check dialer.sources[partner].passphrase"))
        #expect(!(run.errors + run.text).contains("4410"))
    }

    @Test func `is opened with its passphrase, of which no trace is left, and completes a day that lacked it`() throws {
        try configure("")
        #expect(try place.dialvault("run", "2018-04-05").status == 3)
        try configure("passphrase_command: printf '\(Self.passphrase)'")
        let run = try place.dialvault("run", "2018-04-05", "--log-level", "debug")
        #expect(try place.manifest().contains { $0.channel == .dialer && $0.verdict == .verified }, "\(run.errors)")
        #expect(try place.summary().sources.first?.state == .complete)
        #expect(!(run.errors + run.text).contains("7831"))
        let found = try Program("grep", ["-rlaF", Self.passphrase, place.vault])
        #expect(found.status == 1, "\(found.text)")
    }
}
