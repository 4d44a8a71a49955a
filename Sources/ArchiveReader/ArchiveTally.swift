/// What a reader saw in an archive, counted from the archive's own records before anything is handed on, kept or filtered:
/// the one side of the account that the rows of its members must agree with.
///
/// Archives in the archive are counted with ``open(_:standsForEntry:)``. However deep they are nested,
/// ``expectedRows`` is the number of rows that all of them together must come to, sidecars included:
///
///     rows = files + hard links + special entries − entries that their own content stands for
package struct ArchiveTally: Codable, Hashable, Sendable {
    package var directories = 0
    /// Regular files, those that are damaged or refused among them.
    package var files = 0
    package var hardLinks = 0
    /// Symbolic links, devices, pipes and sockets.
    package var specialEntries = 0
    /// Files that did not come out whole.
    package var damagedFiles = 0
    /// Files that were not read, or not to their end: over a limit, or in the place of others.
    package var refusedFiles = 0
    /// Archives and compressed files in the archive that were opened.
    package var openedArchives = 0
    /// Archives in the archive that were not opened: nested too deep.
    package var refusedArchives = 0
    /// Files that have no row of their own, because the rows of what is in them stand for them.
    package var replacedFiles = 0
    /// Whether the end of the archive was reached, with nothing between that may hide an entry: no cut, no header that
    /// cannot be read, no limit, and no other number of entries than the archive itself states. Only then can the count be
    /// relied on; a damaged file does not make it less final.
    package var isFinal = true

    package init() {}

    package enum EntryKind: Sendable {
        case directory, file, hardLink, special
    }

    /// Entries of every kind.
    package var entries: Int { directories + files + hardLinks + specialEntries }

    /// How many rows there must be: every entry but directories, and but those that their content stands for.
    package var expectedRows: Int { files + hardLinks + specialEntries - replacedFiles }

    mutating func count(_ kind: EntryKind) {
        switch kind {
        case .directory: directories += 1
        case .file: files += 1
        case .hardLink: hardLinks += 1
        case .special: specialEntries += 1
        }
    }

    mutating func count(_ outcome: MemberOutcome) {
        switch outcome {
        case .whole: break
        case .damaged: damagedFiles += 1
        case .refused: refusedFiles += 1
        }
    }

    /// Adds another tally, of another part of the same account.
    package mutating func add(_ other: ArchiveTally) {
        directories += other.directories
        files += other.files
        hardLinks += other.hardLinks
        specialEntries += other.specialEntries
        damagedFiles += other.damagedFiles
        refusedFiles += other.refusedFiles
        openedArchives += other.openedArchives
        refusedArchives += other.refusedArchives
        replacedFiles += other.replacedFiles
        isFinal = isFinal && other.isFinal
    }

    /// Adds what an archive held that is a file of this one.
    ///
    /// - Parameters:
    ///   - inner: the tally of its own report, with what was nested in it.
    ///   - standsForEntry: whether that file has no row of its own, because the rows of what it held stand for it.
    package mutating func open(_ inner: ArchiveTally, standsForEntry: Bool) {
        add(inner)
        openedArchives += 1
        if standsForEntry { replacedFiles += 1 }
    }

    /// Counts an archive that is a file of this one and was not opened.
    package mutating func refuseArchive() { refusedArchives += 1 }
}

extension MemberHeader.Kind {
    var entryKind: ArchiveTally.EntryKind {
        switch self {
        case .file: .file
        case .hardLink: .hardLink
        case .special: .special
        }
    }
}
