/// One logical stream of audio in an Ogg file.
struct OggStream: Sendable {
    enum Codec: String, Sendable {
        case opus, vorbis, speex, flac
    }

    let codec: Codec
    let serial: UInt32
    let channels: Int
    let sampleRate: Int
    /// Granules a second: Opus counts at 48 kHz whatever it was made from (RFC 7845, section 4).
    private var granuleRate: Int { codec == .opus ? 48_000 : sampleRate }
    /// Samples in front that a decoder drops.
    private let preSkip: Int64
    private var firstGranule: Int64?
    private var lastGranule: Int64 = 0
    private(set) var nextNumber: UInt32
    private(set) var isEnded = false
    private(set) var payloadBytes: Int64 = 0

    /// Reads a stream's first page; nil when it is no audio of a known kind.
    init?(first page: OggPage) {
        let head = page.payload
        if head.holds("OpusHead"), head.count >= 19 {
            // RFC 7845, section 5.1.
            self.init(page, .opus, channels: Int(head[9]), rate: 48_000, preSkip: Int64(head.littleEndian16(at: 10)))
        } else if head.count >= 30, head[0] == 1, head.holds("vorbis", at: 1) {
            // Vorbis I specification, section 4.2.2.
            self.init(page, .vorbis, channels: Int(head[11]), rate: Int(head.littleEndian32(at: 12)))
        } else if head.holds("Speex   "), head.count >= 80 {
            // The Speex Codec Manual, table 5.1.
            self.init(page, .speex, channels: Int(head.littleEndian32(at: 48)), rate: Int(head.littleEndian32(at: 36)))
        } else if head.count >= 51, head[0] == 0x7F, head.holds("FLAC", at: 1), head.holds("fLaC", at: 9) {
            // RFC 9639, section 10.1: the signature's block header, then STREAMINFO.
            let info = FLACStreamInfo(UnsafeRawBufferPointer(rebasing: head[17..<51]))
            self.init(page, .flac, channels: info.channels, rate: info.sampleRate)
        } else {
            return nil
        }
    }

    private init?(_ page: OggPage, _ codec: Codec, channels: Int, rate: Int, preSkip: Int64 = 0) {
        guard (1...255).contains(channels), (1...6_144_000).contains(rate) else { return nil }
        self.codec = codec
        self.channels = channels
        self.preSkip = preSkip
        sampleRate = rate
        serial = page.serial
        nextNumber = page.number &+ 1
        isEnded = page.isLast
    }

    /// Whether a page with audio has come.
    var hasAudio: Bool { firstGranule != nil }

    /// Takes the stream's next page; returns what is wrong with its order.
    mutating func take(_ page: OggPage) -> String? {
        var complaint: String?
        if page.number != nextNumber {
            complaint = "page \(page.number) stands where page \(nextNumber) belongs"
        }
        nextNumber = page.number &+ 1
        if page.isLast { isEnded = true }
        let granule = page.granule
        if hasAudio || granule > 0 { payloadBytes += Int64(page.payload.count) }
        guard granule > 0 else { return complaint }
        if firstGranule == nil {
            firstGranule = max(granule - samples(on: page), 0)
        } else if granule < lastGranule {
            complaint = complaint ?? "page \(page.number) ends at sample \(granule), before its predecessor"
        }
        lastGranule = max(lastGranule, granule)
        return complaint
    }

    /// What the first page with audio holds, so that a stream that was cut out of a longer one starts at its own start.
    /// Only Opus says it in the packets' first bytes; others are taken to start at zero.
    private func samples(on page: OggPage) -> Int64 {
        guard codec == .opus else { return page.granule }
        var count: Int64 = 0
        page.forEachWholePacket { count += OpusPacket.samples($0) }
        return count
    }

    /// Samples that a decoder plays, at ``playedRate``.
    var playedSamples: Int64 { max(lastGranule - (firstGranule ?? 0) - preSkip, 0) }
    var playedRate: Int { granuleRate }
}

/// How long an Opus packet is, from its first bytes (RFC 6716, section 3.1).
enum OpusPacket {
    /// Samples at 48 kHz.
    static func samples(_ packet: UnsafeRawBufferPointer) -> Int64 {
        guard let first = packet.first else { return 0 }
        let configuration = Int(first >> 3)
        let frame: Int64 =
            switch configuration {
            case 0..<12: [480, 960, 1920, 2880][configuration & 3]
            case 12..<16: [480, 960][configuration & 1]
            default: [120, 240, 480, 960][configuration & 3]
            }
        switch first & 3 {
        case 0: return frame
        case 1, 2: return 2 * frame
        default: return packet.count > 1 ? Int64(packet[1] & 0x3F) * frame : 0
        }
    }
}
