import Recordings

extension AudioFormat {
    static let ogg = AudioFormat(
        container: "ogg",
        fileExtensions: ["ogg", "oga", "opus", "spx", "ogx"],
        mediaTypes: [
            "audio/ogg", "application/ogg", "audio/opus", "audio/vorbis", "audio/speex", "audio/x-ogg", "video/ogg",
            "audio/x-vorbis+ogg", "audio/x-opus+ogg", "audio/x-speex+ogg",
        ],
        notChecked: "Every page of an Ogg file is checked by its CRC-32; nothing is decoded.",
        marks: [Mark("OggS")],
        recognise: { index, window, _ in
            Recognition(at: index, in: window, needed: 6) { OggWalk.begins(at: index, in: $0) }
        },
        walk: { OggWalk(log: $1) }
    )
}

/// Walks an Ogg file from page to page (RFC 3533): checksums, numbers, granule positions and the end-of-stream flag of the
/// audio in it, chained streams one after the other.
struct OggWalk: FormatWalk {
    private enum Place {
        case page
        case search(start: Int64, zeros: ZeroRunCount)
    }

    private var place = Place.page
    private var log: DefectLog
    private var stream: OggStream?
    private var first: OggStream?
    private var durationMs: Int64 = 0
    private var payloadBytes: Int64 = 0
    /// Set where pages were lost, until the next good one says which.
    private var isGapExplained = false
    /// A page that the file ends in: where it starts and what its length would be.
    private var cutPage: (start: Int64, length: Int)?
    /// Bytes that may still be spent on checksums of what turns out to be no page; bounds the time of a search.
    private var searchBudget: Int64 = 1 << 20

    init(log: DefectLog) { self.log = log }

    static func begins(at index: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.holds("OggS", at: index) && index + 6 <= bytes.count && bytes[index + 4] == 0
            && bytes[index + 5] & 0xF8 == 0
    }

    mutating func advance(over window: Window) -> Advance {
        var index = 0
        while index < window.count {
            let needed =
                switch place {
                case .page: readPage(window, at: &index)
                case .search(let start, let zeros): search(window, at: &index, from: start, zeros)
                }
            if let needed { return Advance(consumed: index, needed: needed) }
        }
        return Advance(consumed: index, needed: 1)
    }

    /// Returns how many bytes are needed where the page is not all there.
    private mutating func readPage(_ window: Window, at index: inout Int) -> Int? {
        let bytes = window.bytes
        switch OggPage.length(at: index, in: bytes) {
        case nil: beginSearch(window, at: index)
        case .undecided(let needed):
            guard window.isEnd else { return needed }
            let isHeader = bytes.holds("OggS", at: index) || bytes.count - index < 4
            if isHeader { cutPage = (window.position(index), needed) }
            beginSearch(window, at: index)
        case .known(let length):
            // What follows tells whether the length of a page with a wrong checksum can be believed.
            guard index + length + 4 <= bytes.count || window.isEnd else { return length + 4 }
            guard index + length <= bytes.count else {
                cutPage = (window.position(index), length)
                beginSearch(window, at: index)
                return nil
            }
            let page = OggPage(at: index, length: length, in: bytes)
            if page.isIntact {
                take(page)
                index += length
            } else if index + length == bytes.count || bytes.holds("OggS", at: index + length) {
                passBadPage(page, at: window.position(index))
                index += length
            } else {
                searchBudget -= Int64(length)
                beginSearch(window, at: index)
            }
        }
        return nil
    }

    private mutating func beginSearch(_ window: Window, at index: Int) {
        place = .search(start: window.position(index), zeros: ZeroRunCount())
    }

    private mutating func passBadPage(_ page: OggPage, at position: Int64) {
        log.note(.badCRC, "page of \(page.bytes.count) bytes at byte \(position)")
        var zeros = ZeroRunCount()
        for (index, byte) in page.bytes.enumerated() { zeros.count(byte, at: position + Int64(index)) }
        note(zeros)
        isGapExplained = true
    }

    private mutating func search(
        _ window: Window,
        at index: inout Int,
        from start: Int64,
        _ counted: ZeroRunCount
    ) -> Int? {
        var zeros = counted
        let bytes = window.bytes
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "O"), window.position(index) > start {
                switch OggPage.length(at: index, in: bytes) {
                case nil: break
                case .undecided(let needed):
                    if !window.isEnd {
                        place = .search(start: start, zeros: zeros)
                        return needed
                    }
                case .known(let length):
                    guard index + length <= bytes.count || window.isEnd else {
                        place = .search(start: start, zeros: zeros)
                        return length
                    }
                    if index + length <= bytes.count, searchBudget >= 0 {
                        if OggPage(at: index, length: length, in: bytes).isIntact {
                            endSearch(from: start, at: window.position(index), zeros)
                            return nil
                        }
                        searchBudget -= Int64(length)
                    }
                }
            }
            zeros.count(bytes[index], at: window.position(index))
            searchBudget += 4
            index += 1
        }
        place = .search(start: start, zeros: zeros)
        return nil
    }

    private mutating func endSearch(from start: Int64, at position: Int64, _ zeros: ZeroRunCount) {
        log.note(.lostSync, "\(position - start) bytes at byte \(start)")
        note(zeros)
        cutPage = nil
        isGapExplained = true
        place = .page
    }

    private mutating func note(_ zeros: ZeroRunCount) {
        if zeros.isBlock { log.note(.zeroRun, "\(zeros.longest) zero bytes at byte \(zeros.start)") }
    }

    private mutating func take(_ page: OggPage) {
        if page.isFirst {
            // Pages that begin streams stand together before any other; a later one begins the next link of a chain.
            guard stream == nil || stream?.isEnded == true || stream?.hasAudio == true else { return }
            guard let next = OggStream(first: page) else { return }
            closeStream()
            stream = next
            isGapExplained = false
        } else if page.serial == stream?.serial {
            let complaint = stream?.take(page)
            if let complaint, !isGapExplained { log.note(.headerMismatch, complaint) }
            isGapExplained = false
        }
    }

    private mutating func closeStream() {
        guard let stream else { return }
        self.stream = nil
        if !stream.isEnded, !log.has(.truncated) {
            log.note(.truncated, "the stream's last page is missing")
        }
        guard stream.playedSamples > 0 else { return }
        if first == nil { first = stream }
        durationMs += milliseconds(samples: stream.playedSamples, rate: stream.playedRate)
        payloadBytes += stream.payloadBytes
    }

    mutating func finish(size: Int64) -> AudioFindings {
        if let cutPage {
            log.note(.truncated, "the last page has \(size - cutPage.start) of \(cutPage.length) bytes or more")
        } else if case .search(let start, let zeros) = place, start < size {
            log.note(.trailingGarbage, "\(size - start) bytes at byte \(start)")
            note(zeros)
        }
        closeStream()
        guard let first else { return .broken("an Ogg file without audio") }
        let facts = AudioFacts(
            container: "ogg",
            codec: first.codec.rawValue,
            sampleRateHz: first.sampleRate,
            channels: first.channels,
            bitRateBps: durationMs > 0 ? Int((payloadBytes * 8000 + durationMs / 2) / durationMs) : nil,
            durationMs: durationMs
        )
        return AudioFindings(audio: facts, defects: log.defects)
    }
}
