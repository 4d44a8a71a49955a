import Recordings

extension ArchiveReader {
    /// Hands on the content of a compressed file as its one member.
    func read<Sink: MemberSink>(
        _ file: SingleFile,
        _ filters: [Compression],
        from source: any ByteSource,
        into sink: Sink,
        _ budget: Budget
    ) throws(Stop) -> Findings {
        let lane = try metered(sink, budget)
        let header = MemberHeader(
            index: 0,
            name: filters.reduce(file.name) { $0.withoutEnding(of: $1) },
            kind: .file,
            modifiedAt: file.modifiedAt,
            isSingleFile: true
        )
        let limit = try hand(header, from: source, to: lane)
        var findings = source.findings
        findings.filters = filters
        findings.isSingleFile = true
        // However it is damaged, it is one.
        findings.tally = ArchiveTally()
        findings.tally.count(.file)
        // The member itself says that it is damaged; nobody else is to be suspected.
        findings.isSuspect = false
        if let limit {
            findings.tally.count(.refused(limit))
            findings.damage("reading stopped at a limit: \(limit)", hidesEntries: true)
        } else {
            let outcome = findings.detail.map { MemberOutcome.damaged($0) } ?? .whole
            findings.tally.count(outcome)
            try lane.end(outcome)
        }
        return findings
    }

    /// Returns the limit that the content went over; nil when all of it was handed on. Its end is not told then.
    private func hand<Target: MemberTarget>(
        _ header: MemberHeader,
        from source: any ByteSource,
        to lane: Target
    ) throws(Stop) -> String? {
        let buffer = Buffer(128 << 10)
        var size: Int64 = 0
        do throws(Stop) {
            try lane.begin(header)
            while true {
                let count = try host { () throws(Failure) in try source.fill(buffer.bytes) }
                guard count > 0 else { return nil }
                size += Int64(count)
                guard lane.budget.allowsMember(ofBytes: size) else {
                    try lane.end(.refused(lane.budget.memberLimitMessage))
                    return lane.budget.memberLimitMessage
                }
                try lane.take(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
            }
        } catch {
            guard case .limit(let reason) = error else { throw error }
            return reason
        }
    }
}

extension MemberName {
    /// Whether it is the usual name of a compressed tar.
    var isNamedLikeTar: Bool {
        let stem = Compression.allCases.reduce(self) { $0.withoutEnding(of: $1) }.text.lowercased()
        return stem.hasSuffix(".tar") || [".tgz", ".tbz", ".tbz2", ".txz", ".tzst"].contains { stem.hasSuffix($0) }
    }
}
