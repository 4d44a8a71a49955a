import Recordings

/// A file that is a zip inside: a document, a book, a program. What it holds is of no meaning without it.
package enum ZipDocument: String, Codable, Hashable, Sendable, CaseIterable {
    /// Word, Excel, PowerPoint and others of ISO/IEC 29500.
    case officeOpenXML = "office-open-xml"
    /// OASIS OpenDocument.
    case openDocument = "open-document"
    case epub
    /// Some other file that names its media type as OpenDocument and EPUB do.
    case typed
    case androidPackage = "android-package"
    case javaArchive = "java-archive"
}

extension ZipDocument: CustomStringConvertible {
    /// In words that follow "it is".
    package var description: String {
        switch self {
        case .officeOpenXML: "an Office Open XML document"
        case .openDocument: "an OpenDocument file"
        case .epub: "an EPUB book"
        case .typed: "a document in a ZIP container"
        case .androidPackage: "an Android package"
        case .javaArchive: "a Java archive"
        }
    }
}

extension ZipDocument {
    /// What the names in a zip's directory say of it.
    ///
    /// To take an archive of recordings for a document would hide them, so each kind needs more than one sign, and a zip
    /// with something in it that may be a recording is an archive unless its other entries leave no doubt.
    struct Signs {
        private var isEmpty = true
        /// ISO/IEC 29500-2, section 7.2.3.
        private var hasContentTypes = false
        /// The relationships of the package as a whole (ISO/IEC 29500-2, section 6.5).
        private var hasRelationships = false
        private var hasOfficePart = false
        /// JAR File Specification, "The META-INF directory".
        private var hasManifest = false
        private var hasClass = false
        private var hasAndroidManifest = false
        private var hasAndroidCode = false
        /// Where the entry `mimetype` is: the first one of the file, stored (OpenDocument 1.3, part 2, section 3.3; EPUB
        /// Open Container Format 3.3, section 4.3).
        private var typeEntry: ZipHeader?
        /// Entries that may be recordings, or hold some, apart from the media of an office document.
        private var mayHoldRecordings = false

        private static let officeFolders = ["word/", "xl/", "ppt/", "visio/", "docProps/"].map { Array($0.utf8) }
        private static let contentTypes = Array("[Content_Types].xml".utf8)
        private static let relationships = Array("_rels/.rels".utf8)
        private static let manifest = Array("META-INF/MANIFEST.MF".utf8)
        private static let androidManifest = Array("AndroidManifest.xml".utf8)
        private static let androidCode = ["classes.dex", "resources.arsc"].map { Array($0.utf8) }
        private static let mediaType = Array("mimetype".utf8)
        private static let classEnding = Array(".class".utf8)
        /// Endings, without their point, of what may be a recording or hold one.
        private static let recordingEndings: Set<String> = [
            "wav", "wave", "mp3", "mp2", "mpga", "ogg", "oga", "opus", "spx", "flac", "m4a", "m4b", "mp4", "aac", "amr",
            "awb", "gsm", "wma", "webm", "mka", "mkv", "au", "snd", "aif", "aiff", "aifc", "caf", "w64", "rf64", "ul",
            "ulaw", "al", "alaw", "raw", "pcm", "vox", "sln", "g722", "g729", "3gp", "zip", "tar", "tgz", "gz", "bz2",
            "xz", "zst", "lz4", "7z", "rar", "cab",
        ]

        init() {}

        mutating func see(_ entry: ZipHeader) {
            let name = entry.name
            if entry.offset == 0, entry.method == 0, !entry.isEncrypted, name == Self.mediaType { typeEntry = entry }
            isEmpty = false
            if name == Self.contentTypes { hasContentTypes = true }
            if name == Self.relationships { hasRelationships = true }
            if name == Self.manifest { hasManifest = true }
            if name == Self.androidManifest { hasAndroidManifest = true }
            if Self.androidCode.contains(name) { hasAndroidCode = true }
            // A look at one byte spares most names a longer one: a zip can have a million of them.
            if name.last == Self.classEnding.last, name.suffix(Self.classEnding.count).elementsEqual(Self.classEnding) {
                hasClass = true
            }
            if !mayHoldRecordings || !hasOfficePart { seePart(name) }
        }

        private mutating func seePart(_ name: [UInt8]) {
            let folder = Self.officeFolders.first { $0.first == name.first && name.starts(with: $0) }
            if folder != nil {
                hasOfficePart = true
            } else if !mayHoldRecordings {
                mayHoldRecordings = Self.isNamedLikeRecording(name)
            }
        }

        private static func isNamedLikeRecording(_ name: [UInt8]) -> Bool {
            guard let point = name.lastIndex(of: UInt8(ascii: ".")), name.count - point <= 6 else { return false }
            return recordingEndings.contains(String(decoding: name[(point + 1)...], as: UTF8.self).lowercased())
        }

        /// Which document it is; nil when it is an archive.
        func document(in file: ArchiveFile) throws(Failure) -> ZipDocument? {
            guard !isEmpty else { return nil }
            if hasAndroidManifest, hasAndroidCode { return .androidPackage }
            if hasManifest, hasClass || !mayHoldRecordings { return .javaArchive }
            guard !mayHoldRecordings else { return nil }
            if hasContentTypes, hasOfficePart || hasRelationships { return .officeOpenXML }
            guard let typeEntry else { return nil }
            return try Self.document(of: typeEntry, in: file)
        }

        /// By the media type that the entry `mimetype` holds.
        private static func document(of entry: ZipHeader, in file: ArchiveFile) throws(Failure) -> ZipDocument? {
            guard (1...256).contains(entry.size) else { return nil }
            let bytes = try file.bytes(at: 0, count: ZipHeader.longestLocal + 256)
            let local = bytes.withUnsafeBytes { ZipHeader(local: $0) }
            guard let local, local.name == mediaType else { return nil }
            let type = String(decoding: bytes.dropFirst(local.length).prefix(Int(entry.size)), as: UTF8.self)
            if type.hasPrefix("application/epub+zip") { return .epub }
            if type.hasPrefix("application/vnd.oasis.opendocument.") { return .openDocument }
            return type.hasPrefix("application/") ? .typed : nil
        }
    }
}
