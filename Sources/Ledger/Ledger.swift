import Failpoints
import Foundation
import GRDB
import Recordings

/// The vault's catalogue: which day was published as which revision, and an index of the recordings in the bags.
///
/// The bags are the truth: everything in here can be rebuilt from them. All methods can be called from several
/// processes at once; a writer waits for another up to 30 seconds.
package struct Ledger: Sendable {
    private let database: any DatabaseWriter

    /// Opens the ledger at `path`, and creates or migrates it.
    ///
    /// - Parameter mode: the file's mode when it is new.
    package init(path: String, mode: UInt32) throws {
        var configuration = GRDB.Configuration()
        configuration.label = "ledger"
        configuration.busyMode = .timeout(30)
        // SQLite's two megabytes are full after some thousand rows, and every further one moves a page out and in again.
        // A negative number means KiB (https://sqlite.org/pragma.html#pragma_cache_size).
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -65536") }
        // Two processes that find no ledger would both make it, and SQLite lets nobody wait for a change to WAL.
        let opening = OpeningLock(besides: path)
        defer { withExtendedLifetime(opening) {} }
        let isNew = !FileManager.default.fileExists(atPath: path)
        do {
            database = try DatabasePool(path: path, configuration: configuration)
            if isNew { chmod(path, mode) }
            try Self.migrator.migrate(database)
        } catch let error as DatabaseError {
            throw Self.failure(error, "open", path)
        }
    }

    /// Opens the ledger at `path`; one that is damaged is moved aside, as `<path>.damaged`, and a new one made, which is to be
    /// filled from the bags.
    ///
    /// - Parameter didMoveAside: told where the damaged one is now.
    package static func open(
        replacingDamagedAt path: String,
        mode: UInt32,
        didMoveAside: (String) -> Void
    ) throws -> Ledger {
        do {
            let ledger = try Ledger(path: path, mode: mode)
            _ = try ledger.publishedDays()
            return ledger
        } catch let failure as Failure where failure.code == .corrupt {
            let aside = path + ".damaged"
            for ending in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: aside + ending)
                try? FileManager.default.moveItem(atPath: path + ending, toPath: aside + ending)
            }
            didMoveAside(aside)
            return try Ledger(path: path, mode: mode)
        }
    }

    /// Opens the ledger at `path` to look into it, and writes nothing: whoever may read the file can do it.
    ///
    /// - Throws: `Failure` with code `notFound` when there is none.
    package init(reading path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure(.notFound, "there is no ledger \(path)", advice: "Make it anew with: dialvault reindex")
        }
        var configuration = GRDB.Configuration()
        configuration.label = "ledger, read only"
        configuration.readonly = true
        configuration.busyMode = .timeout(30)
        do {
            database = try DatabaseQueue(path: Self.address(path), configuration: configuration)
        } catch let error as DatabaseError {
            throw Self.failure(error, "read", path)
        }
    }

    /// What SQLite opens for reading. Beside a database in WAL mode it would make two files, which not every reader may;
    /// where there is no log, and so no writer, it is told to leave that (https://sqlite.org/wal.html, "Read-Only Databases").
    private static func address(_ path: String) -> String {
        let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        guard (log?[.size] as? NSNumber)?.int64Value ?? 0 == 0 else { return path }
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return "file:\(escaped)?immutable=1"
    }

    /// The schema's history, in order. A step that was released is never changed.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: publications and recordings") { database in
            try database.create(table: "publication") { table in
                table.autoIncrementedPrimaryKey("sequence")
                table.column("day", .text).notNull()
                table.column("revision", .integer).notNull()
                table.column("manifest_sha256", .text).notNull()
                table.column("state", .text)
                table.column("finished", .boolean).notNull()
            }
            try database.create(index: "publication_by_day", on: "publication", columns: ["day"])
            try database.create(table: "recording", options: .withoutRowID) { table in
                table.column("recording_id", .text).notNull()
                table.column("day", .text).notNull()
                table.column("path", .text).notNull()
                table.column("sha256", .text).notNull()
                table.column("size_bytes", .integer).notNull()
                table.column("started_at", .text).notNull()
                table.column("channel", .text).notNull()
                table.column("verdict", .text).notNull()
                table.primaryKey(["recording_id", "day"])
            }
            try database.create(index: "recording_by_day", on: "recording", columns: ["day"])
        }
        return migrator
    }

    /// The version of SQLite that this program runs with.
    package static func sqliteVersion() throws -> String {
        try DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") } ?? "unknown"
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(body)
        } catch let error as DatabaseError {
            throw Self.failure(error, "read", database.path)
        }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            let value = try database.write { database in
                Failpoint.reach("ledger: transaction begun")
                let value = try body(database)
                if Failpoint.fails("ledger") {
                    throw DatabaseError(resultCode: errno == ENOSPC ? .SQLITE_FULL : .SQLITE_IOERR)
                }
                return value
            }
            Failpoint.reach("ledger: transaction committed")
            return value
        } catch let error as DatabaseError {
            throw Self.failure(error, "write", database.path)
        }
    }

    private static func failure(_ error: DatabaseError, _ operation: String, _ path: String) -> Failure {
        let text = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_FULL:
            Failure(
                .diskFull,
                "cannot \(operation) the ledger \(path): \(text)",
                advice: "Free some space and run the day again: it goes on from there"
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            Failure(
                .corrupt,
                "the ledger \(path) is damaged: \(text)",
                advice: "Move it away; it is rebuilt from the bags with: dialvault reindex"
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            Failure(
                .locked,
                "the ledger \(path) is in use by another process: \(text)",
                advice: "Try again when it has finished"
            )
        case .SQLITE_CANTOPEN, .SQLITE_READONLY:
            Failure(
                .fileSystem,
                "cannot \(operation) the ledger \(path): \(text)",
                advice: "Check that the user who runs dialvault owns the vault and may write to it"
            )
        default:
            Failure(.fileSystem, "cannot \(operation) the ledger \(path): \(text)")
        }
    }
}

/// A kernel lock on the ledger's folder while the ledger is opened; it leaves no file behind.
///
/// Where the file system has no locks on folders, opening goes on without one.
private final class OpeningLock {
    private let descriptor: Int32

    init(besides path: String) {
        descriptor = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    }

    deinit {
        guard descriptor >= 0 else { return }
        // A child that another thread has just forked has a copy of the descriptor until it runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
