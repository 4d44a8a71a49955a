import CLibArchive
import Foundation
import Recordings

/// What a call into libarchive came to. Each of its codes is one of these; nothing else goes on to look at a number.
enum LibArchiveStatus {
    case ok
    case end
    /// It worked, and something is wrong with it.
    case warning(String)
    /// It did not work; the next call may.
    case retry(String)
    /// This entry cannot be read; others may.
    case failed(String)
    /// The archive cannot be read on.
    case fatal(String)
}

/// Where libarchive draws its bytes from.
protocol LibArchiveFeed: AnyObject {
    /// The next bytes, valid until the next call; nil at the end.
    func next() throws(Failure) -> UnsafeRawBufferPointer?
    /// Goes to a place that the next bytes are to come from; nil where that is not possible.
    func seek(_ offset: Int64, _ whence: Int32) -> Int64?
}

/// A reader of libarchive, freed with its owner.
struct LibArchive: ~Copyable {
    private let handle: OpaquePointer
    /// Passed to the callbacks; lives as long as the handle.
    private let context: Context

    enum Format {
        case tar, zip, sevenZip, cab, rar, raw
        /// A zip by its local headers, where it has lost its directory.
        case streamedZip
    }

    enum Filter: String {
        case bzip2, xz, lz4, compress
    }

    private final class Context {
        let feed: any LibArchiveFeed
        /// What the host failed with inside a callback.
        var failure: Failure?

        init(_ feed: any LibArchiveFeed) { self.feed = feed }
    }

    init(_ feed: any LibArchiveFeed) throws(Failure) {
        guard let handle = archive_read_new() else {
            throw Failure(.fileSystem, "cannot start libarchive: there is not enough memory")
        }
        self.handle = handle
        context = Context(feed)
    }

    deinit { archive_read_free(handle) }

    /// Reads this one format and nothing else.
    func support(_ format: Format) -> LibArchiveStatus {
        switch format {
        case .tar:
            let status = status(archive_read_support_format_tar(handle))
            // Zero blocks in the middle are passed over, as `tar --ignore-zeros` does.
            archive_read_set_option(handle, "tar", "read_concatenated_archives", "1")
            return status
        case .zip: return status(archive_read_support_format_zip_seekable(handle))
        case .streamedZip: return status(archive_read_support_format_zip_streamable(handle))
        case .sevenZip: return status(archive_read_support_format_7zip(handle))
        case .cab: return status(archive_read_support_format_cab(handle))
        case .rar:
            guard case .ok = status(archive_read_support_format_rar(handle)) else {
                return status(ARCHIVE_FATAL)
            }
            return status(archive_read_support_format_rar5(handle))
        case .raw:
            archive_read_support_format_empty(handle)
            return status(archive_read_support_format_raw(handle))
        }
    }

    /// Undoes this one compression. A warning means that libarchive would start a program for it, which must not be.
    func support(_ filter: Filter) -> LibArchiveStatus {
        switch filter {
        case .bzip2: status(archive_read_support_filter_bzip2(handle))
        case .xz: status(archive_read_support_filter_xz(handle))
        case .lz4: status(archive_read_support_filter_lz4(handle))
        case .compress: status(archive_read_support_filter_compress(handle))
        }
    }

    /// Undoes LZMA as LZMA Utils write it.
    func supportLZMA() -> LibArchiveStatus { status(archive_read_support_filter_lzma(handle)) }

    func usePassphrase(_ passphrase: String) {
        archive_read_add_passphrase(handle, passphrase)
    }

    func open() throws(Failure) -> LibArchiveStatus {
        let pointer = Unmanaged.passUnretained(context).toOpaque()
        archive_read_set_callback_data(handle, pointer)
        archive_read_set_read_callback(handle) { _, data, target in
            guard let data, let target else { return -1 }
            let context = Unmanaged<Context>.fromOpaque(data).takeUnretainedValue()
            do throws(Failure) {
                let bytes = try context.feed.next()
                target.pointee = bytes?.baseAddress
                return la_ssize_t(bytes?.count ?? 0)
            } catch {
                context.failure = error
                return -1
            }
        }
        if context.feed.seek(0, SEEK_SET) != nil {
            archive_read_set_seek_callback(handle) { _, data, offset, whence in
                guard let data else { return la_int64_t(ARCHIVE_FATAL) }
                let context = Unmanaged<Context>.fromOpaque(data).takeUnretainedValue()
                return context.feed.seek(offset, whence) ?? la_int64_t(ARCHIVE_FATAL)
            }
        }
        return try checked(archive_read_open1(handle))
    }

