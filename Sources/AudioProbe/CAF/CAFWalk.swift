import Recordings

extension AudioFormat {
    static let caf = AudioFormat(
        container: "caf",
        fileExtensions: ["caf"],
        mediaTypes: ["audio/x-caf", "audio/caf"],
        notChecked: "A CAF file has no checksums, and its packets are not followed: altered audio is not noticed.",
        marks: [Mark("caff")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 12) { CAFWalk.begins(at: index, in: $0) }
        },
        walk: { CAFWalk(start: $0, log: $1) }
    )
}

/// Walks the chunks of a Core Audio file (Apple, "Core Audio Format Specification 1.0").
struct CAFWalk: FormatWalk {
    private enum Place {
        case header
        case chunk
        case samples
        case behind
    }

    private static let knownChunks: Set<String> = [
        "desc", "data", "pakt", "chan", "kuki", "strg", "mark", "regn", "inst", "midi", "ovvw", "peak", "edct", "info",
        "uuid", "umid", "free", "ldat", "brcc",
    ]
    /// No chunk is longer; a place in the file is added to it.
    private static let maximumSize: Int64 = 1 << 60

    private let start: Int64
    private var log: DefectLog
    private var place = Place.header
    private var description: CAFDescription?
    private var isDescriptionImpossible = false
    /// Samples that play, by the packet table.
    private var tableSamples: Int64?
    private var samples: PlainSamples?
    private var garbage: Int64?
    private var latest: (name: String, start: Int64, end: Int64) = ("header", 0, 0)

    init(start: Int64, log: DefectLog) {
        self.start = start
        self.log = log
    }

    /// The mark, version 1, flags that are not used, and the chunk that has to come first.
    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.holds("caff\0\u{1}\0\0desc", at: index)
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            switch place {
            case .header:
                place = .chunk
                index += 8
            case .chunk:
                if let advance = readChunk(window, at: &index) { return advance }
            case .samples:
                index = samples?.consume(window, from: index) ?? window.count
                if let end = samples?.end, window.position(index) >= end { place = .chunk }
            case .behind: index = window.count
            }
        }
        return Advance(consumed: index, needed: 1)
    }

    private mutating func readChunk(_ window: Window, at index: inout Int) -> Advance? {
        let bytes = window.bytes
        let position = window.position(index)
        // A header, and what `data` has in front of its samples.
        guard index + 16 <= bytes.count || window.isEnd else { return Advance(consumed: index, needed: 16) }
        guard index + 12 <= bytes.count, bytes[index..<index + 4].allSatisfy({ (0x20...0x7E).contains($0) }) else {
            garbage = position
            place = .behind
            return nil
        }
        let name = String(decoding: bytes[index..<index + 4], as: UTF8.self)
        let declared = Int64(bitPattern: bytes.bigEndian64(at: index + 4))
        guard declared >= 0 || (declared == -1 && name == "data") else {
            garbage = position
            place = .behind
            return nil
        }
        let size = min(declared, Self.maximumSize)
        latest = (name, position, position + 12 + max(size, 0))
        if name == "data", samples == nil {
            // A count of edits comes before the samples, and is part of the size.
            let end = size < 4 ? nil : latest.end
            samples = PlainSamples(from: position + 16, to: end, description?.coding)
            place = .samples
            return Advance(passing: Int64(index) + 16, needed: 1)
        }
        if name == "desc" || name == "pakt" {
            let length = Int(min(size, Int64(CAFDescription.length)))
            guard index + 12 + length <= bytes.count || window.isEnd else {
                return Advance(consumed: index, needed: 12 + length)
            }
            let content = bytes[(index + 12)..<min(index + 12 + length, bytes.count)]
            read(name, UnsafeRawBufferPointer(rebasing: content))
        }
        return Advance(passing: Int64(index) + 12 + max(size, 0), needed: 1)
    }

    private mutating func read(_ name: String, _ content: UnsafeRawBufferPointer) {
        if name == "desc" {
            description = CAFDescription(content)
            isDescriptionImpossible = description == nil
        } else if content.count >= 24 {
            // Packets, samples that play, and what the decoder drops in front and at the end.
            let count = Int64(bitPattern: content.bigEndian64(at: 8))
            if count > 0 { tableSamples = count }
        }
    }

    mutating func finish(size: Int64) -> AudioFindings {
        guard var samples, let description else {
            let why = isDescriptionImpossible ? "a CAF file whose description cannot be" : "a CAF header without audio"
            return .broken(why)
        }
        let length = samples.length(fileSize: size)
        guard length > 0 else { return .broken("a CAF header without audio") }
        let played = played(length, isWhole: samples.end.map { $0 <= size } ?? true)
        guard played != 0 else { return .broken("a CAF header without audio") }
        samples.finish(fileSize: size, &log)
        checkSizes(samples, size)
        if played == nil, !log.has(.truncated), !log.has(.lengthUnknown) {
            log.note(.lengthUnknown, "no packet table says how long the audio is")
        }
        if !description.isKnownCoding {
            log.note(.headerMismatch, "the description names no known coding: \(description.codec)")
        }
        let durationMs = played.map { milliseconds(samples: $0, rate: description.sampleRate) }
        let mean = durationMs.flatMap { $0 > 0 ? Int(clamping: length.multipliedClamping(by: 8000) / $0) : nil }
        let facts = AudioFacts(
            container: "caf",
            codec: description.codec,
            sampleRateHz: description.sampleRate,
            channels: description.channels,
            bitRateBps: description.coding?.bitRate(sampleRate: description.sampleRate) ?? mean,
            durationMs: durationMs
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }

    /// Samples a channel; nil where packets differ and no table that is there counts them.
    private func played(_ length: Int64, isWhole: Bool) -> Int64? {
        guard let coding = description?.coding else { return isWhole ? tableSamples : nil }
        let held = coding.samples(in: length)
        return min(held, isWhole ? tableSamples ?? held : held)
    }

    private mutating func checkSizes(_ samples: PlainSamples, _ size: Int64) {
        guard let end = samples.end, end <= size else { return }
        if let coding = description?.coding, (end - samples.start) % Int64(max(coding.packetLength, 1)) != 0 {
            let length = end - samples.start
            log.note(.headerMismatch, "\(length) bytes are not whole packets of \(coding.packetLength) bytes")
        }
        if let garbage, garbage < size {
            log.note(.trailingGarbage, "\(size - garbage) bytes at byte \(garbage)")
        } else if latest.end > size {
            Self.knownChunks.contains(latest.name)
                ? log.note(.truncated, "the chunk \(latest.name) lacks \(latest.end - size) bytes")
                : log.note(.trailingGarbage, "\(size - latest.start) bytes at byte \(latest.start)")
        }
    }
}
