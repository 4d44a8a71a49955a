import Foundation
import Recordings
import Synchronization
import Vault

/// The file of an archive's rows. Threads add to it; each row is in the file when `add` returns, so that what was done
/// before a crash is known after it.
final class RowFile: Sendable {
    private struct Row {
        let index: UInt32
        let length: UInt32
        let nameHash: UInt32
    }

    private struct Place {
        let index: UInt32
        let start: Int64
    }

    private struct State: Sendable {
        // In chunks, so that growing never holds the table twice.
        var table: [[Row]] = []
        var count = 0
        var lastIndex = 0
        var isOrdered = true
        /// By the name's hash, the row with it that comes last in the archive, and where it begins; made when the first
        /// hard link asks.
        var places: [UInt32: Place]?
        var size: Int64 = 0
    }

    private let path: String
    private let mode: UInt32
    private let descriptor: Int32
    private let state = Mutex(State())

    init(_ path: String, mode: UInt32) throws(Failure) {
        self.path = path
        self.mode = mode
        unlink(path)
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0, fchmod(descriptor, mode) == 0 else { throw FileSystem.failure("create", path) }
    }

    deinit { close(descriptor) }

    var count: Int { state.withLock { $0.count } }

    func add(_ row: Member) throws(Failure) {
        let line: Data
        do { line = try JSONLines.line(row) } catch {
            throw Failure(.corrupt, "cannot write the row of \(row.name): \(error)")
        }
        let hash = Self.hash(row.name)
        let problem: Failure? = state.withLock { state in
            if let problem = write(line) { return problem }
            if state.count % Self.chunk == 0 {
                state.table.append([])
                state.table[state.table.count - 1].reserveCapacity(Self.chunk)
            }
            let entry = Row(index: UInt32(clamping: row.index), length: UInt32(line.count), nameHash: hash)
            state.table[state.table.count - 1].append(entry)
            state.count += 1
            state.isOrdered = state.isOrdered && row.index >= state.lastIndex
            state.lastIndex = row.index
            Self.note(entry, at: state.size, in: &state.places)
            state.size += Int64(line.count)
            return nil
        }
        if let problem { throw problem }
    }

    private static let chunk = 1 << 14

    private func write(_ line: Data) -> Failure? {
        line.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0 {
                    if errno == EINTR { continue }
                    return FileSystem.failure("write", path)
                }
                done += count
            }
            return nil
        }
    }

    private static func hash(_ name: String) -> UInt32 {
        // FNV-1a, 32 bits.
        name.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// The row of that name that comes last in the archive, of those that are here; nil when there is none.
    func row(named name: String) throws(Failure) -> Member? {
        let hash = Self.hash(name)
        let place = state.withLock { state in
            if state.places == nil { state.places = Self.places(state.table) }
            return state.places?[hash]?.start
        }
        guard let place, let row = try row(at: place), row.name == name else { return nil }
        return row
    }

    private static func places(_ table: [[Row]]) -> [UInt32: Place]? {
        var places: [UInt32: Place]? = [:]
        var start: Int64 = 0
        for row in table.joined() {
            note(row, at: start, in: &places)
            start += Int64(row.length)
        }
        return places
    }

    /// Threads add rows in any order: what counts is the archive's.
    private static func note(_ row: Row, at start: Int64, in places: inout [UInt32: Place]?) {
        if let known = places?[row.nameHash], known.index > row.index { return }
        places?[row.nameHash] = Place(index: row.index, start: start)
    }

    private func row(at place: Int64) throws(Failure) -> Member? {
        var line: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while line.last != UInt8(ascii: "\n") {
            let count = pread(descriptor, &part, part.count, off_t(place) + off_t(line.count))
            guard count > 0 else { throw FileSystem.failure("read", path) }
            let end = part[..<count].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? count
            line += part[..<end]
        }
        return try? JSONDecoder().decode(Member.self, from: Data(line))
    }

    /// Brings the rows into the order of the archive, where threads have added them in another. Nothing can be looked up
    /// or added afterwards.
    func sort() throws(Failure) {
        guard !state.withLock({ $0.isOrdered }) else { return }
        var table = state.withLock { state in
            defer { state.table = [] }
            return state.table
        }
        var order: [(index: UInt32, length: UInt32, place: Int64)] = []
        order.reserveCapacity(count)
        var place: Int64 = 0
        for chunk in table.indices {
            for row in table[chunk] {
                order.append((row.index, row.length, place))
                place += Int64(row.length)
            }
            // With a million rows both together would be half of all memory.
            table[chunk] = []
        }
        order.sort { ($0.index, $0.place) < ($1.index, $1.place) }
        let sorted = try RowFile(path + ".sorted", mode: mode)
        var batch = Data()
        for row in order {
            var line = [UInt8](repeating: 0, count: Int(row.length))
            guard pread(descriptor, &line, line.count, off_t(row.place)) == line.count else {
                throw FileSystem.failure("read", path)
            }
            batch.append(contentsOf: line)
            guard batch.count > 1 << 18 else { continue }
            if let problem = sorted.write(batch) { throw problem }
            batch.removeAll(keepingCapacity: true)
        }
        if let problem = sorted.write(batch) { throw problem }
        try FileSystem.rename(path + ".sorted", to: path)
    }
}
