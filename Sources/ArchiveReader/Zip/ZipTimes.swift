import Recordings

/// The times of an entry's last change that stand in its extra fields. All of them are UTC, unlike the time in the header.
struct ZipTimes {
    private var ntfs: Timestamp?
    private var unix: Timestamp?
    /// Of fields that the writers of today do not write any more.
    private var oldUnix: Timestamp?

    /// The finest one. A time of 0 is what writers put who do not know it.
    var best: Timestamp? { ntfs ?? unix ?? oldUnix }

    mutating func see(_ kind: Int, _ field: UnsafeRawBufferPointer) {
        switch kind {
        case 0x000a: ntfs = Self.ntfs(field) ?? ntfs
        // Extended timestamp: flags, then the times that they announce, this one first (Info-ZIP, proginfo/extrafld.txt).
        case 0x5455 where field.count >= 5 && field[0] & 1 != 0: unix = Self.unix(field, at: 1) ?? unix
        // Unix, by PKWARE (APPNOTE 6.3.10, section 4.5.7) and by Info-ZIP before 1998: last access, then last change.
        case 0x000d where field.count >= 8, 0x5855 where field.count >= 8:
            oldUnix = Self.unix(field, at: 4) ?? oldUnix
        default: break
        }
    }

    private static func unix(_ field: UnsafeRawBufferPointer, at place: Int) -> Timestamp? {
        let seconds = Int64(Int32(truncatingIfNeeded: field.u32(place)))
        return seconds == 0 ? nil : .ofArchive(seconds: seconds)
    }

    /// After four reserved bytes, attributes; the first one has the times, in 100 ns since 1601 (APPNOTE, section 4.5.5).
    private static func ntfs(_ field: UnsafeRawBufferPointer) -> Timestamp? {
        var place = 4
        while place + 4 <= field.count {
            let end = place + 4 + field.u16(place + 2)
            guard end <= field.count else { return nil }
            if field.u16(place) == 1, end - place >= 12 {
                guard let ticks = field.u64(place + 4), ticks > 0 else { return nil }
                let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: 10_000_000)
                return .ofArchive(seconds: seconds - secondsTo1970, nanoseconds: Int(rest) * 100)
            }
            place = end
        }
        return nil
    }

    /// From 1601 to 1970: 369 years, 89 of them leap years.
    private static let secondsTo1970: Int64 = (369 * 365 + 89) * 86_400
}
