import Recordings
import Testing

/// A whole file of one format and what each damage to it amounts to, by how the format is built.
struct Subject: Sendable, CustomTestStringConvertible {
    enum Source: Sendable {
        case corpus(String)
        case made(@Sendable () -> [UInt8])
    }

    let name: String
    let source: Source
    /// Bytes a frame where frames are of one size and nothing says how many there are: a cut between two is no damage that
    /// could be seen.
    var frameLength: Int?
    /// Where frames begin in a file whose frames differ in size, as above.
    var frameStarts: @Sendable ([UInt8]) -> [Int] = { _ in [] }
    /// Bytes in front of the first frame.
    var frameStart = 0
    /// False where what stands at the end is needed to play anything.
    var playsWhenCut = true
    /// Nil where what follows is no longer found, and nothing plays.
    var garbageBefore: [DefectCode]? = [.leadingGarbage]
    /// Nil as above.
    var garbageBetween: Set<DefectCode>? = [.lostSync]
    var joined: [DefectCode]? = [.trailingGarbage]
    var testDescription: String { name }

    func bytes() throws -> [UInt8] {
        switch source {
        case .corpus(let name): try Corpus.shared.get().file(name).bytes()
        case .made(let make): make()
        }
    }

    static let all = [
        Subject(name: "MP3 with LAME's tag", source: .corpus("long-lame.mp3"), joined: [.headerMismatch]),
        Subject(
            name: "MP3 from a telephone recorder",
            source: .made { telephoneFrames(100) },
            frameLength: 216,
            joined: []
        ),
        Subject(name: "WAV, PCM", source: .corpus("long-ff-s16.wav"), garbageBetween: [.trailingGarbage]),
        Subject(name: "WAV, G.711", source: .corpus("long-ff-mulaw.wav"), garbageBetween: [.trailingGarbage]),
        Subject(
            name: "Ogg Vorbis",
            source: .corpus("long-oggenc.ogg"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(
            name: "Ogg Opus",
            source: .corpus("long-opusenc.opus"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(
            name: "Ogg FLAC",
            source: .corpus("long-ff-flac.ogg"),
            garbageBetween: [.lostSync, .badCRC],
            joined: []
        ),
        Subject(name: "FLAC", source: .corpus("long-ff.flac"), garbageBetween: [.lostSync, .badCRC]),
        Subject(
            name: "M4A, index in front",
            source: .corpus("long-ff-fast.m4a"),
            garbageBefore: nil,
            garbageBetween: [.trailingGarbage]
        ),
        Subject(
            name: "M4A, index behind",
            source: .corpus("long-ff.m4a"),
            playsWhenCut: false,
            garbageBefore: nil,
            garbageBetween: nil
        ),
        Subject(name: "RF64", source: .made { wave64("RF64", someSound(60_000)) }, garbageBetween: [.trailingGarbage]),
        Subject(
            name: "BW64 with metadata in front",
            source: .made { wave64("BW64", metadata: 333, someSound(60_000)) },
            garbageBetween: [.trailingGarbage]
        ),
        Subject(name: "AU", source: .corpus("long-ff-s16.au"), garbageBetween: [.trailingGarbage]),
        Subject(name: "RIFX", source: .corpus("long-sox-rifx.wav"), garbageBetween: [.trailingGarbage]),
        Subject(name: "AIFF", source: .corpus("long-ff.aiff"), garbageBetween: [.trailingGarbage]),
        Subject(name: "AIFC", source: .corpus("long-ff-mulaw.aifc"), garbageBetween: [.trailingGarbage]),
        Subject(name: "Wave64", source: .corpus("long-ff.w64"), garbageBetween: [.trailingGarbage]),
        Subject(name: "CAF", source: .corpus("long-ff.caf"), garbageBetween: [.trailingGarbage]),
        Subject(name: "AAC in ADTS", source: .corpus("long-ff.aac"), frameStarts: adtsFrames, joined: []),
        Subject(
            name: "AMR",
            source: .made { amrFrames(1000) },
            frameLength: 32,
            frameStart: 6,
            joined: [.lostSync]
        ),
        Subject(
            name: "AMR-WB",
            source: .made { wideAMRFrames(500) },
            frameLength: 61,
            frameStart: 9,
            joined: [.lostSync]
        ),
    ]
}

/// Where the frames of an ADTS file begin, by the thirteen bits of length of each (ISO/IEC 13818-7, table 8).
@Sendable func adtsFrames(_ file: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var next = 0
    while next + 7 <= file.count {
        starts.append(next)
        next += Int(file[next + 3] & 3) << 11 | Int(file[next + 4]) << 3 | Int(file[next + 5] >> 5)
    }
    return starts
}
