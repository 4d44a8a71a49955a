import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `A line of the manifest` {
    /// A row in which every field is there.
    private var full: Recording {
        var recording = Samples.recording(
            "0ed866c1f8b44727827daaaf7e7b098c",
            Samples.digest(1),
            sources: [
                .api(recordingID: Samples.id("0ed866c1f8b44727827daaaf7e7b098c")),
                Samples.delivery("a/ü \"b\".mp3", archive: 7),
            ]
        )
        recording.agent = .init(id: "1", name: "Mara \u{1F600}\n", number: "2")
        recording.call = .init(id: "3", conversationID: "4", direction: .inbound, from: "5", to: "6")
        recording.campaign = "spring/summer"
        recording.leadID = "7"
        recording.queue = "support"
        recording.declared = .init(
            contentType: "audio/mpeg",
            durationMs: 5000,
            durationUnit: .seconds,
            sizeBytes: 15_000
        )
        recording.defects = [Defect(.truncated, "last frame has 81 of 216 bytes")]
        recording.tags = ["b", "a"]
        return recording
    }

    @Test func `is in the form that jq calls sorted and compact`() throws {
        let line = try JSONLines.line(full)
        let canonical = try Program("jq", ["-cS", "."], input: line)
        #expect(line == canonical.output)
    }

    @Test func `is read as it was written`() throws {
        for recording in [full, Samples.recording("a", Samples.digest(2))] {
            let read = try JSONLines.decode(Recording.self, from: try JSONLines.line(recording), origin: "test")
            #expect(read == [recording])
        }
    }

    @Test func `leaves out what is unknown`() throws {
        let line = try JSONLines.line(Samples.recording("a", Samples.digest(2)))
        let keys = try Program("jq", ["-r", "keys[]"], input: line).text.split(separator: "\n").map(String.init)
        #expect(
            keys == [
                "audio", "channel", "day", "defects", "path", "recording_id", "schema", "sha256", "size_bytes",
                "sources",
                "started_at", "started_at_from", "tags", "verdict",
            ]
        )
    }

    @Test func `of another format is refused with its place`() throws {
        let lines = Data("{\"schema\":\"dialvault/recording/2\"}\n".utf8)
        let failure = try #require(throws: Failure.self) {
            try JSONLines.decode(Recording.self, from: lines, origin: "manifest.jsonl")
        }
        #expect(failure.code == .corrupt)
        #expect(failure.message.contains("line 1 of manifest.jsonl"))
    }
}
