import AudioProbe
import Foundation
import Recordings
import Testing

@Suite("Conformance with what encoders write and decoders play")
struct ConformanceTests {
    /// One file of the table: its name in the corpus and how it is told.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let container: String
        let codec: String
        let toleranceMs: Double
        var testDescription: String { name }
    }

    private static func row(_ name: String, _ container: String, _ codec: String, within tolerance: Double = 1) -> Row {
        Row(name: name, container: container, codec: codec, toleranceMs: tolerance)
    }

    /// Compared with what FFmpeg decodes, sample for sample.
    static let decodedByFFmpeg: [Row] = [
        row("b16-lame-cbr.mp3", "mp3", "mp3"), row("c44-lame-vbr.mp3", "mp3", "mp3"),
        row("a8-lame-abr.mp3", "mp3", "mp3"), row("f48-lame-320.mp3", "mp3", "mp3"),
        row("c44-lame-vbr-crc.mp3", "mp3", "mp3"), row("d8-lame-id3.mp3", "mp3", "mp3"),
        row("c44-ff-cbr.mp3", "mp3", "mp3"), row("e22-ff-vbr.mp3", "mp3", "mp3"),
        // Without LAME's tag: within one frame.
        row("a8-lame-telephone.mp3", "mp3", "mp3", within: 72), row("c44-lame-notag.mp3", "mp3", "mp3", within: 27),
        row("c44-ff-noxing.mp3", "mp3", "mp3", within: 27), row("c44-ff.mp2", "mp3", "mp2", within: 27),
        row("f48-ff-twolame.mp2", "mp3", "mp2", within: 48), row("c44-twolame-crc.mp2", "mp3", "mp2", within: 27),
        row("a8-ff-u8.wav", "wav", "pcm_u8"), row("c44-ff-s16.wav", "wav", "pcm_s16le"),
        row("c44-ff-s24.wav", "wav", "pcm_s24le"), row("e22-ff-s32.wav", "wav", "pcm_s32le"),
        row("f48-ff-f32.wav", "wav", "pcm_f32le"), row("b16-ff-f64.wav", "wav", "pcm_f64le"),
        row("a8-ff-alaw.wav", "wav", "pcm_alaw"), row("d8-ff-mulaw.wav", "wav", "pcm_mulaw"),
        row("a8-ff-gsm.wav", "wav", "gsm_ms"), row("a8-sox-gsm.wav", "wav", "gsm_ms"),
        row("a8-ff-ms.wav", "wav", "adpcm_ms"), row("c44-sox-ms.wav", "wav", "adpcm_ms"),
        row("a8-ff-ima.wav", "wav", "adpcm_ima_wav"), row("c44-sox-ima.wav", "wav", "adpcm_ima_wav"),
        row("c44-ff-rf64.wav", "wav", "pcm_s16le"), row("c44-ff-bext.wav", "wav", "pcm_s16le"),
        row("c44-ff-mp3.wav", "wav", "mp3", within: 27),
        row("c44-ff-opus.ogg", "ogg", "opus"), row("a8-ff-voip.opus", "ogg", "opus"),
        row("a8-opusenc.opus", "ogg", "opus"), row("c44-opusenc-60.opus", "ogg", "opus"),
        row("d8-opusenc-2.5.opus", "ogg", "opus"), row("f48-opusenc-cbr.opus", "ogg", "opus"),
        row("c44-ff-flac.ogg", "ogg", "flac"), row("a8-flac.oga", "ogg", "flac"),
        row("c44-ff.flac", "flac", "flac"), row("a8-flac0.flac", "flac", "flac"),
        row("f48-flac8.flac", "flac", "flac"), row("d8-flac576.flac", "flac", "flac"),
        row("e22-sox.flac", "flac", "flac"),
        // The index of an MP4 file leaves out the padding at the end, which FFmpeg's decoder plays: one AAC frame of 1,024.
        row("c44-ff.m4a", "m4a", "aac", within: 24), row("f48-ff-fast.m4a", "m4a", "aac", within: 22),
        row("c44-ff-alac.m4a", "m4a", "alac"),
        row("a8-ff.au", "au", "pcm_mulaw"), row("c44-ff-s16.au", "au", "pcm_s16be"),
        row("c44-ff.aiff", "aiff", "pcm_s16be"), row("f48-ff-24.aiff", "aiff", "pcm_s24be"),
        row("a8-ff-sowt.aifc", "aiff", "pcm_s16le"), row("e22-ff-f32.aifc", "aiff", "pcm_f32be"),
        row("d8-ff-mulaw.aifc", "aiff", "pcm_mulaw"), row("c44-ff-ima.aifc", "aiff", "adpcm_ima_qt"),
        row("b16-sox.aiff", "aiff", "pcm_s16be"), row("c44-sox.aifc", "aiff", "pcm_s24be"),
        row("c44-ff.w64", "w64", "pcm_s16le"), row("a8-ff-alaw.w64", "w64", "pcm_alaw"),
        row("c44-ff-ms.w64", "w64", "adpcm_ms"), row("e22-sox.w64", "w64", "pcm_s16le"),
        row("c44-ff.aac", "aac", "aac"), row("a8-ff.aac", "aac", "aac"), row("f48-ff-id3.aac", "aac", "aac"),
        row("c44-ff.caf", "caf", "pcm_s16be"), row("b16-ff-le.caf", "caf", "pcm_s16le"),
        row("a8-ff-mulaw.caf", "caf", "pcm_mulaw"), row("c44-ff-ima.caf", "caf", "adpcm_ima_qt"),
        row("f48-sox.caf", "caf", "pcm_s16be"),
        // FFmpeg's packet table counts whole packets of 4,096 samples, and ffprobe gives what it says.
        row("c44-ff-alac.caf", "caf", "alac", within: 93),
    ]

    @Test("Container, codec and length are those of the file, and nothing is wrong with it", arguments: decodedByFFmpeg)
    func decoded(row: Row) throws {
        let file = try Corpus.shared.get().file(row.name)
        let found = findings(in: try file.bytes())
        let audio = try #require(found.audio)
        #expect(found.defects == [])
        #expect(audio.container == row.container)
        #expect(audio.codec == row.codec)
        let rate = try #require(audio.sampleRateHz)
        let played = Double(try Tool.decodedSamples(file.url)) * 1000 / Double(rate)
        #expect(abs(Double(audio.durationMs ?? -1) - played) <= row.toleranceMs)
    }

    /// FFmpeg 5.1 plays Vorbis packets to their end, past the last granule position; the reference decoder does not.
    @Test(
        "Vorbis plays what its reference decoder plays",
        arguments: [
            ("c44-ff.ogg", 2), ("a8-oggenc2.ogg", 1), ("d8-oggenc6.ogg", 2), ("f48-sox.ogg", 2),
            ("b16-oggenc-1.ogg", 1),
        ]
    )
    func vorbis(name: String, channels: Int) throws {
        let file = try Corpus.shared.get().file(name)
        let audio = try #require(findings(in: try file.bytes()).audio)
        let pcm = try Tool.run("oggdec", ["-Q", "-R", "-o", "-", file.url.path])
        let rate = try #require(audio.sampleRateHz)
        let played = Double(pcm.count / 2 / channels) * 1000 / Double(rate)
        #expect(abs(Double(audio.durationMs ?? -1) - played) <= 1)
        #expect(audio.codec == "vorbis")
    }

    /// The reference decoder plays its look-ahead too: 5 ms.
    @Test(
        "Speex plays what its reference decoder plays",
        arguments: ["a8-speexenc.spx", "b16-speexenc.spx", "g8-speexenc3.spx"]
    )
    func speex(name: String) throws {
        let file = try Corpus.shared.get().file(name)
        let audio = try #require(findings(in: try file.bytes()).audio)
        let raw = file.url.appendingPathExtension("raw")
        defer { try? FileManager.default.removeItem(at: raw) }
        _ = try Tool.run("sh", ["-c", "speexdec \(file.url.path) \(raw.path) 2>/dev/null"])
        let rate = try #require(audio.sampleRateHz)
        let played = Double(try Data(contentsOf: raw).count / 2) * 1000 / Double(rate)
        #expect(abs(Double(audio.durationMs ?? -1) - played) <= 6)
        #expect(audio.codec == "speex")
    }

    /// FFmpeg does not decode free format; LAME does, and knows its own padding.
    @Test("Free format plays what LAME decodes", arguments: ["c44-lame-free.mp3", "b16-lame-free.mp3"])
    func freeFormat(name: String) throws {
        let file = try Corpus.shared.get().file(name)
        let found = findings(in: try file.bytes())
        let pcm = try Tool.run("lame", ["--quiet", "--decode", "-t", file.url.path, "-"])
        let channels = try #require(found.audio?.channels)
        let rate = try #require(found.audio?.sampleRateHz)
        let played = Double(pcm.count / 2 / channels) * 1000 / Double(rate)
        #expect(abs(Double(found.audio?.durationMs ?? -1) - played) <= 1)
        #expect(found.defects == [])
    }

    /// FFmpeg 5.1 takes big-endian samples for little-endian ones; SoX reads what it wrote.
    @Test(
        "RIFX plays what SoX reads",
        arguments: [
            ("c44-sox-rifx.wav", "pcm_s16be"), ("a8-sox-rifx-mulaw.wav", "pcm_mulaw"),
            ("f48-sox-rifx-24.wav", "pcm_s24be"), ("b16-sox-rifx-float.wav", "pcm_f32be"),
        ]
    )
    func rifx(name: String, codec: String) throws {
        let file = try Corpus.shared.get().file(name)
        let found = findings(in: try file.bytes())
        func figure(_ option: String) throws -> Double {
            let text = String(decoding: try Tool.run("soxi", [option, file.url.path]), as: UTF8.self)
            return try #require(Double(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        #expect(found.defects == [])
        #expect(found.audio?.container == "wav")
        #expect(found.audio?.codec == codec)
        #expect(found.audio?.sampleRateHz == Int(try figure("-r")))
        #expect(found.audio?.channels == Int(try figure("-c")))
        #expect(abs(Double(found.audio?.durationMs ?? -1) - 1000 * (try figure("-D"))) <= 1)
    }

    @Test("Rate, channels, codec and length are those that ffprobe gives", arguments: newFormats)
    func ffprobe(name: String) throws {
        let file = try Corpus.shared.get().file(name)
        let audio = try #require(findings(in: try file.bytes()).audio)
        let fields = "stream=codec_name,sample_rate,channels,duration"
        let csv = try Tool.run("ffprobe", ["-v", "error", "-show_entries", fields, "-of", "csv=p=0", file.url.path])
        let values = String(decoding: csv, as: UTF8.self).split { $0 == "," || $0.isNewline }.map(String.init)
        try #require(values.count >= 4)
        #expect(audio.codec == values[0])
        #expect(audio.sampleRateHz == Int(values[1]))
        #expect(audio.channels == Int(values[2]))
        // Of ADTS ffprobe tells what it estimates from the bit rate of the first frames.
        let length = try #require(Double(values[3])) * 1000
        let tolerance = audio.container == "aac" ? length / 10 : 1
        #expect(abs(Double(audio.durationMs ?? -1) - length) <= tolerance)
    }

    private static let newFormats = ["a8", "b16", "c44", "d8", "e22", "f48"].flatMap { input in
        [
            "ff.aiff", "ff-24.aiff", "ff-sowt.aifc", "ff-f32.aifc", "ff-mulaw.aifc", "ff-ima.aifc", "ff.w64",
            "ff-alaw.w64", "ff-ms.w64", "ff.aac", "ff.caf", "ff-le.caf", "ff-mulaw.caf", "ff-alac.caf", "ff-ima.caf",
            "sox.aiff", "sox.aifc", "sox.w64", "sox.caf",
        ].map { "\(input)-\($0)" }
    }

    @Test("No intact file is called damaged, of more than 500 from seven encoders")
    func intact() throws {
        let files = try Corpus.shared.get().files
        #expect(files.count >= 500)
        for file in files {
            let found = findings(in: try file.bytes())
            #expect(found.verdict == .verified, "\(file.name): \(found)")
        }
    }

    @Test("No result depends on the chunks")
    func chunks() throws {
        var dice = Dice(42)
        for file in try Corpus.shared.get().files.filter({ $0.name.hasPrefix("b16") || $0.name.hasPrefix("c44") }) {
            let bytes = try file.bytes()
            let sizes = (0..<9).map { _ in Int.random(in: 1...5000, using: &dice) }
            #expect(
                findings(in: bytes, chunkSizes: sizes) == findings(in: bytes, chunkSize: bytes.count),
                "\(file.name)"
            )
        }
    }

    @Test("A FLAC stream that was piped does not know its length, and that is said")
    func pipedFLAC() throws {
        let source = try Corpus.shared.get().file("c44-ff-s16.wav")
        let piped = try Tool.run("ffmpeg", ["-v", "error", "-nostdin", "-i", source.url.path, "-f", "flac", "-"])
        let found = findings(in: [UInt8](piped))
        #expect(found.kinds == [.lengthUnknown])
        #expect(found.audio?.durationMs == findings(in: try source.bytes()).audio?.durationMs)
    }

    /// Formats that no encoder at hand writes, built by their specifications; FFmpeg decodes them.
    @Test("What is built by the book plays as FFmpeg decodes it", arguments: Built.all)
    func built(file: Built) throws {
        let found = findings(in: file.bytes)
        #expect(found.defects == [])
        #expect(found.audio?.codec == file.codec)
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("dialvault-probe-\(ProcessInfo.processInfo.processIdentifier)-\(file.name)")
        defer { try? FileManager.default.removeItem(at: url) }
        try Data(file.bytes).write(to: url)
        let rate = try #require(found.audio?.sampleRateHz)
        let played = Double(try Tool.decodedSamples(url)) * 1000 / Double(rate)
        #expect(abs(Double(found.audio?.durationMs ?? -1) - played) <= 1)
    }
}
