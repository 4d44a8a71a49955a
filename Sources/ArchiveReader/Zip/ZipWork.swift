import Recordings
import Synchronization

/// What the threads that read a zip share: which entry is next, and what was found.
final class ZipWork: Sendable {
    /// An entry to be read.
    struct Job: Sendable {
        let index: Int
        let header: ZipHeader
        /// Why it is not to be read; nil when it is.
        let refusal: String?
    }

    private struct State: Sendable {
        // Guarded by the mutex it lies in; the cursor's window is never used outside of it.
        nonisolated(unsafe) var cursor: ZipCursor?
        var index = 0
        /// What entries cover by the directory, in its order: tells overlapping ones.
        var claimed = IntervalSet()
        /// What was really read.
        var covered = IntervalSet()
        /// Entries that seem to share bytes with an earlier one, and how many of them have been handed out since.
        var aside: [Job] = []
        var asideDone = 0
        var findings = Findings()
        var stop: Stop?
    }

    private let state: Mutex<State>

    init(_ file: ArchiveFile, _ directory: ZipDirectory?) {
        var start = State()
        start.findings.format = "zip"
        if let directory {
            start.cursor = ZipCursor(file, directory)
            start.claimed.insert(directory.range.lowerBound..<directory.end)
            start.covered = start.claimed
            if directory.base > 0 {
                start.findings.remark("\(directory.base) bytes stand before the zip")
            }
        } else {
            start.findings.damage(Self.noDirectory, hidesEntries: true)
        }
        state = Mutex(start)
    }

    /// The next entry; nil when there is none, or when reading has stopped.
    ///
    /// Entries that seem to share bytes with an earlier one are put aside: one wrong size in the directory must not take
    /// others with it. What was really read tells, later.
    func next() throws(Stop) -> Job? {
        let result: Result<Job?, Failure> = state.withLock { state in
            do throws(Failure) {
                while state.stop == nil, let header = try state.cursor?.next() {
                    let index = state.index
                    state.index += 1
                    state.findings.tally.count(header.entryKind)
                    guard let range = header.leastRange else {
                        return .success(
                            Job(index: index, header: header, refusal: "its size or place is beyond any file")
                        )
                    }
                    guard state.claimed.overlaps(range) else {
                        state.claimed.insert(range)
                        return .success(Job(index: index, header: header, refusal: nil))
                    }
                    let job = Job(index: index, header: header, refusal: Self.overlap)
                    guard state.aside.count < Self.mostAside else { return .success(job) }
                    state.aside.append(job)
                }
                if state.stop == nil, let cursor = state.cursor { state.findings.note(cursor) }
                state.cursor = nil
                return .success(nil)
            } catch {
                return .failure(error)
            }
        }
        return try host { () throws(Failure) in try result.get() }
    }

    static let noDirectory = "it has no directory: it is cut, or its end is damaged"
    private static let overlap = "it shares its bytes with another entry"
    private static let mostAside = 10_000

    /// The next of the entries that were put aside, once all others are read.
    func nextAside() -> Job? {
        state.withLock { state in
            guard state.stop == nil, state.asideDone < state.aside.count else { return nil }
            let job = state.aside[state.asideDone]
            state.asideDone += 1
            guard let start = job.header.leastRange?.lowerBound else { return job }
            let (end, overflow) = start.addingReportingOverflow(
                Int64(ZipHeader.localLength + job.header.name.count + 1)
            )
            guard !overflow else { return job }
            return state.covered.overlaps(start..<end) ? job : Job(index: job.index, header: job.header, refusal: nil)
        }
    }

    /// The place of an entry that is not in the directory.
    func nextIndex(_ kind: ArchiveTally.EntryKind) -> Int {
        state.withLock { state in
            defer { state.index += 1 }
            state.findings.tally.count(kind)
            return state.index
        }
    }

    func cover(_ range: Range<Int64>) { state.withLock { $0.covered.insert(range) } }

    func note(_ change: (inout Findings) -> Void) { state.withLock { change(&$0.findings) } }

    func gaps(upTo end: Int64) -> [Range<Int64>] {
        state.withLock { state in
            guard !state.covered.isOverfull else {
                state.findings.damage(
                    "its entries are scattered too widely to look for others between them",
                    hidesEntries: true
                )
                return []
            }
            return state.covered.gaps(upTo: end)
        }
    }

    func stop(_ reason: Stop) {
        state.withLock { state in
            // A failure of the host counts for more than a limit.
            if case .failure = state.stop { return }
            if case .limit = reason, state.stop != nil { return }
            state.stop = reason
        }
    }

    var isStopped: Bool { state.withLock { $0.stop != nil } }

    func result() throws(Stop) -> Findings {
        let (findings, stop) = state.withLock { ($0.findings, $0.stop) }
        switch stop {
        case nil:
            return findings
        case .failure(let failure):
            throw .failure(failure)
        case .limit(let reason):
            var findings = findings
            findings.damage("reading stopped at a limit: \(reason)", hidesEntries: true)
            return findings
        }
    }
}

extension Findings {
    /// What a directory says that was gone through to its end, or as far as it can be.
    fileprivate mutating func note(_ cursor: ZipCursor) {
        statedEntries = cursor.statedCount
        if let problem = cursor.problem { damage(problem, hidesEntries: true) }
    }
}
