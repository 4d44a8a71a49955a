import Recordings

extension AudioFormat {
    static let wave = AudioFormat(
        container: "wav",
        fileExtensions: ["wav", "wave", "bwf", "rf64"],
        mediaTypes: ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"],
        notChecked: "A WAV file has no checksums: an altered sample is not noticed.",
        marks: [Mark("RIFF"), Mark("RIFX"), Mark("RF64"), Mark("BW64")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 12) {
                WaveLayout(at: index, in: $0).map { $0 != .wave64 } ?? false
            }
        },
        walk: { WaveWalk(start: $0, log: $1, container: "wav") }
    )

    static let wave64 = AudioFormat(
        container: "w64",
        fileExtensions: ["w64"],
        mediaTypes: ["audio/x-w64", "audio/w64"],
        notChecked: "A Wave64 file has no checksums: an altered sample is not noticed.",
        marks: [Mark("riff")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 40) { WaveLayout(at: index, in: $0) == .wave64 }
        },
        walk: { WaveWalk(start: $0, log: $1, container: "w64") }
    )
}

/// Walks the chunks of a WAV file: RIFF, RIFX with all numbers big-endian, RF64 or BW64 for more than 4 GiB (EBU Tech
/// 3306, ITU-R BS.2088), and Sony's Wave64.
struct WaveWalk: FormatWalk {
    private enum Place {
        case riff
        case chunk
        case data
        /// Behind the audio, where no chunk could be made out.
        case behind
    }

    /// Sizes that recorders write who cannot go back to the header: none, all ones, and SoX's and others' "very much".
    static let unknownSizes: ClosedRange<Int64> = 0x7FFF_F000...0xFFFF_FFFF

    private let start: Int64
    private let container: String
    private(set) var log: DefectLog
    private var layout = WaveLayout.riff
    private var place = Place.riff
    private var is64: Bool { layout == .rf64 }
    /// From the first byte to the end that the header gives; nil when it gives none.
    private var declaredEnd: Int64?
    private var data64: Int64?
    /// Sizes of other chunks that do not fit into 32 bits.
    private var sizes64: [String: Int64] = [:]
    private(set) var format: WaveFormat?
    private var isFormatImpossible = false
    private(set) var data = WaveData()
    /// Where the last chunk that began ends, its padding byte not counted.
    private var chunkEnd: Int64 = 0
    private var chunkStart: Int64 = 0
    private var chunkName = "WAVE header"
    /// Chunks that stand behind the audio in real files. Four letters that are none of these, with a size that no file
    /// has, are no chunk.
    private static let knownChunks: Set<String> = [
        "LIST", "data", "fact", "id3 ", "ID3 ", "bext", "cue ", "smpl", "inst", "iXML", "axml", "_PMX", "JUNK", "PAD ",
        "FLLR", "PEAK", "afsp", "DISP", "acid", "note", "labl", "plst", "chna", "umid", "strc", "cart",
    ]

