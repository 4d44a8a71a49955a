import Crypto
package import Foundation

/// Bytes that can be served: a file that is read when asked for, or bytes in memory.
package enum Content: Hashable, Sendable {
    case file(path: String)
    case bytes(Data)
}

/// What is known of a content without reading it.
struct ContentFacts: Hashable, Sendable {
    var size: Int64
    var modified: Date
    /// A strong validator (RFC 9110, section 8.8.1): it changes with size and modification time, or with the bytes.
    var etag: String
}

extension Content {
    /// Nil when the file is not there, or is no regular file.
    func facts() -> ContentFacts? {
        switch self {
        case .bytes(let data):
            let tag = SHA256.hash(data: data).prefix(8).map { String($0, radix: 16) }.joined()
            return ContentFacts(
                size: Int64(data.count),
                modified: Date(timeIntervalSince1970: 1_522_900_800),
                etag: "\"\(tag)\""
            )
        case .file(let path):
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                attributes[.type] as? FileAttributeType == .typeRegular,
                let size = attributes[.size] as? NSNumber, let modified = attributes[.modificationDate] as? Date
            else { return nil }
            let stamp = Int64((modified.timeIntervalSince1970 * 1_000_000).rounded())
            return ContentFacts(
                size: size.int64Value,
                modified: modified,
                etag: "\"\(String(size.int64Value, radix: 16))-\(String(stamp, radix: 16))\""
            )
        }
    }

    /// Bytes; nil when the file is not there. A fraction of the time of ``facts()``, for lists of many.
    var size: Int64? {
        switch self {
        case .bytes(let data): Int64(data.count)
        case .file(let path): (try? FileHandle(forReadingAtPath: path)?.seekToEnd()).map { Int64($0) }
        }
    }

    /// SHA-256 of all bytes, read in pieces.
    func sha256() throws -> Data {
        var hash = SHA256()
        var reader = try ContentReader(self, offset: 0, length: facts()?.size ?? 0)
        while let piece = try reader.next() { hash.update(data: piece) }
        return Data(hash.finalize())
    }

    /// The media type that the extension of a name promises.
    static func mediaType(ofName name: String) -> String {
        switch name.lowercased().split(separator: ".").last {
        case "mp3": "audio/mpeg"
        case "wav": "audio/wav"
        case "ogg", "opus": "audio/ogg"
        case "flac": "audio/flac"
        case "zip": "application/zip"
        case "gz", "tgz": "application/gzip"
        case "tar": "application/x-tar"
        case "csv": "text/csv"
        case "json": "application/json"
        case "sha256", "sha1", "md5", "txt": "text/plain"
        default: "application/octet-stream"
        }
    }
}

/// Reads a part of a content in pieces of at most 256 KiB.
struct ContentReader {
    private enum Source {
        case handle(FileHandle)
        case data(Data)
    }

    private static let pieceSize: Int64 = 256 * 1024
    private var source: Source
    private var rest: Int64

    /// - throws: what opening or seeking throws.
    init(_ content: Content, offset: Int64, length: Int64) throws {
        rest = length
        switch content {
        case .bytes(let data):
            source = .data(Data(data.dropFirst(Int(offset))))
        case .file(let path):
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            if offset > 0 { try handle.seek(toOffset: UInt64(offset)) }
            source = .handle(handle)
        }
    }

    mutating func next() throws -> Data? {
        let wanted = Int(min(rest, Self.pieceSize))
        guard wanted > 0 else { return nil }
        let piece: Data
        switch source {
        case .data(let data):
            piece = data.prefix(wanted)
            source = .data(data.dropFirst(wanted))
        case .handle(let handle):
            piece = try handle.read(upToCount: wanted) ?? Data()
        }
        guard !piece.isEmpty else { return nil }
        rest -= Int64(piece.count)
        return piece
    }
}
