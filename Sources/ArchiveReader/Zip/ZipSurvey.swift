import Foundation
import Recordings

/// What a first look at a zip says, before anything of it is read.
struct ZipSurvey {
    private(set) var directory: ZipDirectory?
    /// Entries in the directory.
    private(set) var count: Int64 = 0
    /// Which document it is; nil when it is an archive.
    private(set) var document: ZipDocument?
    /// An entry is encrypted or packed by a method that is not read here.
    private(set) var needsLibArchive = false
    /// What libarchive would pass over; only where it is to read the zip.
    private(set) var findings = Findings()
    /// Whether all of it was made where names have backslashes.
    private(set) var isMadeOnDOS = true
    /// What the directory says of the entries that libarchive finds, in the order in which it does: that of their places in the
    /// file. Only where it is to read the zip.
    private var entries: [Entry] = []

    private struct Entry {
        let offset: Int64
        let size: Int64
        let modifiedAt: Timestamp?
    }

    init(_ file: ArchiveFile, zone: TimeZone) throws(Failure) {
        guard let directory = try ZipDirectory.locate(in: file) else { return }
        self.directory = directory
        var cursor = ZipCursor(file, directory)
        var signs = ZipDocument.Signs()
        while let entry = try cursor.next() {
            needsLibArchive = needsLibArchive || !entry.isPlain
            isMadeOnDOS = isMadeOnDOS && entry.isMadeOnDOS
            signs.see(entry)
        }
        count = cursor.count
        document = try signs.document(in: file)
        if needsLibArchive, document == nil { try look(at: file, directory, zone) }
    }

    /// The second look, for libarchive's sake.
    private mutating func look(at file: ArchiveFile, _ directory: ZipDirectory, _ zone: TimeZone) throws(Failure) {
        var cursor = ZipCursor(file, directory)
        var covered = IntervalSet()
        covered.insert(directory.range.lowerBound..<directory.end)
        while let entry = try cursor.next() {
            if let range = entry.leastRange { covered.insert(range) }
            entries.append(.init(offset: entry.offset, size: entry.size, modifiedAt: entry.modifiedAt(in: zone)))
        }
        entries.sort { $0.offset < $1.offset }
        if let problem = cursor.problem { findings.damage(problem, hidesEntries: true) }
        let input = ZipInput(file)
        for gap in covered.gaps(upTo: file.sizeBytes) {
            guard try input.firstLocalHeader(in: gap) != nil else { continue }
            findings.damage("it has entries that are not in its directory", hidesEntries: true)
        }
    }

    /// When an entry was changed that libarchive has found; nil where that is not known, or the entry is another one.
    func modifiedAt(entryAt index: Int, size: Int64) -> Timestamp? {
        guard entries.indices.contains(index), entries[index].size == size else { return nil }
        return entries[index].modifiedAt
    }
}