    /// Goes to the next entry, which is valid until the next call.
    func nextEntry() throws(Failure) -> (LibArchiveStatus, LibArchiveEntry?) {
        var entry: OpaquePointer?
        let status = try checked(archive_read_next_header(handle, &entry))
        return (status, entry.map(LibArchiveEntry.init))
    }

    struct Block {
        let bytes: UnsafeRawBufferPointer
        /// Where the bytes stand in the member; what is left out before them is zero.
        let offset: Int64
    }

    /// The entry's next bytes, valid until the next call.
    func nextBlock() throws(Failure) -> (LibArchiveStatus, Block) {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        let status = try checked(archive_read_data_block(handle, &start, &count, &offset))
        let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
        return (status, Block(bytes: bytes, offset: offset))
    }

    func skipData() throws(Failure) -> LibArchiveStatus {
        try checked(archive_read_data_skip(handle))
    }

    /// Whether a compression is undone. libarchive hands on a stream as it is where it does not know it for what was allowed:
    /// the first bytes of one that is cut, or damaged there.
    var isUndoingCompression: Bool { archive_filter_count(handle) > 1 }

    /// How many bytes of the stream the format reader has used up.
    var position: Int64 { archive_filter_bytes(handle, 0) }

    /// How many bytes the outermost stage has used up.
    var inputPosition: Int64 { archive_filter_bytes(handle, -1) }

    /// Like ``status(_:)``, but what failed in the host comes out as what it is.
    private func checked(_ code: Int32) throws(Failure) -> LibArchiveStatus {
        if let failure = context.failure { throw failure }
        return status(code)
    }

    /// The one place where libarchive's codes are told apart (archive.h).
    private func status(_ code: Int32) -> LibArchiveStatus {
        switch code {
        case ARCHIVE_OK: .ok
        case ARCHIVE_EOF: .end
        case ARCHIVE_RETRY: .retry(message)
        case ARCHIVE_WARN: .warning(message)
        case ARCHIVE_FAILED: .failed(message)
        default: .fatal(message)
        }
    }

    private var message: String {
        // It can hold names and numbers of the archive.
        archive_error_string(handle).map { MemberName.shown(String(cString: $0)) } ?? "libarchive gives no reason"
    }
}

/// What libarchive says of an entry. Valid until the next entry is asked for.
struct LibArchiveEntry {
    private let entry: OpaquePointer

    init(_ entry: OpaquePointer) { self.entry = entry }

    enum Kind {
        case file, directory, symbolicLink, device, fifo, socket, unknown
    }

    /// The name's bytes; nil when libarchive could not make sense of it.
    var name: [UInt8]? { bytes(archive_entry_pathname(entry)) ?? bytes(archive_entry_pathname_utf8(entry)) }
    var hardLink: [UInt8]? { bytes(archive_entry_hardlink(entry)) ?? bytes(archive_entry_hardlink_utf8(entry)) }
    var symbolicLink: [UInt8]? { bytes(archive_entry_symlink(entry)) ?? bytes(archive_entry_symlink_utf8(entry)) }

    /// The declared size, in bytes; nil when it is not known.
    var sizeBytes: Int64? { archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : nil }

    var isEncrypted: Bool { archive_entry_is_encrypted(entry) != 0 }

    var modifiedAt: Timestamp? {
        guard archive_entry_mtime_is_set(entry) != 0 else { return nil }
        return .ofArchive(seconds: Int64(archive_entry_mtime(entry)), nanoseconds: Int(archive_entry_mtime_nsec(entry)))
    }

    /// The `AE_IF…` values of archive_entry.h, which are casts and so not visible here.
    var kind: Kind {
        switch archive_entry_filetype(entry) & 0o170000 {
        case 0o100000: .file
        case 0o040000: .directory
        case 0o120000: .symbolicLink
        case 0o020000, 0o060000: .device
        case 0o010000: .fifo
        case 0o140000: .socket
        default: .unknown
        }
    }

    private func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
        guard let text else { return nil }
        return Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }
}

extension Timestamp {
    /// A time from an archive; nil outside the years 1 to 9999, which no file time means.
    static func ofArchive(seconds: Int64, nanoseconds: Int = 0) -> Timestamp? {
        guard (-62_135_596_800..<253_402_300_800).contains(seconds) else { return nil }
        let milliseconds = (0..<1_000_000_000).contains(nanoseconds) ? nanoseconds / 1_000_000 : 0
        return Timestamp(secondsSinceEpoch: seconds).advanced(byMilliseconds: Int64(milliseconds))
    }
}
