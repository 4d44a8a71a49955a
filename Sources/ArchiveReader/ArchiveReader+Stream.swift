import Recordings

extension ArchiveReader {
    /// A tar in whatever it is compressed with.
    func readStream<Sink: MemberSink>(
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
        var filters: [Compression] = []
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
                filters.append(.gzip)
            case .zstd where filters.count < 2:
                decoder = try host { () throws(Failure) in try ZstdSource(input) }
                check = nil
                filters.append(.zstd)
            case .filtered(let filter) where filters.count < 2:
                decoder = try host { () throws(Failure) in try FilterSource(input, filter) }
                check = nil
                filters.append(filter.compression)
            case .tar:
                var findings =
                    Self.decodesFast(filters) && options.lanes > 1
                    ? try readDecoding(source, into: sink, budget)
                    : try readDecoded(source, check, into: sink, budget)
                findings.filters = filters
                return findings
            default:
                let isLost = content == .empty && source.findings.damageCount > 0
                if let singleFile = options.singleFile, !filters.isEmpty, !isLost {
                    let content = check.map { CheckedSource(source, $0) } ?? source
                    return try read(singleFile, filters, from: content, into: sink, budget)
                }
                var findings = source.findings
                findings.filters = filters
                if isLost {
                    // Nothing came out, and it was said why: what is in it cannot be told.
                    findings.markUnreadable()
                } else {
                    findings.unreadable(content.refusal(behind: filters))
                    findings.isNoArchive = true
                }
                return findings
            }
            let peeked = try host { () throws(Failure) in try PeekedSource(decoder, count: Content.headBytes) }
            content = self.content(of: peeked.head)
            source = peeked
        }
    }

    /// What has come out of a decoder. Where that may be a single file, it is not taken for more than it certainly is: audio
    /// without a header can begin as gzip does, and a short silence looks like a tar of nothing.
    private func content(of head: [UInt8]) -> Content {
        let content = Content(head: head)
        guard let singleFile = options.singleFile else { return content }
        switch content {
        case .gzip, .zstd, .filtered: return Self.kindOfArchive(head: head) == nil ? .unknown : content
        case .tar where TarBlock.isEmptyArchive(head): return singleFile.name.isNamedLikeTar ? .tar : .unknown
        default: return content
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
    private static func decodesFast(_ filters: [Compression]) -> Bool {
        filters.allSatisfy { $0 == .zstd || $0 == .lz4 }
    }
}

extension Content {
    /// Why it is not read, for people.
    func refusal(behind filters: [Compression]) -> String {
        let wrapping = filters.isEmpty ? "it is" : "behind \(filters.map(\.rawValue).joined(separator: " and ")), it is"
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
