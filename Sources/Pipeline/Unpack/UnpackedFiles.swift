import ArchiveReader
import Foundation
import Recordings
import Vault

/// What the unpack stage leaves to the verify stage about one archive, beside the rows of its members.
struct UnpackRecord: Codable, Sendable {
    var source: String
    var archive: FetchedArchive
    var result: UnpackedArchive
    /// Whether the file was another one after reading than before: its writer had not finished.
    var changedWhileRead: Bool

    /// Whether reading it again would bring nothing new.
    var isFinal: Bool { result.state == .complete && !result.crcMismatch && !changedWhileRead }
}

extension WorkFiles {
    /// The name, without ending, of the files about one archive. Archives' names are data, so their digest stands for them.
    func unpackKey(_ archive: FetchedArchive, of source: String) -> String {
        "unpack/\(source)-\(Digest(of: Data(archive.name.utf8)).hex.prefix(16))"
    }

    func unpackRecord(_ archive: FetchedArchive, of source: String) throws -> UnpackRecord? {
        try value(UnpackRecord.self, in: unpackKey(archive, of: source) + ".json")
    }

    func members(_ archive: FetchedArchive, of source: String) throws -> [Member] {
        try rows(Member.self, in: unpackKey(archive, of: source) + ".jsonl")
    }

    /// Whether an archive was read to its end and all its bytes are still here.
    func isUnpacked(_ archive: FetchedArchive, of source: String, _ locations: AudioLocations) throws -> Bool {
        guard
            let record = try unpackRecord(archive, of: source), record.isFinal,
            record.archive.fingerprint == archive.fingerprint
        else { return false }
        return try members(archive, of: source).allSatisfy { member in
            try member.sha256.map { try locations.path(of: $0) != nil } ?? true
        }
    }
}
