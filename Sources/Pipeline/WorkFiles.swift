import Failpoints
package import Foundation
package import Recordings
package import Vault

/// The files of a day's work folder: what each stage leaves for the next.
package struct WorkFiles: Sendable {
    private let vault: Vault
    package let day: Day

    package init(_ vault: Vault, _ day: Day) {
        self.vault = vault
        self.day = day
    }

    /// The two sides that the merge stage brings together.
    package enum Side: String, Sendable {
        case dialer, api

        fileprivate var sources: String { "\(rawValue).sources.json" }
        fileprivate var recordings: String { "\(rawValue).recordings.jsonl" }
        fileprivate var exceptions: String { "\(rawValue).exceptions.jsonl" }
    }

    /// What the sources answered the fetch stage.
    static let answers = "fetch.json"

    package func save(_ fetched: FetchedDay) throws {
        let line = try JSONLines.line(fetched)
        if try !isWritten(line, Self.answers) { try write(line, to: Self.answers) }
    }

    /// What the last fetch left; nil when there was none.
    package func fetched() throws -> FetchedDay? {
        try value(FetchedDay.self, in: Self.answers)
    }

    /// Saves a side's part. A reader finds the former part, the new one or, after a crash, none. A part that is the former
    /// one costs no write.
    package func save(_ part: DayPart, as side: Side) throws {
        let sources = try JSONLines.line(part.sources)
        let rows = [
            (side.recordings, try JSONLines.encode(part.recordings)),
            (side.exceptions, try JSONLines.encode(part.exceptions)),
        ]
        let name = side.sources
        if try isWritten(sources, name), try rows.allSatisfy({ try isWritten($0.1, $0.0) }) { return }
        try FileSystem.removeTree(path(name))
        Failpoint.reach("part: former sources removed")
        for (name, rows) in rows { try write(rows, to: name) }
        Failpoint.reach("part: rows written")
        try write(sources, to: name)
    }

    private func isWritten(_ data: Data, _ name: String) throws -> Bool {
        guard FileSystem.attributes(path(name))?.sizeBytes == Int64(data.count) else { return false }
        return try FileSystem.read(path(name)) == data
    }

    package func part(_ side: Side) throws -> DayPart? {
        guard let sources = try value([PartSource].self, in: side.sources) else { return nil }
        return DayPart(
            sources: sources,
            recordings: try rows(Recording.self, in: side.recordings),
            exceptions: try rows(Exception.self, in: side.exceptions)
        )
    }

    /// Whether a stage has left a side's part, whole.
    func hasPart(_ side: Side) -> Bool {
        [side.sources, side.recordings, side.exceptions].allSatisfy { FileSystem.exists(path($0)) }
    }

    /// A file of the work folder, absolute.
    package func path(_ name: String) -> String { "\(vault.work(day))/\(name)" }

    /// - Throws: `Failure` with code `corrupt` when the file is there and not readable.
    package func value<Value: Decodable>(_ type: Value.Type, in name: String) throws -> Value? {
        guard let data = try FileSystem.read(path(name)) else { return nil }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw Failure(
                .corrupt,
                "\(path(name)) is not readable: \(error)",
                advice: "Remove \(vault.work(day)) and run the day again: the work folder holds nothing that is not "
                    + "published, in quarantine or still at its source"
            )
        }
    }

    package func rows<Row: Decodable & Sendable>(_ type: Row.Type, in name: String) throws -> [Row] {
        guard let data = try FileSystem.read(path(name)) else { return [] }
        return try JSONLines.decode(type, from: data, origin: path(name))
    }

    package func write(_ data: Data, to name: String) throws {
        try FileSystem.createFolders(vault.work(day), mode: vault.modes.directory)
        try FileSystem.writeAtomically(data, to: path(name), mode: vault.modes.working)
    }
}
