import Recordings

/// Gathers a report while threads read.
struct Findings: Sendable {
    /// Reasons why the archive is not complete, the first few in words.
    private(set) var damages: [String] = []
    private(set) var damageCount = 0
    private(set) var remarks: [String] = []
    private(set) var isUnreadable = false
    var isNoArchive = false
    var isSuspect = false
    var isSingleFile = false
    var trailingBytes: Int64 = 0
    var tally = ArchiveTally()
    var statedEntries: Int64?
    var format: String?
    var filters: [Compression] = []
    var encryption: ArchiveReport.Encryption?

    /// - Parameter hidesEntries: whether there may be entries that were not seen because of it.
    mutating func damage(_ text: String, hidesEntries: Bool = false) {
        damageCount += 1
        if damages.count < 5, !damages.contains(text) { damages.append(text) }
        if hidesEntries { tally.isFinal = false }
    }

    mutating func remark(_ text: String) {
        if remarks.count < 5, !remarks.contains(text) { remarks.append(text) }
    }

    mutating func unreadable(_ text: String) {
        markUnreadable()
        damage(text)
    }

    mutating func markUnreadable() {
        isUnreadable = true
        tally.isFinal = false
    }

    /// Notes how many entries the archive says it has, and holds it against how many were seen.
    ///
    /// - Parameter name: of the place that says it.
    mutating func compare(with stated: Int64?, in name: String) {
        statedEntries = stated
        guard let stated, stated != Int64(tally.entries) else { return }
        damage("its \(name) says that it has \(stated) entries, and \(tally.entries) were found", hidesEntries: true)
    }

    mutating func merge(_ other: Findings) {
        for text in other.damages { damage(text) }
        damageCount += other.damageCount - other.damages.count
        for text in other.remarks { remark(text) }
        isUnreadable = isUnreadable || other.isUnreadable
        isNoArchive = isNoArchive || other.isNoArchive
        isSuspect = isSuspect || other.isSuspect
        isSingleFile = isSingleFile || other.isSingleFile
        trailingBytes += other.trailingBytes
        tally.add(other.tally)
        statedEntries = statedEntries ?? other.statedEntries
        format = format ?? other.format
        filters += other.filters
        encryption = encryption ?? other.encryption
    }

    /// The reasons, in words; nil when there are none.
    var detail: String? {
        guard damageCount > 0 else { return nil }
        let hidden = damageCount - damages.count
        return damages.joined(separator: "; ") + (hidden > 0 ? "; and \(hidden) more like that" : "")
    }

    func report(sizeBytes: Int64, sha256: Digest, unpackedBytes: Int64) -> ArchiveReport {
        ArchiveReport(
            state: isUnreadable ? .unreadable : damageCount > 0 ? .partial : .complete,
            detail: detail,
            remarks: remarks,
            format: format,
            filters: filters.map(\.rawValue),
            sizeBytes: sizeBytes,
            sha256: sha256,
            isNoArchive: isNoArchive,
            tally: tally,
            statedEntries: statedEntries,
            isSingleFile: isSingleFile,
            unpackedBytes: unpackedBytes,
            isSuspect: isSuspect,
            trailingBytes: trailingBytes,
            encryption: encryption
        )
    }
}
