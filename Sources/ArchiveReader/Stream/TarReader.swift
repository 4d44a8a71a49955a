import Recordings

/// Reads a decoded tar, and says how it ended.
///
/// libarchive reads the entries. What it takes for a proper end and is none, is told here: a tar without its end mark,
/// a header that is damaged, several tars in a row. Where it gives up, another reader starts at the next header.
struct TarReader<Target: MemberTarget> {
    let lane: Target
    let feed: TarFeed

    func read() throws(Stop) -> Findings {
        let reader = EntryReader(lane)
        reader.isWholeWithItsBytes = true
        reader.entryEnded = { feed.entryEnded(at: feed.base + $0) }
        feed.entryEnded(at: 0)
        guard try host({ () throws(Failure) in try feed.startOver(from: 0) }) else {
            if !feed.hasEndMark { reader.damage("it has no entry that can be read") }
            return reader.findings
        }
        if feed.base > 0 { reader.damage("the first \(feed.base) bytes are damaged") }
        var findings: Findings
        while true {
            let (ending, position) = try readOnce(feed, reader)
            findings = reader.findings
            if case .limit = ending { return findings }
            guard case .fatal(let reason) = ending else { break }
            let header = feed.base
            if feed.isAtEnd, feed.hasEndMark { break }
            findings.damage(reason, hidesEntries: true)
            reader.damage(reason)
            let next = max(feed.base + position, header + Int64(TarBlock.size))
            guard try host({ () throws(Failure) in try feed.startOver(from: next) }) else { return findings }
        }
        note(&findings, feed, badHeaders: reader.badHeaders, reader.badHeaderText)
        return findings
    }

    private func readOnce(_ feed: TarFeed, _ reader: EntryReader<Target>) throws(Stop) -> (
        EntryReader<Target>.Ending, Int64
    ) {
        let archive = try host { () throws(Failure) in try LibArchive(feed) }
        guard case .ok = archive.support(.tar) else { return (.fatal("libarchive cannot read tar"), 0) }
        switch try host({ () throws(Failure) in try archive.open() }) {
        case .ok, .warning: break
        case .end: return (.end, archive.position)
        case .retry(let reason), .failed(let reason), .fatal(let reason): return (.fatal(reason), archive.position)
        }
        return (try reader.readEntries(archive), archive.position)
    }

    /// What the stream's end says.
    private func note(_ findings: inout Findings, _ feed: TarFeed, badHeaders: Int, _ text: String) {
        if feed.hasEndMark, feed.hasMoreBehindMark {
            findings.damage("another tar begins behind the end mark, and cannot be read", hidesEntries: true)
        }
        switch (feed.hasEndMark, badHeaders > 0) {
        case (true, true):
            findings.remark("\(badHeaders * TarBlock.size) bytes behind the end mark are no tar")
            findings.trailingBytes += Int64(badHeaders * TarBlock.size)
        case (true, false): break
        case (false, true): findings.damage(text, hidesEntries: true)
        case (false, false): findings.damage("the tar has no end mark: it may be cut", hidesEntries: true)
        }
    }
}
