import Recordings

/// Reads entries of a zip on one thread.
final class ZipLane<Lane: MemberLane> {
    private let lane: MeteredLane<Lane>
    private let input: ZipInput
    private let inflater: Inflater
    private let work: ZipWork
    private let options: ArchiveReader.Options

    init(
        _ lane: MeteredLane<Lane>,
        _ file: ArchiveFile,
        _ work: ZipWork,
        _ options: ArchiveReader.Options
    ) {
        self.lane = lane
        self.work = work
        self.options = options
        input = ZipInput(file)
        inflater = Inflater(lane.progress)
    }

    // MARK: Entries of the directory

    func read(_ job: ZipWork.Job) throws(Stop) {
        let header = job.header
        var member = header.memberHeader(job.index, zone: options.timeZone)
        if let refusal = job.refusal {
            return try giveUp(header, as: member, for: refusal, .refused(refusal))
        }
        let bytes = try host { () throws(Failure) in try input.bytes(at: header.offset, atLeast: ZipHeader.localLength)
        }
        let length = bytes.count < ZipHeader.localLength ? 0 : ZipHeader.localLength + bytes.u16(26) + bytes.u16(28)
        let whole = try host { () throws(Failure) in try input.bytes(at: header.offset, atLeast: length) }
        guard let local = ZipHeader(local: whole) else {
            let reason = "there is no local header where the directory says"
            return try giveUp(header, as: member, for: reason, .damaged(reason))
        }
        if let disagreement = header.disagreement(with: local) {
            tell(member, disagreement)
        }
        // Some writers give the moment in one of the two headers only.
        if header.utcTime == nil, let time = local.utcTime { member.modifiedAt = time }
        lane.progress.didRead(Int64(local.length))
        let end = try read(header, local, member, from: header.offset + Int64(local.length))
        work.cover(header.offset..<end)
    }

    /// Reads what an entry holds and returns where it ends.
    private func read(
        _ header: ZipHeader,
        _ local: ZipHeader,
        _ member: MemberHeader,
        from start: Int64
    ) throws(Stop) -> Int64 {
        // Nothing is longer than the file; this also keeps sums within bounds.
        let packedSize = min(header.packedSize(besides: local), input.file.sizeBytes)
        if header.isDirectory { return start + packedSize }
        guard case .file = member.kind else {
            try lane.note(member, .whole)
            return start + packedSize
        }
        try checkDeclared(header.size, member)
        try lane.begin(member)
        let outcome = try unpack(header.method, member, from: start, upTo: start + packedSize)
        var packedEnd = start + packedSize
        if outcome.problem == nil, outcome.end < packedEnd {
            if header.packedSize == local.packedSize || local.hasDescriptor {
                tell(member, "bytes stand behind its data")
            }
            packedEnd = outcome.end
        }
        var stated = [(crc: header.crc, size: header.size)]
        if !local.hasDescriptor { stated.append((local.crc, local.size)) }
        var end = packedEnd
        if local.hasDescriptor || header.hasDescriptor,
            let descriptor = try host({ () throws(Failure) in try descriptor(at: packedEnd, behind: start) })
        {
            stated.append((descriptor.crc, descriptor.size))
            end = descriptor.end
        }
        try self.end(member, outcome, stated)
        return end
    }

    // MARK: Entries that are in no directory

    /// Looks for entries in every part of the file that no entry covers.
    func walkGaps(fileSize: Int64) throws(Stop) {
        for gap in work.gaps(upTo: fileSize) {
            var place = gap.lowerBound
            while place < gap.upperBound {
                let rest = place..<gap.upperBound
                let start = try host { () throws(Failure) in try input.firstLocalHeader(in: rest) }
                guard let start else { break }
                // What it seems to hold can reach into the entries behind the gap; the search goes on in the gap.
                place = try readStray(at: start, before: gap.upperBound)
            }
        }
        work.note { findings in
            if findings.tally.entries == 0, findings.damageCount > 0 { findings.markUnreadable() }
        }
    }

