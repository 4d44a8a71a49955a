import Recordings

/// Audio, and containers of audio, in formats that are recognised and not read.
enum UnreadAudio {
    /// The extensions under which it is stored.
    static let fileExtensions: Set<String> = [
        "3g2", "8svx", "ac3", "aifc", "ape", "asf", "avi", "awb", "dff", "dsf", "dss", "ds2", "dts", "eac3", "flv",
        "g722",
        "g723", "g726", "g729", "gsm", "ircam", "lpcm", "m4b", "mka", "mkv", "mov", "mpc", "nist", "oma", "pcm", "qcp",
        "ra",
        "ram", "raw", "rm", "shn", "sil", "silk", "sln", "sln16", "sph", "spx", "tak", "tta", "ul", "ulaw", "vmd",
        "voc",
        "vox", "webm", "wma", "wv", "al", "alaw", "evs", "lbc",
    ]

    private static let marks = [
        FileMark("a Windows Media file", [0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11]),
        FileMark("RealAudio", [0x2E, 0x72, 0x61, 0xFD]),
        FileMark("a RealMedia file", ".RMF"),
        FileMark("a MIDI file", "MThd\0\0\0\u{6}"),
        FileMark("a DSD file", "DSD \u{1C}"),
        FileMark("a DSDIFF file", "FRM8"),
        FileMark("WavPack audio", "wvpk"),
        FileMark("Musepack audio", "MPCK"),
        FileMark("Musepack audio", "MP+\u{7}"),
        FileMark("Musepack audio", "MP+\u{17}"),
        FileMark("True Audio", "TTA1"),
        FileMark("True Audio", "TTA2"),
        FileMark("Shorten audio", "ajkg"),
        FileMark("OptimFROG audio", "OFR \u{C}\0\0\0"),
        FileMark("TAK audio", "tBaK"),
        FileMark("a Creative Voice file", "Creative Voice File\u{1A}"),
        FileMark("a NIST SPHERE file", "NIST_1A\n"),
        FileMark("a SoX file", ".SoX"),
        FileMark("a SoX file", "XoS."),
        FileMark("a Psion sound file", "ALawSoundFile**"),
        FileMark("a Turtle Beach sample", "SOUND SAMPLE DATA "),
        FileMark("a Yamaha SMAF file", "MMMD"),
        FileMark("an AVR file", "2BIT"),
        FileMark("an Ensoniq PARIS file", " paf"),
        FileMark("an Ensoniq PARIS file", "fap "),
        FileMark("a PVF file", "PVF1\n"),
        FileMark("a PVF file", "PVF2\n"),
        FileMark("an IRCAM file", [0x64, 0xA3, 0x01, 0x00, 0]),
        FileMark("an IRCAM file", [0x64, 0xA3, 0x02, 0x00, 0]),
        FileMark("an IRCAM file", [0x64, 0xA3, 0x03, 0x00, 0]),
        FileMark("an IRCAM file", [0, 0x02, 0xA3, 0x64]),
        FileMark("an IRCAM file", [0, 0x01, 0xA3, 0x64]),
        FileMark("multichannel AMR", "#!AMR_MC1.0\n"),
        FileMark("multichannel AMR", "#!AMR-WB_MC1.0\n"),
        FileMark("EVS audio", "#!EVS_MC1.0\n"),
        FileMark("iLBC audio", "#!iLBC20\n"),
        FileMark("iLBC audio", "#!iLBC30\n"),
        FileMark("SILK audio", "#!SILK"),
        FileMark("SILK audio", "\u{2}#!SILK"),
        FileMark("DTS audio", [0x7F, 0xFE, 0x80, 0x01]),
        FileMark("DTS audio", [0xFE, 0x7F, 0x01, 0x80]),
        FileMark("AAC with an ADIF header", "ADIF"),
        FileMark("a Sony OpenMG file", "EA3\u{3}"),
        FileMark("a Sony OpenMG file", "ea3\u{3}"),
        FileMark("an Olympus dictation", "\u{2}dss"),
        FileMark("an Olympus dictation", "\u{3}dss"),
        FileMark("an Olympus dictation", "\u{3}ds2"),
        FileMark("a Flash video", "FLV\u{1}"),
        FileMark("an MPEG programme stream", [0, 0, 1, 0xBA]),
    ]

