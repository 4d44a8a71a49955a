import Recordings

/// Walks through the entries that libarchive finds and hands them on.
final class EntryReader<Target: MemberTarget> {
    private let lane: Target
    private let zeros = Buffer(64 << 10)
    /// The place of the next entry, directories counted.
    private var index = 0
    private(set) var findings = Findings()
    /// Called where an entry ended, with libarchive's position.
    var entryEnded: (Int64) -> Void = { _ in }
    /// Whether a member is whole once it has all of its bytes, even if the reader fails behind them: so it is in a tar, where
    /// only padding follows.
    var isWholeWithItsBytes = false
    /// Blocks that were no header, since the last entry.
    private(set) var badHeaders = 0
    /// What libarchive's words mean in this format.
    var meaning = EntryMeaning()
    /// What it means when an encrypted entry cannot be read.
    var encryption = ArchiveReport.Encryption.noPassphrase

    /// Entries that have been handed on, or passed over for good; directories counted.
    var position: Int { index }

    init(_ lane: Target) {
        self.lane = lane
        zeros.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    enum Ending {
        case end
        case fatal(String)
        case limit(String)
    }

    /// Damage between entries: there may be some that were not seen.
    func damage(_ text: String) { findings.damage(text, hidesEntries: true) }
    func noteEncryption() { findings.encryption = encryption }

    /// - Parameter known: how many entries another reader of the same archive has handed on before.
    /// - Throws: failures of the host only.
    func readEntries(_ archive: borrowing LibArchive, behind known: Int = 0) throws(Stop) -> Ending {
        do throws(Stop) {
            return try readAll(archive, behind: known)
        } catch {
            guard case .limit(let reason) = error else { throw error }
            findings.damage("reading stopped at a limit: \(reason)", hidesEntries: true)
            return .limit(reason)
        }
    }

    private func readAll(_ archive: borrowing LibArchive, behind known: Int) throws(Stop) -> Ending {
        var known = known
        var stuck = 0
        var position: Int64 = -1
        while true {
            let (status, entry) = try host { () throws(Failure) in try archive.nextEntry() }
            stuck = archive.position > position ? 0 : stuck + 1
            position = archive.position
            // One crafted file has libarchive return errors for ever.
            guard stuck < 100 else { return .fatal("the reader does not get on") }
            switch status {
            case .end:
                return .end
            case .retry, .failed:
                badHeaders += 1
            case .fatal(let reason):
                return .fatal(reason)
            case .ok, .warning:
                guard let entry else { return .fatal("the reader has no entry") }
                stuck = 0
                guard known == 0 else {
                    known -= 1
                    continue
                }
                if badHeaders > 0 { damage(badHeaderText) }
                badHeaders = 0
                if let reason = try read(entry, archive) { return .fatal(reason) }
                entryEnded(archive.position)
            }
        }
    }

    var badHeaderText: String {
        badHeaders == 1
            ? "one block that should be a header is none" : "\(badHeaders) blocks that should be headers are none"
    }

    /// Returns why nothing can be read behind this entry; nil when all is well.
    private func read(_ entry: LibArchiveEntry, _ archive: borrowing LibArchive) throws(Stop) -> String? {
        defer { index += 1 }
        guard let header = header(of: entry) else {
            findings.tally.count(.directory)
            return try skip(archive)
        }
        findings.tally.count(header.kind.entryKind)
        guard case .file = header.kind else {
            try lane.note(header, .whole)
            return try skip(archive)
        }
        let size = entry.sizeBytes
        if let size, !lane.budget.allowsMember(ofBytes: size) || size < 0 {
            let reason = size < 0 ? "its size is negative" : lane.budget.memberLimitMessage
            findings.tally.count(.refused(reason))
            try lane.note(header, .refused(reason))
            throw .limit("entry \(header.index) (\(header.name.text)): \(reason)")
        }
        return try readFile(header, declaredSize: size, isEncrypted: entry.isEncrypted, archive)
    }

    /// What an entry is told as; nil where it is a directory.
    private func header(of entry: LibArchiveEntry) -> MemberHeader? {
        let size = entry.sizeBytes ?? 0
        let bytes = meaning.name(entry.name ?? [])
        var header = MemberHeader(
            index: index,
            name: MemberName(bytes),
            kind: .file,
            modifiedAt: meaning.modifiedAt(entry.modifiedAt, ofEntryAt: index, size: size)
        )
        switch entry.kind {
        case .file, .unknown:
            // Some writers on Windows mark a directory by a backslash and by nothing else.
            if size == 0, bytes.last == UInt8(ascii: "\\"), entry.hardLink == nil { return nil }
            // A hard link can bring its bytes along (pax); then it is a file like any other.
            if let link = entry.hardLink, size == 0 { header.kind = .hardLink(to: MemberName(link)) }
        case .directory:
            return nil
        case .symbolicLink:
            header.kind = .special("a symbolic link to \(MemberName(entry.symbolicLink ?? []).text)")
        // What zip was given by a pipe has the type of a pipe, and is a file.
        case .device where size == 0: header.kind = .special("a device")
        case .fifo where size == 0: header.kind = .special("a named pipe")
        case .socket where size == 0: header.kind = .special("a socket")
        case .device, .fifo, .socket: break
        }
        return header
    }

    private func skip(_ archive: borrowing LibArchive) throws(Stop) -> String? {
        switch try host({ () throws(Failure) in try archive.skipData() }) {
        case .ok, .end, .warning, .retry, .failed: nil
        case .fatal(let reason): reason
        }
    }

    private func readFile(
        _ header: MemberHeader,
        declaredSize: Int64?,
        isEncrypted: Bool,
        _ archive: borrowing LibArchive
    ) throws(Stop) -> String? {
        try lane.begin(header)
        var size: Int64 = 0
        var emptyBlocks = 0
        var damage: String?
        while true {
            let (status, block) = try host { () throws(Failure) in try archive.nextBlock() }
            switch status {
            case .ok: break
            case .warning(let reason): damage = damage ?? reason
            case .end:
                if let declaredSize, size < declaredSize { try takeZeros(declaredSize - size, header, &size) }
                return try end(header, damage)
            case .retry(let reason), .failed(let reason):
                if !isEncrypted, block.bytes.isEmpty, case .retry = status { break }
                return try end(header, isEncrypted ? sealed(reason) : reason)
            case .fatal(let reason):
                if isWholeWithItsBytes, size == declaredSize {
                    _ = try end(header, damage)
                    return reason
                }
                let known = declaredSize.map { " of \($0)" } ?? ""
                let cut = "\(size)\(known) bytes could be read (\(reason))"
                _ = try end(header, isEncrypted ? sealed(cut) : cut)
                return reason
            }
            emptyBlocks = block.bytes.isEmpty ? emptyBlocks + 1 : 0
            guard emptyBlocks < 1000 else { return try end(header, "the reader goes on without any data") }
            guard !block.bytes.isEmpty else { continue }
            guard block.offset >= size else {
                return try end(header, "its parts overlap at byte \(block.offset)")
            }
            if block.offset > size { try takeZeros(block.offset - size, header, &size) }
            try checkMember(size + Int64(block.bytes.count), header)
            try lane.take(block.bytes)
            size += Int64(block.bytes.count)
        }
    }

    /// Why an encrypted entry cannot be read.
    private func sealed(_ reason: String) -> String {
        findings.encryption = encryption
        return "it is encrypted, \(encryption.reason) (\(reason))"
    }

    /// Ends a member; always nil, for what follows it can be read.
    private func end(_ header: MemberHeader, _ damage: String?) throws(Stop) -> String? {
        if let damage { findings.damage("entry \(header.index) (\(header.name.text)): \(damage)") }
        let outcome = damage.map { MemberOutcome.damaged($0) } ?? .whole
        findings.tally.count(outcome)
        try lane.end(outcome)
        return nil
    }

    /// A hole in a sparse file, as the zeros that it stands for.
    private func takeZeros(_ count: Int64, _ header: MemberHeader, _ size: inout Int64) throws(Stop) {
        try checkMember(size + count, header)
        var left = count
        while left > 0 {
            let part = Int(min(left, Int64(zeros.bytes.count)))
            try lane.take(UnsafeRawBufferPointer(rebasing: zeros.bytes[..<part]))
            left -= Int64(part)
        }
        size += count
    }

    private func checkMember(_ size: Int64, _ header: MemberHeader) throws(Stop) {
        guard !lane.budget.allowsMember(ofBytes: size) else { return }
        let reason = lane.budget.memberLimitMessage
        findings.tally.count(.refused(reason))
        try lane.end(.refused(reason))
        throw .limit("entry \(header.index) (\(header.name.text)): \(reason)")
    }
}

/// Runs a call whose failure is the host's.
func host<Value: ~Copyable>(_ body: () throws(Failure) -> Value) throws(Stop) -> Value {
    do { return try body() } catch { throw .failure(error) }
}
