import CLibArchive
import Foundation
import Recordings

/// Undoes a compression with libarchive, which verifies the checksums that the format has.
final class FilterSource: ByteSource {
    private let feed: SourceFeed
    private let filter: LibArchive.Filter
    private let archive: LibArchive
    private var block = UnsafeRawBufferPointer(start: nil, count: 0)
    private var own = Findings()
    private var isEnded = false
    private var isStarted = false

    init(_ input: any ByteSource, _ filter: LibArchive.Filter) throws(Failure) {
        self.filter = filter
        feed = SourceFeed(input)
        archive = try LibArchive(feed)
    }

    var findings: Findings {
        var all = feed.source.findings
        all.merge(own)
        return all
    }

    func fill(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        if !isStarted { try start() }
        var done = 0
        while done < target.count {
            if block.isEmpty {
                guard !isEnded else { break }
                try readBlock()
            }
            let count = min(block.count, target.count - done)
            UnsafeMutableRawBufferPointer(rebasing: target[done...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: block[..<count])
            )
            block = UnsafeRawBufferPointer(rebasing: block[count...])
            done += count
        }
        return done
    }

    private func start() throws(Failure) {
        isStarted = true
        guard case .ok = archive.support(filter), case .ok = archive.support(.raw) else {
            own.unreadable("this build of libarchive cannot read \(filter.rawValue)")
            isEnded = true
            return
        }
        switch try archive.open() {
        case .ok where archive.isUndoingCompression, .warning where archive.isUndoingCompression: break
        case .ok, .warning: return fail("it does not begin as it should")
        case .end, .retry, .failed, .fatal: return fail("the \(filter.rawValue) data cannot be read")
        }
        switch try archive.nextEntry().0 {
        case .ok, .warning: break
        case .end: try finish()
        case .retry(let reason), .failed(let reason), .fatal(let reason): fail(reason)
        }
    }

    private func readBlock() throws(Failure) {
        let (status, next) = try archive.nextBlock()
        switch status {
        case .ok: block = next.bytes
        case .end: try finish()
        case .warning(let reason), .retry(let reason), .failed(let reason), .fatal(let reason): fail(reason)
        }
        emptyBlocks = block.isEmpty ? emptyBlocks + 1 : 0
        if emptyBlocks > 1000, !isEnded { fail("it goes on without any data") }
    }

    private var emptyBlocks = 0

    private func fail(_ reason: String) {
        own.isSuspect = true
        own.damage("the \(filter.rawValue) data is damaged or cut (\(reason))", hidesEntries: true)
        isEnded = true
    }

    /// libarchive ends a stream silently where the next one does not begin as it should: the rest must not go unseen.
    private func finish() throws(Failure) {
        isEnded = true
        let unread = try feed.drain() - archive.inputPosition
        guard unread > 0 else { return }
        own.trailingBytes += unread
        own.damage("\(unread) trailing bytes after the \(filter.rawValue) data", hidesEntries: true)
    }
}

/// Lets libarchive draw from a source.
final class SourceFeed: LibArchiveFeed {
    let source: any ByteSource
    private let buffer = Buffer(128 << 10)
    private var fed: Int64 = 0

    init(_ source: any ByteSource) { self.source = source }

    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        let bytes = try source.chunk(buffer.bytes)
        fed += Int64(bytes.count)
        return bytes.isEmpty ? nil : bytes
    }

    func seek(_ offset: Int64, _ whence: Int32) -> Int64? { nil }

    /// Draws the source dry and returns how many bytes it had in all.
    func drain() throws(Failure) -> Int64 {
        while try next() != nil {}
        return fed
    }
}

/// Lets libarchive read a file wherever it wants.
final class FileFeed: LibArchiveFeed {
    private let file: ArchiveFile
    private let progress: ReadProgress
    private let buffer = Buffer(128 << 10)
    private var offset: Int64 = 0

    init(_ file: ArchiveFile, _ progress: ReadProgress) {
        self.file = file
        self.progress = progress
    }

    func next() throws(Failure) -> UnsafeRawBufferPointer? {
        let count = try file.read(buffer.bytes, at: offset)
        offset += Int64(count)
        progress.didRead(Int64(count))
        return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    }

    func seek(_ target: Int64, _ whence: Int32) -> Int64? {
        let origin: Int64
        switch whence {
        case SEEK_SET: origin = 0
        case SEEK_CUR: origin = offset
        case SEEK_END: origin = file.sizeBytes
        default: return nil
        }
        let (place, overflow) = origin.addingReportingOverflow(target)
        guard !overflow, place >= 0 else { return nil }
        offset = place
        return place
    }
}