    /// Reads an entry by its local header and returns where to look on.
    private func readStray(at place: Int64, before limit: Int64) throws(Stop) -> Int64 {
        let fixed = try host { () throws(Failure) in try input.bytes(at: place, atLeast: ZipHeader.localLength) }
        let length = ZipHeader.localLength + fixed.u16(26) + fixed.u16(28)
        let bytes = try host { () throws(Failure) in try input.bytes(at: place, atLeast: length) }
        guard let local = ZipHeader(local: bytes) else { return place + 4 }
        let isDirectory = local.isPlain && !local.isAbsurd && local.isDirectory && local.packedSize == 0
        let member = local.memberHeader(work.nextIndex(isDirectory ? .directory : .file), zone: options.timeZone)
        work.note { $0.damage("entry \(member.index) (\(member.name.text)) is not in the directory") }
        let start = place + Int64(local.length)
        guard local.isPlain, !local.isAbsurd else {
            if local.isEncrypted {
                work.note { $0.encryption = options.passphrase == nil ? .noPassphrase : .notOpened }
            }
            try damage(member, local.isEncrypted ? "it is encrypted" : "it is packed by method \(local.method)")
            return start
        }
        guard !isDirectory else { return start }
        try checkDeclared(local.size, member)
        try lane.begin(member)
        guard local.hasDescriptor else {
            let end = min(limit, start + min(local.packedSize, limit))
            var outcome = try unpack(local.method, member, from: start, upTo: end)
            if local.packedSize > limit - start, outcome.problem == nil { outcome.problem = "its data is cut" }
            try self.end(member, outcome, [(local.crc, local.size)])
            return max(outcome.end, end)
        }
        return try readStreamed(local, member, from: start, before: limit)
    }

    /// An entry whose size nobody knows before its end.
    private func readStreamed(
        _ local: ZipHeader,
        _ member: MemberHeader,
        from start: Int64,
        before limit: Int64
    ) throws(Stop) -> Int64 {
        var outcome: Inflater.Outcome
        var stated: ZipDescriptor?
        if local.method == 8 {
            outcome = try unpack(8, member, from: start, upTo: limit)
            stated = try host { () throws(Failure) in try descriptor(at: outcome.end, behind: start) }
        } else {
            (outcome, stated) = try unpackStored(member, from: start, before: limit)
        }
        if stated == nil, outcome.problem == nil { outcome.problem = "its checksum is cut off" }
        try end(member, outcome, [(stated?.crc ?? outcome.crc, stated?.size ?? outcome.size)])
        return stated?.end ?? outcome.end
    }

    /// Stored data ends where a descriptor stands that fits it.
    private func unpackStored(
        _ member: MemberHeader,
        from start: Int64,
        before limit: Int64
    ) throws(Stop) -> (Inflater.Outcome, ZipDescriptor?) {
        var outcome = Inflater.Outcome(end: start)
        var searched = start
        var size: Int64 = 0
        while true {
            let rest = min(searched, limit)..<limit
            let place = try host { () throws(Failure) in try firstDescriptor(in: rest) }
            try inflater.copy(input, outcome.end, upTo: place ?? limit, into: &outcome) { bytes throws(Stop) in
                try self.take(bytes, member, before: size)
                size += Int64(bytes.count)
            }
            guard let place, outcome.problem == nil else { return (outcome, nil) }
            let found = try host { () throws(Failure) in try descriptor(at: place, behind: start) }
            if let found, found.crc == outcome.crc, found.size == outcome.size { return (outcome, found) }
            searched = place + 1
        }
    }

    // MARK: Data

    private func unpack(
        _ method: Int,
        _ member: MemberHeader,
        from start: Int64,
        upTo end: Int64
    ) throws(Stop) -> Inflater.Outcome {
        var size: Int64 = 0
        let take: (UnsafeRawBufferPointer) throws(Stop) -> Void = { bytes throws(Stop) in
            try self.take(bytes, member, before: size)
            size += Int64(bytes.count)
        }
        if method == 8 { return try inflater.inflate(input, start, before: end, take: take) }
        var outcome = Inflater.Outcome(end: start)
        try inflater.copy(input, start, upTo: end, into: &outcome, take: take)
        return outcome
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ member: MemberHeader, before size: Int64) throws(Stop) {
        guard lane.budget.allowsMember(ofBytes: size + Int64(bytes.count)) else {
            let reason = lane.budget.memberLimitMessage
            try end(.refused(reason))
            throw .limit("entry \(member.index) (\(member.name.text)): \(reason)")
        }
        try lane.take(bytes)
    }

