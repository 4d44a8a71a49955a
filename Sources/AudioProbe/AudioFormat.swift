import Recordings

/// One format that is read: how its files are recognised and called, and what walks them.
///
/// A format is a file of its own that makes one of these, and a line in ``all``. The probe, what a source may declare and
/// the names that promise audio all follow from it.
package struct AudioFormat: Sendable {
    /// What findings call the format, and the extension that published files get.
    package let container: String
    /// The extensions under which its files are stored, lower case, ``container`` among them where it is one.
    package let fileExtensions: Set<String>
    /// The media types that stand for it, lower case, without parameters. Several formats may share one.
    package let mediaTypes: Set<String>
    /// What damage the walk cannot notice, in a sentence or two: what the format has no checksum for, or one that takes
    /// decoding.
    package let notChecked: String
    /// The first bytes of its files, one of which any file begins with: what is compared before ``recognise`` is asked.
    let marks: [Mark]
    /// Whether the format is looked for after other bytes too. Not where places in the file are counted from its start.
    let isSoughtInside: Bool
    let recognise: @Sendable (_ index: Int, _ window: Window, _ search: inout FormatSearch) -> Recognition
    let walk: @Sendable (_ start: Int64, _ log: DefectLog) -> any FormatWalk

    init(
        container: String,
        fileExtensions: Set<String>,
        mediaTypes: Set<String>,
        notChecked: String,
        marks: [Mark],
        isSoughtInside: Bool = true,
        recognise: @escaping @Sendable (Int, Window, inout FormatSearch) -> Recognition,
        walk: @escaping @Sendable (Int64, DefectLog) -> any FormatWalk
    ) {
        self.container = container
        self.fileExtensions = fileExtensions
        self.mediaTypes = mediaTypes
        self.notChecked = notChecked
        self.marks = marks
        self.isSoughtInside = isSoughtInside
        self.recognise = recognise
        self.walk = walk
    }

    /// Every format that is read. One with a mark of its own comes before those that are told by a repeated pattern.
    package static let all: [AudioFormat] = [
        .wave, .wave64, .ogg, .flac, .mp4, .au, .amr, .aiff, .caf, .adts, .mpeg,
    ]

    /// The format that findings call `container`.
    package static func named(_ container: String) -> AudioFormat? { all.first { $0.container == container } }

    /// The extensions of names that promise audio: those of the formats that are read, and of audio that is not.
    package static let allFileExtensions: Set<String> = all.reduce(into: UnreadAudio.fileExtensions) {
        $0.formUnion($1.fileExtensions)
    }
}

/// Bytes with which a file begins, some of which do not matter.
struct Mark: Sendable {
    /// The first bytes, in as many bits of a word as there are; the rest is zero.
    let word: UInt32
    let mask: UInt32

    /// - Parameter text: up to four ASCII characters.
    init(_ text: StaticString) {
        self.init((0..<text.utf8CodeUnitCount).map { text.utf8Start[$0] })
    }

    /// - Parameters:
    ///   - bytes: up to four.
    ///   - mask: the bits of each that count; all of them where it is left out.
    init(_ bytes: [UInt8], mask: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]) {
        func joined(_ bytes: some Sequence<UInt8>) -> UInt32 {
            zip(bytes, [24, 16, 8, 0]).reduce(UInt32(0)) { $0 | UInt32($1.0) << UInt32($1.1) }
        }
        self.mask = joined(mask.prefix(bytes.count))
        word = joined(bytes) & self.mask
    }

    /// Any bytes: for formats whose files do not begin with a mark.
    static let none = Mark([])
}

/// Whether a format's file begins at a place.
enum Recognition {
    case yes
    case no
    /// It takes this many bytes, counted from the place, to say.
    case undecided(needed: Int)

    init(_ isThere: Bool) { self = isThere ? .yes : .no }

    /// Decides once the bytes that `isThere` takes are there, or the file has ended.
    init(at index: Int, in window: Window, needed: Int, _ isThere: (UnsafeRawBufferPointer) -> Bool) {
        let isEnough = index + needed <= window.count || window.isEnd
        self = isEnough ? Recognition(isThere(window.bytes)) : .undecided(needed: needed)
    }
}

/// How the opening walk looks for formats, and what it has spent on that.
struct FormatSearch: Sendable {
    /// Set at the file's first byte and behind tags in front, where less is needed to believe what is seen.
    var isAtStart = true
    /// Keeps count of the attempts at free-format MPEG audio.
    var mpeg = MPEGSync()
}

/// The formats by the byte that their files begin with, to look for all of them at every place of a file.
struct FormatTable: Sendable {
    private let formats: [AudioFormat]
    /// By byte: the places in ``formats`` of those that a mark of theirs allows to begin with it.
    private let candidates: [[(mark: Mark, format: Int)]]

    init(_ formats: [AudioFormat]) {
        self.formats = formats
        candidates = (0..<256).map { byte in
            formats.enumerated().flatMap { place, format in
                format.marks
                    .filter { UInt32(byte) & ($0.mask >> 24) == $0.word >> 24 }
                    .map { ($0, place) }
            }
        }
        isCandidate = candidates.map { !$0.isEmpty }
    }

    /// By byte: whether any format may begin with it.
    let isCandidate: [Bool]

    enum Outcome {
        case found(AudioFormat)
        case none
        case undecided(needed: Int)
    }

    /// The format whose file begins at `index`.
    func look(at index: Int, in window: Window, _ search: inout FormatSearch) -> Outcome {
        let entries = candidates[Int(window.bytes[index])]
        guard !entries.isEmpty else { return .none }
        guard index + 4 <= window.count || window.isEnd else { return .undecided(needed: 4) }
        let count = min(window.count - index, 4)
        let word = (0..<count).reduce(UInt32(0)) { $0 | UInt32(window.bytes[index + $1]) << UInt32(24 - 8 * $1) }
        for (mark, format) in entries where word & mark.mask == mark.word {
            switch formats[format].recognise(index, window, &search) {
            case .yes: return .found(formats[format])
            case .undecided(let needed): return .undecided(needed: needed)
            case .no: break
            }
        }
        return .none
    }
}

extension AudioFindings {
    /// A file of a format that is read in which nothing plays.
    static func broken(_ what: String) -> AudioFindings {
        AudioFindings(audio: nil, recognisedAs: what, kind: .brokenAudio)
    }
}