    init(start: Int64, log: DefectLog, container: String) {
        self.start = start
        self.container = container
        self.log = log
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            switch place {
            case .riff:
                readHeader(window.bytes, at: index)
                index += layout.fileHeaderLength
            case .chunk:
                if let advance = readChunk(window, at: &index) { return advance }
            case .data:
                if let advance = readData(window, at: &index) { return advance }
            case .behind: index = window.count
            }
        }
        return Advance(consumed: index, needed: 1)
    }

    private mutating func readHeader(_ bytes: UnsafeRawBufferPointer, at index: Int) {
        layout = WaveLayout(at: index, in: bytes) ?? .riff
        declaredEnd = layout.declaredLength(at: index, in: bytes).map { start + $0 }
        place = .chunk
        chunkEnd = start + Int64(layout.fileHeaderLength)
    }

    /// Reads the chunk header at `index` and steps over it, or over the whole chunk.
    private mutating func readChunk(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        let headerLength = layout.chunkHeaderLength
        // Another file's header is longer than a chunk's.
        guard index + layout.fileHeaderLength <= bytes.count || window.isEnd else {
            return Advance(consumed: index, needed: layout.fileHeaderLength)
        }
        guard index + headerLength <= bytes.count else {
            endChunks(at: window.position(index))
            return nil
        }
        let position = window.position(index)
        guard let chunk = layout.chunk(at: index, in: bytes), WaveLayout(at: index, in: bytes) == nil else {
            endChunks(at: position)
            return nil
        }
        var size = chunk.size
        if chunk.name == "data", !data.hasBegun {
            beginData(size: size, at: position + Int64(headerLength))
            index += headerLength
            return nil
        }
        if chunk.name == "fmt " || chunk.name == "ds64" {
            let length = Int(min(size, 64))
            let content = index + headerLength
            guard content + length <= bytes.count || window.isEnd else {
                return Advance(consumed: index, needed: headerLength + length)
            }
            read(
                UnsafeRawBufferPointer(rebasing: bytes[content..<min(content + length, bytes.count)]),
                isFormat: chunk.name == "fmt "
            )
        }
        chunkName = chunk.name
        if size == 0xFFFF_FFFF, let size64 = sizes64[chunkName] { size = size64 }
        chunkStart = position
        chunkEnd = position + Int64(headerLength) + size
        return Advance(passing: Int64(index + headerLength) + size + layout.padding(after: size), needed: 1)
    }

    private mutating func read(_ content: UnsafeRawBufferPointer, isFormat: Bool) {
        if isFormat {
            format = WaveFormat(content, isBigEndian: layout == .rifx)
            isFormatImpossible = format == nil
        } else if is64, content.count >= 16 {
            let riff = content.littleEndian64(at: 0)
            let data = content.littleEndian64(at: 8)
            if riff > 0, riff < 1 << 62 { declaredEnd = start + 8 + Int64(riff) }
            if data > 0, data < 1 << 62 { data64 = Int64(data) }
            // Behind the samples' count: a table of names and sizes (EBU Tech 3306, section 3.2).
            for place in stride(from: 28, through: content.count - 12, by: 12) {
                let name = String(decoding: content[place..<place + 4], as: UTF8.self)
                let size = content.littleEndian64(at: place + 4)
                if size < 1 << 61 { sizes64[name] = Int64(size) }
            }
        }
    }

    /// What is left where no further chunk begins.
    private mutating func endChunks(at position: Int64) {
        place = .behind
        data.behind = position
    }

    private mutating func beginData(size: Int64, at position: Int64) {
        var declared: Int64? = size
        if is64, size == 0xFFFF_FFFF { declared = data64 }
        if declared == 0 || size >= WaveLayout.unknownSize64 { declared = nil }
        data.begin(at: position, declared: declared, format: format)
        place = .data
    }

    private mutating func readData(_ window: Window, at index: inout Int) -> Advance? {
        let rest = Window(
            offset: window.position(index),
            bytes: UnsafeRawBufferPointer(rebasing: window.bytes[index...]),
            isEnd: window.isEnd
        )
        let advance = data.advance(over: rest)
        let consumed = Int64(index) + advance.consumed
        if data.isOver(at: window.offset + consumed) {
            chunkEnd = data.end ?? 0
            chunkName = "data"
            place = .chunk
            let padding = layout.padding(after: chunkEnd - data.start)
            return Advance(passing: consumed + padding, needed: 1)
        }
        return Advance(passing: consumed, needed: advance.needed)
    }

    mutating func finish(size: Int64) -> AudioFindings {
        guard data.hasBegun, let format else {
            let what = isFormatImpossible ? "a WAV file whose format header cannot be" : "a WAV header without audio"
            return .broken(what)
        }
        let length = data.length(fileSize: size)
        guard length > 0 else { return .broken("a WAV header without audio") }
        checkSizes(length: length, fileSize: size, format)
        return data.finish(length: length, format, container: container, &log)
    }

    private mutating func checkSizes(length: Int64, fileSize: Int64, _ format: WaveFormat) {
        if let expected = format.expectedByteRate, expected != format.declaredByteRate {
            log.note(
                .headerMismatch,
                "the header gives \(format.declaredByteRate) bytes a second, its other fields \(expected)"
            )
        }
        if !format.isKnownCoding {
            log.note(.headerMismatch, "the format header names no known coding: \(format.codec)")
        }
        guard let dataEnd = data.end else {
            return log.note(
                .lengthUnknown,
                "the header gives no length; \(length) bytes of audio to the end of the file"
            )
        }
        if dataEnd > fileSize {
            // Recorders that cannot go back write a size no file reaches.
            if layout != .wave64, Self.unknownSizes.contains(dataEnd - data.start) {
                let detail = "the header's length stands for unknown; \(length) bytes of audio to the end of the file"
                return log.note(.lengthUnknown, detail)
            }
            return log.note(.truncated, "the audio has \(length) of \(dataEnd - data.start) bytes")
        }
        if let behind = data.behind, behind < fileSize {
            return log.note(.trailingGarbage, "\(fileSize - behind) bytes at byte \(behind)")
        }
        // A file may end without the padding byte of its last chunk, and a header may count it or not.
        if chunkEnd > fileSize, !Self.knownChunks.contains(chunkName) {
            return log.note(.trailingGarbage, "\(fileSize - chunkStart) bytes at byte \(chunkStart)")
        }
        if chunkEnd > fileSize {
            return log.note(.truncated, "the chunk \(chunkName) lacks \(chunkEnd - fileSize) bytes")
        }
        // Some recorders give the whole file's size instead of what follows the field.
        if let declaredEnd, declaredEnd > fileSize + 1, declaredEnd != fileSize + 8 {
            log.note(.truncated, "the header counts \(declaredEnd - start) bytes, the file has \(fileSize - start)")
        }
    }
}
