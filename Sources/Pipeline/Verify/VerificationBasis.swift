import Foundation
import Recordings
import Vault

/// All that a verification follows from. When none of it has changed, the part that it left stands, and the work is not
/// done again.
struct VerificationBasis: Hashable {
    let digest: Digest

    /// - Parameter settings: the software's and the configuration's part in it, as text.
    init(_ fetched: FetchedDay, _ work: WorkFiles, settings: [String]) throws {
        var text = settings.map { "\($0.utf8.count) \($0)\n" }.joined()
        for file in try Self.files(fetched, work) {
            // A file that is not there is told from an empty one.
            text += "\(file) \(try FileSystem.read(work.path(file)).map { Digest(of: $0).hex } ?? "-")\n"
        }
        digest = Digest(of: Data(text.utf8))
    }

    /// The sources' answers, and what was unpacked of each archive that they named.
    private static func files(_ fetched: FetchedDay, _ work: WorkFiles) throws -> [String] {
        [WorkFiles.answers]
            + fetched.sources.flatMap { source in
                source.archives.map { work.unpackKey($0, of: source.name) }.flatMap { ["\($0).json", "\($0).jsonl"] }
            }
    }
}

extension WorkFiles {
    private static let basis = "dialer.basis"

    /// Whether the dialer's part is there, made on this basis.
    func isVerified(on basis: VerificationBasis) throws -> Bool {
        try FileSystem.read(path(Self.basis)) == Data(basis.digest.hex.utf8) && hasPart(.dialer)
    }

    /// Saves the dialer's part together with its basis, if it has one. A crash at any point leaves no basis beside a part
    /// that was not made on it.
    func save(_ part: DayPart, on basis: VerificationBasis?) throws {
        try FileSystem.removeTree(path(Self.basis))
        try save(part, as: .dialer)
        if let basis { try write(Data(basis.digest.hex.utf8), to: Self.basis) }
    }
}
