import Crypto
package import Foundation
package import Recordings

/// Reads an archive, whatever it is, and hands its members to a sink as their bytes come.
///
/// What it is, is told by its content, never by its name: tar, zip, 7z or cab, in up to two of gzip, bzip2, xz, zstd, lz4
/// and compress. Nothing is written anywhere, and names are only data. All of it happens on the calling thread and a
/// few of its own, which have ended when it returns.
package struct ArchiveReader: Sendable {
    package struct Options: Sendable {
        package var limits = ArchiveLimits()
        /// For encrypted zip entries.
        package var passphrase: String?
        /// The zone of times that formats give without one (zip, where it has no other).
        package var timeZone = TimeZone.gmt
        /// How many members of a zip are read at the same time.
        package var lanes = 2
        /// Whether RAR archives are read as well. libarchive's reader for them is not to be trusted with just anything.
        package var allowsRAR = false
        /// The file's digest, where it is known: then it is not taken again.
        package var sha256: Recordings.Digest?
        /// Has a compressed file that holds no archive handed on as the one file that it holds, damaged if its checksum does
        /// not match. Nil: such a file is no archive, and nothing of it is handed on.
        package var singleFile: SingleFile?
        /// Takes the digest, where those who take the members have a part in it; nil when they have none.
        package var fingerprint: Fingerprint?

        package init() {}
    }

    /// What is known of a compressed file from outside of it.
    package struct SingleFile: Sendable {
        /// Its own name. What it holds is named so, without the endings that its compressions add.
        package var name: MemberName
        package var modifiedAt: Timestamp?

        package init(name: MemberName, modifiedAt: Timestamp? = nil) {
            self.name = name
            self.modifiedAt = modifiedAt
        }
    }

    let options: Options
    let progress: ReadProgress

    package init(_ options: Options = Options(), progress: ReadProgress = ReadProgress()) {
        self.options = options
        self.progress = progress
    }

    /// - Throws: what the sink throws, and `Failure` when the file cannot be read. That an archive is damaged, cut, too
    ///   large or no archive at all is no error: the report says it.
    package func read(_ path: String, into sink: some MemberSink) throws(Failure) -> ArchiveReport {
        let file = try ArchiveFile(path)
        let fingerprint = options.fingerprint ?? Fingerprint()
        fingerprint.start(file, known: options.sha256, following: progress)
        let budget = Budget(options.limits, progress)
        let findings: Findings
        do throws(Stop) {
            findings = try read(file, into: sink, budget, fingerprint)
        } catch {
            switch error {
            case .failure(let failure):
                fingerprint.abandon()
                throw failure
            case .limit(let reason):
                findings = limited(reason)
            }
        }
        return findings.report(
            sizeBytes: file.sizeBytes,
            sha256: try fingerprint.digest(),
            unpackedBytes: budget.totalBytes
        )
    }

    private func limited(_ reason: String) -> Findings {
        var findings = Findings()
        findings.damage("reading stopped at a limit: \(reason)", hidesEntries: true)
        return findings
    }

    private func read<Sink: MemberSink>(
        _ file: ArchiveFile,
        into sink: Sink,
        _ budget: Budget,
        _ fingerprint: Fingerprint
    ) throws(Stop) -> Findings {
        let head = try host { () throws(Failure) in try file.bytes(at: 0, count: Content.headBytes) }
        let content = Content(head: head)
        switch content {
        case .zip:
            return try readZip(file, into: sink, budget)
        case .sevenZip:
            return try readSeekable(file, .sevenZip, into: sink, budget)
        case .cab:
            return try readSeekable(file, .cab, into: sink, budget)
        case .rar where options.allowsRAR:
            return try readSeekable(file, .rar, into: sink, budget)
        case .unknown, .other:
            // A program that unpacks itself is a zip behind a program.
            if try host({ () throws(Failure) in try ZipDirectory.locate(in: file) }) != nil {
                return try readZip(file, into: sink, budget)
            }
            return try readStream(file, content, into: sink, budget, fingerprint)
        case .empty, .tar, .gzip, .zstd, .filtered, .rar:
            return try readStream(file, content, into: sink, budget, fingerprint)
        }
    }

    func metered<Sink: MemberSink>(_ sink: Sink, _ budget: Budget) throws(Stop) -> MeteredLane<Sink.Lane> {
        MeteredLane(lane: try host { () throws(Failure) in try sink.makeLane() }, budget: budget, progress: progress)
    }

    private func readZip<Sink: MemberSink>(
        _ file: ArchiveFile,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let zip = try host { () throws(Failure) in try ZipSurvey(file, zone: options.timeZone) }
        if let document = zip.document {
            var findings = Findings()
            findings.unreadable("it is \(document), not an archive")
            findings.isNoArchive = true
            return findings
        }
        if zip.directory == nil, try host({ () throws(Failure) in try beginsEncrypted(file) }) {
            var findings = try readSeekable(file, .streamedZip, into: sink, budget)
            findings.damage(ZipWork.noDirectory, hidesEntries: true)
            return findings
        }
        guard zip.needsLibArchive else {
            return try ZipReader(
                file: file,
                directory: zip.directory,
                sink: sink,
                budget: budget,
                options: options,
                progress: progress
            ).read()
        }
        var findings = try readSeekable(file, .zip, into: sink, budget, zip)
        findings.merge(zip.findings)
        if zip.findings.damageCount == 0 { findings.compare(with: zip.count, in: "directory") }
        return findings
    }

    /// Whether one of the first entries of a zip without a directory is encrypted: folders may stand before it.
    private func beginsEncrypted(_ file: ArchiveFile) throws(Failure) -> Bool {
        let input = ZipInput(file, window: 2 * ZipHeader.longestLocal)
        var place: Int64 = 0
        for _ in 0..<64 {
            let bytes = try input.bytes(at: place, atLeast: ZipHeader.longestLocal)
            guard let local = ZipHeader(local: bytes) else { return false }
            if local.isEncrypted { return true }
            guard !local.hasDescriptor, !local.isAbsurd, local.packedSize < file.sizeBytes else { return false }
            place += Int64(local.length) + local.packedSize
        }
        return false
    }

    /// How often an archive is opened again behind an entry that libarchive gives up at.
    private static let mostResumptions = 100

    private func readSeekable<Sink: MemberSink>(
        _ file: ArchiveFile,
        _ format: LibArchive.Format,
        into sink: Sink,
        _ budget: Budget,
        _ zip: ZipSurvey? = nil
    ) throws(Stop) -> Findings {
        let locale = UTF8Locale()
        defer { locale.restore() }
        let reader = EntryReader(try metered(sink, budget))
        reader.encryption = encryption(of: format)
        reader.meaning = EntryMeaning(of: format, zip, options.timeZone)
        var ending = EntryReader<MeteredLane<Sink.Lane>>.Ending.end
        for _ in 0...Self.mostResumptions {
            let known = reader.position
            ending = try readOnce(file, format, reader)
            // What is damaged in one entry need not be in the next: another reader goes on behind it.
            guard case .fatal = ending, reader.position > known else { break }
        }
        var findings = reader.findings
        findings.format = format.name
        if case .fatal(let reason) = ending {
            findings.damage(reason, hidesEntries: true)
            if findings.tally.entries == 0 { findings.markUnreadable() }
        }
        if reader.badHeaders > 0 {
            findings.damage("\(reader.badHeaders) entries cannot be read", hidesEntries: true)
        }
        if case .end = ending { try compareCount(&findings, of: format, file) }
        return findings
    }

    /// Holds what was read against the number that the format's own header gives.
    private func compareCount(
        _ findings: inout Findings,
        of format: LibArchive.Format,
        _ file: ArchiveFile
    ) throws(Stop) {
        switch format {
        case .sevenZip:
            let stated = try host { () throws(Failure) in try SevenZipHeader.entryCount(file) }
            findings.compare(with: stated, in: "header")
        case .cab:
            // CFHEADER.cFiles (MS-CAB, section 2.1).
            let head = try host { () throws(Failure) in try file.bytes(at: 0, count: 36) }
            findings.compare(with: head.count == 36 ? head.withUnsafeBytes { Int64($0.u16(28)) } : nil, in: "header")
        case .tar, .zip, .rar, .raw, .streamedZip:
            break
        }
    }

    private func readOnce<Target: MemberTarget>(
        _ file: ArchiveFile,
        _ format: LibArchive.Format,
        _ reader: EntryReader<Target>
    ) throws(Stop) -> EntryReader<Target>.Ending {
        let archive = try host { () throws(Failure) in try LibArchive(FileFeed(file, progress)) }
        guard case .ok = archive.support(format) else { return .fatal("libarchive cannot read this format") }
        if let passphrase = options.passphrase { archive.usePassphrase(passphrase) }
        var ending = EntryReader<Target>.Ending.end
        switch try host({ () throws(Failure) in try archive.open() }) {
        case .ok, .warning: ending = try reader.readEntries(archive, behind: reader.position)
        case .end: break
        case .retry(let reason), .failed(let reason), .fatal(let reason): ending = .fatal(reason)
        }
        // The directory itself can be encrypted, and then there is no entry that could be said to be.
        guard case .fatal(let reason) = ending, reader.position == 0, format == .sevenZip,
            try host({ () throws(Failure) in try SevenZipHeader.isEncrypted(file) })
        else { return ending }
        reader.noteEncryption()
        return .fatal("it is encrypted, \(reader.encryption.reason) (\(reason))")
    }

    private func encryption(of format: LibArchive.Format) -> ArchiveReport.Encryption {
        guard format == .zip || format == .streamedZip else { return .notSupported }
        return options.passphrase == nil ? .noPassphrase : .notOpened
    }
}

extension LibArchive.Format {
    var name: String {
        switch self {
        case .tar: "tar"
        case .zip, .streamedZip: "zip"
        case .sevenZip: "7z"
        case .cab: "cab"
        case .rar: "rar"
        case .raw: "raw"
        }
    }
}
