/// Lyrics3 tags, which stand between the last frame and an ID3v1 tag ("Lyrics3 made easy" and "Lyrics3 v2.00", id3.org).
enum Lyrics3 {
    /// The longest that is taken for one, and the most fields: known are ten. Version 1 has 5,100 bytes of text at most.
    private static let maximumLength = 100_000
    private static let maximumFields = 32
    private static let maximumLengthOfVersion1 = 11 + 5100 + 9

    /// What tag begins at `start`, where `LYRICSBEGIN` stands.
    static func look(at start: Int, in window: Window) -> MPEGTag.Outcome {
        let bytes = window.bytes
        guard start + 26 <= bytes.count || window.isEnd else { return .undecided(needed: 26) }
        let first = field(at: start + 11, in: bytes) ?? size(at: start + 11, in: bytes)
        return first == nil ? version1(at: start, in: window) : version2(at: start, in: window)
    }

    /// Fields of three letters, five digits and so many bytes; then six digits, all that came before them, and the mark.
    private static func version2(at start: Int, in window: Window) -> MPEGTag.Outcome {
        var place = start + 11
        for _ in 0...maximumFields where place - start <= maximumLength {
            guard place + 15 <= window.count || window.isEnd else { return .undecided(needed: place + 15 - start) }
            if let size = size(at: place, in: window.bytes) {
                return size == place - start ? .tag(name: "Lyrics3 tag", length: Int64(place + 15 - start)) : .none
            }
            guard let length = field(at: place, in: window.bytes) else { return .none }
            place += 8 + length
        }
        return .none
    }

    /// Text up to its own mark. It has no byte of all ones, which would look like a frame, and no mark of a beginning, so
    /// that no byte is looked at for two of them.
    private static func version1(at start: Int, in window: Window) -> MPEGTag.Outcome {
        let bytes = window.bytes
        let end = min(start + maximumLengthOfVersion1, bytes.count)
        for place in start + 11..<max(end - 10, start + 11) {
            if bytes[place] == 0xFF || bytes.holds("LYRICSBEGIN", at: place) { return .none }
            if bytes.holds("LYRICSEND", at: place) {
                return .tag(name: "Lyrics3 tag", length: Int64(place + 9 - start))
            }
        }
        let isAll = window.isEnd || bytes.count - start >= maximumLengthOfVersion1
        guard isAll else { return .undecided(needed: maximumLengthOfVersion1) }
        // At the end of a file there is no room for the longer mark.
        let rest = max(end - 10, start + 11)..<max(end - 8, start + 11)
        guard let place = rest.first(where: { bytes.holds("LYRICSEND", at: $0) }) else { return .none }
        return .tag(name: "Lyrics3 tag", length: Int64(place + 9 - start))
    }

    private static func field(at place: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard place + 8 <= bytes.count, bytes[place..<place + 3].allSatisfy({ (0x41...0x5A).contains($0) }) else {
            return nil
        }
        return number(at: place + 3, digits: 5, in: bytes)
    }

    private static func size(at place: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        bytes.holds("LYRICS200", at: place + 6) ? number(at: place, digits: 6, in: bytes) : nil
    }

    private static func number(at place: Int, digits: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard place + digits <= bytes.count else { return nil }
        return bytes[place..<place + digits].reduce(0 as Int?) { number, byte in
            (0x30...0x39).contains(byte) ? number.map { $0 * 10 + Int(byte - 0x30) } : nil
        }
    }
}
