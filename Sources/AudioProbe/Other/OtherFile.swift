import Recordings

/// What a file is that does not play: its name and how that is to be taken.
struct OtherFile: Equatable, Sendable {
    var name: String
    var kind: AudioFindings.Kind

    init(_ name: String, _ kind: AudioFindings.Kind) {
        self.name = name
        self.kind = kind
    }

    var findings: AudioFindings { AudioFindings(audio: nil, recognisedAs: name, kind: kind) }

    /// So many bytes tell whether a file begins with a mark of something else.
    static let needed = 1024

    /// Whether a file that begins with `bytes` is something else whatever stands inside it, so that nothing in it is
    /// taken for audio.
    static func isSomethingElse(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // No more than is there in any chunks.
        let opening = UnsafeRawBufferPointer(rebasing: bytes.prefix(needed))
        // What an AppleSingle file holds may be audio as it is.
        return KnownFile.look(opening) != nil || AppleFile(opening)?.hasDataFork == false
            || ArchiveFile.look(opening) != nil || UnreadAudio.look(opening) != nil
    }

    /// What a file without audio is; nil when nothing tells.
    ///
    /// - Parameters:
    ///   - head: its first bytes.
    ///   - size: how long it is.
    ///   - text: whether all of it is text.
    static func look(_ head: UnsafeRawBufferPointer, size: Int64, text: TextScan.Outcome) -> OtherFile? {
        if let apple = AppleFile(head) { return apple.other }
        // No file of the other kinds is text from its first byte to its last, whatever letters it begins with.
        return KnownFile.look(head) ?? KnownFile.bySize(head, size) ?? TextFile.look(head, text)
            ?? UnreadAudio.look(head) ?? ArchiveFile.look(head)
    }
}

/// A byte pattern at a place, and what a file is that has it there.
struct FileMark: Sendable {
    let name: String
    let bytes: [UInt8]
    let place: Int

    init(_ name: String, _ bytes: [UInt8], at place: Int = 0) {
        self.name = name
        self.bytes = bytes
        self.place = place
    }

    init(_ name: String, _ text: String, at place: Int = 0) { self.init(name, Array(text.utf8), at: place) }

    func stands(in file: UnsafeRawBufferPointer) -> Bool {
        place + bytes.count <= file.count && file[place..<place + bytes.count].elementsEqual(bytes)
    }
}