    /// Ends a member whose checksum and size are stated in one place or in several: one that fits is enough for the bytes,
    /// and any that does not is told.
    private func end(
        _ member: MemberHeader,
        _ outcome: Inflater.Outcome,
        _ stated: [(crc: UInt32, size: Int64)]
    ) throws(Stop) {
        var problem = outcome.problem
        if problem != nil {
            problem = problem.map { "\($0) behind \(outcome.size) of \(stated.first?.size ?? 0) bytes" }
        } else if !stated.contains(where: { $0.crc == outcome.crc }) {
            problem = "its checksum (CRC-32) does not match"
        } else if let wrong = stated.first(where: { $0.crc != outcome.crc || $0.size != outcome.size }) {
            let what = wrong.crc == outcome.crc ? "size" : "checksum"
            tell(member, "its \(what) is stated wrongly in one place")
        }
        if let problem { tell(member, problem) }
        try end(problem.map { .damaged($0) } ?? .whole)
    }

    private func end(_ outcome: MemberOutcome) throws(Stop) {
        if outcome != .whole { work.note { $0.tally.count(outcome) } }
        try lane.end(outcome)
    }

    // MARK: Without data

    private func tell(_ member: MemberHeader, _ problem: String) {
        work.note { $0.damage("entry \(member.index) (\(member.name.text)): \(problem)") }
    }

    private func checkDeclared(_ size: Int64, _ member: MemberHeader) throws(Stop) {
        guard !lane.budget.allowsMember(ofBytes: size) else { return }
        try reject(member, lane.budget.memberLimitMessage)
        throw .limit("entry \(member.index) (\(member.name.text)): \(lane.budget.memberLimitMessage)")
    }

    /// What keeps an entry of the directory from being read at all. A folder is no member, whatever is wrong with it.
    private func giveUp(
        _ header: ZipHeader,
        as member: MemberHeader,
        for reason: String,
        _ outcome: MemberOutcome
    ) throws(Stop) {
        tell(member, reason)
        guard !header.isDirectory else { return }
        try lane.begin(member)
        try end(outcome)
    }

    private func reject(_ member: MemberHeader, _ reason: String) throws(Stop) {
        tell(member, reason)
        try lane.begin(member)
        try end(.refused(reason))
    }

    private func damage(_ member: MemberHeader, _ reason: String) throws(Stop) {
        tell(member, reason)
        try lane.begin(member)
        try end(.damaged(reason))
    }

    // MARK: Descriptors

    private func descriptor(at place: Int64, behind start: Int64) throws(Failure) -> ZipDescriptor? {
        ZipDescriptor(try input.bytes(at: place, atLeast: 24), at: place, packed: place - start)
    }

    private func firstDescriptor(in range: Range<Int64>) throws(Failure) -> Int64? {
        var place = range.lowerBound
        while place + 4 <= range.upperBound {
            let bytes = try input.bytes(at: place, atLeast: 4)
            let count = Int(min(range.upperBound - place, Int64(bytes.count)))
            guard count >= 4 else { return nil }
            for index in 0..<count - 3 where bytes[index] == 0x50 && bytes.u32(index) == ZipSignature.descriptor {
                return place + Int64(index)
            }
            place += Int64(count - 3)
        }
        return nil
    }
}

/// Checksum and sizes behind an entry's data (APPNOTE 6.3.10, section 4.3.9).
struct ZipDescriptor {
    let crc: UInt32
    let size: Int64
    let end: Int64

    /// It may have a signature or not, and numbers of 32 or 64 bits; that the packed size fits, tells which.
    init?(_ bytes: UnsafeRawBufferPointer, at place: Int64, packed: Int64) {
        for signed in [true, false] {
            let start = signed ? 4 : 0
            if signed, bytes.count < 4 || bytes.u32(0) != ZipSignature.descriptor { continue }
            if bytes.count >= start + 20, bytes.u64(start + 4) == packed, let size = bytes.u64(start + 12) {
                (self.crc, self.size, end) = (UInt32(bytes.u32(start)), size, place + Int64(start + 20))
                return
            }
            if bytes.count >= start + 12, bytes.u32(start + 4) == packed & 0xffff_ffff {
                (self.crc, self.size) = (UInt32(bytes.u32(start)), bytes.u32(start + 8))
                end = place + Int64(start + 12)
                return
            }
        }
        return nil
    }
}
