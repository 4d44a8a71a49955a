/// The closed list of what can be wrong with a recording that still plays.
package enum DefectCode: String, Codable, Hashable, Sendable, CaseIterable {
    case truncated
    case trailingGarbage = "trailing-garbage"
    case leadingGarbage = "leading-garbage"
    case lostSync = "lost-sync"
    case badCRC = "bad-crc"
    case headerMismatch = "header-mismatch"
    case zeroRun = "zero-run"
    case silent
    case lengthUnknown = "length-unknown"
    case durationMismatch = "duration-mismatch"
    case sizeMismatch = "size-mismatch"
    case typeMismatch = "type-mismatch"
    case archiveCRC = "archive-crc"
    case startUnreadable = "start-unreadable"

    /// One sentence for the manifest's schema and for people.
    package var meaning: String {
        switch self {
        case .truncated: "The file ends before its audio does: inside a frame, or short of the length its header gives."
        case .trailingGarbage: "Bytes that are no audio and no known tag stand behind the last frame."
        case .leadingGarbage: "Bytes that are no audio and no known tag stand before the first frame."
        case .lostSync: "Bytes between frames are no frames: the decoder skips them."
        case .badCRC: "A checksum that the file carries does not match the bytes that it covers."
        case .headerMismatch: "A header and the audio disagree about count, length, rate or order."
        case .zeroRun: "A block of zero bytes lies where audio belongs, as a lost disk or network block leaves it."
        case .silent: "Every sample is digital silence: the recorder recorded nothing."
        case .lengthUnknown: "The header does not say how long the audio is; it was taken to the end of the file."
        case .durationMismatch: "The source declared another duration than the audio has."
        case .sizeMismatch: "The source declared another size than the file has."
        case .typeMismatch: "The source declared another kind of audio than the bytes are."
        case .startUnreadable:
            "The source gives a start that could not be read; what is taken in its place is worse evidence."
        case .archiveCRC: "The archive's checksum failed: this file, or another one in it, may be altered."
        }
    }
}
