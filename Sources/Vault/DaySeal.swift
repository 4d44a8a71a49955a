import Foundation
package import Recordings

/// That somebody declared a day finished: runs leave it alone until it is reopened.
///
/// It lies beside the bags and not in them, so that sealing changes nothing that is published; and not in the ledger, which
/// can be made anew.
package struct DaySeal: Codable, Hashable, Sendable {
    /// The name and version of the file's format.
    package static let schema = "dialvault/seal/1"

    package var schema = DaySeal.schema
    package var day: Day
    /// The revision that was sealed.
    package var revision: Int
    package var manifestSHA256: Digest
    package var state: DaySummary.State
    package var sealedAt: Timestamp

    package init(_ summary: DaySummary, at time: Timestamp) {
        day = summary.day
        revision = summary.revision
        manifestSHA256 = summary.manifestSHA256
        state = summary.state
        sealedAt = time
    }

    private enum CodingKeys: String, CodingKey {
        case schema, day, revision
        case manifestSHA256 = "manifest_sha256"
        case state
        case sealedAt = "sealed_at"
    }
}

extension Vault {
    private static let sealSuffix = ".json"

    private func sealPath(_ day: Day) -> String { "\(sealFolder)/\(day)\(Self.sealSuffix)" }

    /// The day's seal; nil when it is not sealed.
    ///
    /// - Throws: `Failure` with code `corrupt` when there is one that cannot be read: such a day counts as sealed.
    package func seal(of day: Day) throws(Failure) -> DaySeal? {
        let path = sealPath(day)
        guard let data = try FileSystem.read(path) else { return nil }
        guard let seal = try? JSONDecoder().decode(DaySeal.self, from: data), seal.day == day else {
            throw Failure(
                .corrupt,
                "\(path) is no seal of \(day)",
                advice:
                    "Remove it if the day is to be run again, or seal the day anew: dialvault run --reopen --seal \(day)"
            )
        }
        return seal
    }

    /// The days that are sealed.
    package func sealedDays() throws(Failure) -> Set<Day> {
        Set(
            try FileSystem.list(sealFolder).compactMap { name in
                name.hasSuffix(Self.sealSuffix) ? Day(String(name.dropLast(Self.sealSuffix.count))) : nil
            }
        )
    }

    /// Seals a day as it is published. The caller holds the day's lock.
    package func save(_ seal: DaySeal) throws {
        try FileSystem.createFolders(sealFolder, mode: modes.directory)
        try FileSystem.writeAtomically(JSONLines.line(seal), to: sealPath(seal.day), mode: modes.sealed)
    }

    /// Removes the day's seal. The caller holds the day's lock.
    package func reopen(_ day: Day) throws(Failure) {
        guard FileSystem.exists(sealPath(day)) else { return }
        try FileSystem.removeTree(sealPath(day))
        try FileSystem.flushFolder(sealFolder)
    }
}
