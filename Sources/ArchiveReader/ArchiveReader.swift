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
        /// Takes the digest, where those who take the members have a part in it; nil when they have none.
        package var fingerprint: Fingerprint?

        package init() {}
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
        findings.damage("reading stopped at a limit: \(reason)")
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

    private func metered<Sink: MemberSink>(_ sink: Sink, _ budget: Budget) throws(Stop) -> MeteredLane<Sink.Lane> {
        MeteredLane(lane: try host { () throws(Failure) in try sink.makeLane() }, budget: budget, progress: progress)
    }

    private func readZip<Sink: MemberSink>(
        _ file: ArchiveFile,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let zip = try host { () throws(Failure) in try ZipDirectory.survey(file) }
        if zip.directory == nil, try host({ () throws(Failure) in try beginsEncrypted(file) }) {
            var findings = try readSeekable(file, .streamedZip, into: sink, budget)
            findings.damage(ZipWork.noDirectory)
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
        var findings = try readSeekable(file, .zip, into: sink, budget)
        findings.merge(zip.findings)
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
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let locale = UTF8Locale()
        defer { locale.restore() }
        let reader = EntryReader(try metered(sink, budget))
        reader.encryption = encryption(of: format)
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
            findings.damage(reason)
            findings.isUnreadable = findings.entries == 0
        }
        if reader.badHeaders > 0 { findings.damage("\(reader.badHeaders) entries cannot be read") }
        return findings
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

    /// A tar in whatever it is compressed with.
    private func readStream<Sink: MemberSink>(
        _ file: ArchiveFile,
        _ content: Content,
        into sink: Sink,
        _ budget: Budget,
        _ fingerprint: Fingerprint
    ) throws(Stop) -> Findings {
        defer { fingerprint.endHanding() }
        if content == .tar {
            let fansOut = options.lanes > 1
            let source = FileSource(
                file,
                progress,
                slots: slots(into: sink, fansOut: fansOut),
                bytes: Self.slotBytes(fansOut: fansOut),
                handingTo: fingerprint
            )
            return try readTar(source, fansOut: fansOut, into: sink, budget)
        }
        let source = FileSource(file, progress, slots: 0, bytes: 128 << 10, handingTo: fingerprint)
        return try readCompressed(source, content, into: sink, budget)
    }

    private func readCompressed<Sink: MemberSink>(
        _ file: sending FileSource,
        _ outermost: Content,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        var filters: [String] = []
        var source: any ByteSource = file
        var content = outermost
        // Of the outermost decoder that is still to be verified by who reads on.
        var check: GzipCheck?
        while true {
            let input = check.map { CheckedSource(source, $0) } ?? source
            let decoder: any ByteSource
            switch content {
            case .gzip where filters.count < 2:
                let next = GzipCheck()
                decoder = GzipSource(input, next)
                check = next
                filters.append("gzip")
            case .zstd where filters.count < 2:
                decoder = try host { () throws(Failure) in try ZstdSource(input) }
                check = nil
                filters.append("zstd")
            case .filtered(let filter) where filters.count < 2:
                decoder = try host { () throws(Failure) in try FilterSource(input, filter) }
                check = nil
                filters.append(filter.rawValue)
            case .tar:
                var findings =
                    Self.decodesFast(filters) && options.lanes > 1
                    ? try readDecoding(source, into: sink, budget)
                    : try readDecoded(source, check, into: sink, budget)
                findings.filters = filters
                return findings
            default:
                var findings = source.findings
                findings.filters = filters
                if content == .empty, findings.damageCount > 0 {
                    // Nothing came out, and it was said why: what is in it cannot be told.
                    findings.isUnreadable = true
                } else {
                    findings.unreadable(content.refusal(behind: filters))
                    findings.isNoArchive = true
                }
                return findings
            }
            let peeked = try host { () throws(Failure) in try PeekedSource(decoder, count: Content.headBytes) }
            content = Content(head: peeked.head)
            source = peeked
        }
    }

    /// A tar whose bytes are decoded on a thread of its own.
    private func readDecoded<Sink: MemberSink>(
        _ source: sending any ByteSource,
        _ check: GzipCheck?,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let ring = ByteRing(
            slots: slots(into: sink, fansOut: false),
            bytes: Self.slotBytes(fansOut: false),
            check: check
        )
        ring.start(source)
        return try readTar(ring, fansOut: false, into: sink, budget)
    }

    /// A tar that is decoded on the thread that reads it, and whose members several others take.
    private func readDecoding<Sink: MemberSink>(
        _ source: any ByteSource,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let slots = slots(into: sink, fansOut: true)
        let direct = DirectSource(source, slots: slots, bytes: Self.slotBytes(fansOut: true))
        return try readTar(direct, fansOut: true, into: sink, budget)
    }

    private func slots<Sink: MemberSink>(into sink: Sink, fansOut: Bool) -> Int {
        fansOut ? FanOut<Sink>.slots(lanes: options.lanes) : 8
    }

    /// Where decoding is quick, larger buffers save waking the next thread.
    private static func slotBytes(fansOut: Bool) -> Int { (fansOut ? 256 : 128) << 10 }

    private func readTar<Sink: MemberSink>(
        _ source: any SlotSource,
        fansOut: Bool,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let locale = UTF8Locale()
        defer { locale.restore() }
        let result: Result<Findings, Stop>
        do throws(Stop) {
            result = .success(try readTar(TarFeed(source), fansOut: fansOut, into: sink, budget))
        } catch {
            result = .failure(error)
        }
        let decoding = source.finish()
        var findings: Findings
        switch result {
        case .success(let own): findings = own
        case .failure(let stop): throw stop
        }
        findings.merge(decoding)
        findings.format = "tar"
        return findings
    }

    private func readTar<Sink: MemberSink>(
        _ feed: TarFeed,
        fansOut: Bool,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        guard fansOut else {
            return try TarReader(lane: try metered(sink, budget), feed: feed).read()
        }
        let lanes = FanOut(sink, lanes: options.lanes, budget: budget, progress: progress, hold: feed.hold)
        let result: Result<Findings, Stop>
        do throws(Stop) {
            result = .success(try TarReader(lane: lanes, feed: feed).read())
        } catch {
            result = .failure(error)
        }
        try lanes.finish()
        switch result {
        case .success(let findings): return findings
        case .failure(let stop): throw stop
        }
    }

    /// Whether members, not the decoding, are what takes the time.
    private static func decodesFast(_ filters: [String]) -> Bool {
        filters.allSatisfy { $0 == "zstd" || $0 == LibArchive.Filter.lz4.rawValue }
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

extension Content {
    /// Why it is not read, for people.
    func refusal(behind filters: [String]) -> String {
        let wrapping = filters.isEmpty ? "it is" : "behind \(filters.joined(separator: " and ")), it is"
        switch self {
        case .empty: return filters.isEmpty ? "the file is empty" : "\(wrapping) empty"
        case .rar: return "\(wrapping) a RAR archive, which is not read (limits.allow_rar is off)"
        case .zip, .sevenZip, .cab, .tar: return "\(wrapping) an archive that cannot be read compressed"
        case .gzip, .zstd, .filtered: return "\(wrapping) compressed more than twice"
        case .other(let name): return "\(wrapping) \(name), no archive"
        case .unknown: return "\(wrapping) no archive that is known"
        }
    }
}
