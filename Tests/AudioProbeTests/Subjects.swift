import AudioProbe
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
    /// Bytes in front of the first frame.
    var frameStart = 0
    var garbageBefore: [DefectCode]? = [.leadingGarbage]
    var garbageBetween: Set<DefectCode> = [.lostSync]
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
        Subject(name: "AU", source: .corpus("long-ff-s16.au"), garbageBetween: [.trailingGarbage]),
        Subject(
            name: "AMR",
            source: .made { amrFrames(1000) },
            frameLength: 32,
            frameStart: 6,
            joined: [.lostSync]
        ),
    ]
}

/// AMR at 12.2 kbit/s: 32 bytes and 20 ms a frame (RFC 4867, section 5.3; 3GPP TS 26.101, table 1).
func amrFrames(_ count: Int) -> [UInt8] {
    var dice = Dice(11)
    // No byte of the payload looks like the start of a frame.
    return Array("#!AMR\n".utf8) + (0..<count).flatMap { _ in [0x3C] + dice.plainBytes(31).map { $0 | 0x81 } }
}