    static func look(_ bytes: UnsafeRawBufferPointer) -> OtherFile? {
        let name = marks.first { $0.stands(in: bytes) }?.name ?? containerName(bytes) ?? streamName(bytes)
        return name.map { OtherFile("\($0), which is not read", .unsupportedAudio) }
    }

    private static func containerName(_ bytes: UnsafeRawBufferPointer) -> String? {
        // RFC 8794, section 11.2.1: the EBML header. It names what it heads within its first elements.
        if bytes.count >= 5, bytes.bigEndian32(at: 0) == 0x1A45_DFA3 {
            let isWebM = (4..<min(bytes.count, 64)).contains { bytes.holds("webm", at: $0) }
            return isWebM ? "a WebM file" : "a Matroska file"
        }
        if bytes.holds("RIFF"), bytes.count >= 12 {
            if bytes.holds("AVI ", at: 8) { return "an AVI video" }
            if bytes.holds("RMID", at: 8) { return "a MIDI file" }
            if bytes.holds("QLCM", at: 8) { return "a QCP file" }
            return "a RIFF file of an unknown kind"
        }
        if bytes.holds("FORM"), bytes.count >= 12 {
            if bytes.holds("8SVX", at: 8) { return "an 8SVX file" }
            if bytes.holds("MAUD", at: 8) { return "a MAUD file" }
        }
        // Versions 3.80 to 4.20 times a thousand; before and after, nothing.
        if bytes.holds("MAC ") || bytes.holds("MACF"), bytes.count >= 6,
            (3800...4200).contains(bytes.littleEndian16(at: 4))
        {
            return "Monkey's Audio"
        }
        // QuickTime before there was a file type box: its index or its data first.
        let isBox = bytes.holds("moov", at: 4) || bytes.holds("mdat", at: 4) || bytes.holds("wide", at: 4)
        return isBox && bytes.bigEndian32(at: 0) < 1 << 29 ? "a QuickTime movie" : nil
    }

    /// Streams without a header, told by frames that follow one another.
    private static func streamName(_ bytes: UnsafeRawBufferPointer) -> String? {
        // ISO/IEC 13818-1, section 2.4.3.2: a packet has 188 bytes, or 192 with a time stamp in front.
        for (first, length) in [(0, 188), (4, 192)] where bytes.count > first + 4 * length {
            if (0...4).allSatisfy({ bytes[first + $0 * length] == 0x47 }) { return "an MPEG transport stream" }
        }
        // ISO/IEC 14496-3, section 1.7.2: AudioSyncStream, a mark of eleven bits and a length of thirteen.
        if bytes.count >= 3, let next = latmLength(bytes, at: 0), let third = latmLength(bytes, at: next) {
            if latmLength(bytes, at: next + third) != nil { return "AAC in LATM frames" }
        }
        if let length = ac3Length(bytes, at: 0), ac3Length(bytes, at: length) != nil { return "AC-3 audio" }
        return nil
    }

    /// Bytes from one AC-3 or E-AC-3 frame to the next (ETSI TS 102 366, tables 4.13 and E.1.3).
    private static func ac3Length(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        guard index + 6 <= bytes.count, bytes[index] == 0x0B, bytes[index + 1] == 0x77 else { return nil }
        if (11...16).contains(bytes[index + 5] >> 3) { return 2 * (Int(bytes.bigEndian16(at: index + 2) & 0x7FF) + 1) }
        let rates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640]
        let code = Int(bytes[index + 4] & 0x3F)
        guard code < 2 * rates.count, bytes[index + 5] >> 3 <= 10 else { return nil }
        let rate = rates[code / 2]
        switch bytes[index + 4] >> 6 {
        case 0: return 2 * (2 * rate)
        case 1: return 2 * (rate * 96_000 / 44_100 + code % 2)
        case 2: return 2 * (3 * rate)
        default: return nil
        }
    }

    private static func latmLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        guard index + 3 <= bytes.count, bytes[index] == 0x56, bytes[index + 1] & 0xE0 == 0xE0 else { return nil }
        return 3 + (Int(bytes[index + 1] & 0x1F) << 8 | Int(bytes[index + 2]))
    }
}
