/// One entry of an archive, as the unpack stage leaves it to the verify stage.
package struct Member: Codable, Hashable, Sendable {
    /// The entry's place in the archive, from 0, directories counted.
    package var index: Int
    /// The entry's name as it can be shown and stored: UTF-8, control characters escaped, 1,024 bytes at most.
    ///
    /// Names are data: no path on disk is ever made from one.
    package var name: String
    package var modifiedAt: Timestamp?
    /// Bytes that were read; for a cut member those before the cut.
    package var sizeBytes: Int64
    /// The digest of the bytes that were read, and the name of the blob that holds them; nil when there is none.
    package var sha256: Digest?
    package var content: Content

    package init(
        index: Int,
        name: String,
        modifiedAt: Timestamp? = nil,
        sizeBytes: Int64 = 0,
        sha256: Digest? = nil,
        content: Content
    ) {
        self.index = index
        self.name = name
        self.modifiedAt = modifiedAt
        self.sizeBytes = sizeBytes
        self.sha256 = sha256
        self.content = content
    }

    /// What became of it.
    package enum Content: Codable, Hashable, Sendable {
        /// Read to its end and probed.
        case file(AudioFindings)
        /// Not kept as a recording: why, and in words for people.
        case refused(Exception.Reason, detail: String)
    }
}

extension Member {
    /// The last part of the name, behind the last slash or backslash.
    package var baseName: String {
        String(name[(name.lastIndex(where: { $0 == "/" || $0 == "\\" }).map(name.index(after:)) ?? name.startIndex)...])
    }
}
