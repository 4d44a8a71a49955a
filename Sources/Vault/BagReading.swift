import Foundation
import Recordings

/// A bag's own files, read from one folder that is held open and compared with the digests that the bag records of them.
///
/// What does not read back with its recorded digest is damage: nothing is ever built on it.
struct BagReading {
    private let day: Day
    private let folder: HeldFolder
    /// What the tag manifest records, by file.
    private let digests: [String: Digest]

    /// - Throws: `Failure` with code `damaged` when the tag manifest is missing or has a line that is not one of a manifest.
    init(_ day: Day, _ folder: HeldFolder) throws(Failure) {
        self.day = day
        self.folder = folder
        guard let bytes = try folder.file(BagFile.tagManifest)?.content() else {
            throw .damaged(day, "\(BagFile.tagManifest) is missing", in: folder.path)
        }
        let (entries, broken) = BagInspection.entries(bytes)
        if let broken {
            throw .damaged(day, "line \(broken) of \(BagFile.tagManifest) is not readable", in: folder.path)
        }
        digests = entries
    }

    /// The content of one of the bag's own files, as it was published.
    ///
    /// - Throws: `Failure` with code `damaged` when it is missing or is not what the bag records.
    func content(_ name: String) throws(Failure) -> Data {
        guard let content = try folder.file(name)?.content() else {
            throw .damaged(day, "\(name) is missing", in: folder.path)
        }
        guard let recorded = digests[name] else {
            throw .damaged(day, "\(BagFile.tagManifest) does not name \(name)", in: folder.path)
        }
        guard Digest(of: content) == recorded else {
            throw .damaged(day, "\(name) does not have the digest that \(BagFile.tagManifest) records", in: folder.path)
        }
        return content
    }

    /// `day.json`, decoded.
    func summary() throws(Failure) -> (summary: DaySummary, bytes: Data) {
        let bytes = try content(BagFile.summary)
        guard let summary = try? JSONDecoder().decode(DaySummary.self, from: bytes), summary.day == day else {
            throw .damaged(day, "\(BagFile.summary) is not a summary of this day", in: folder.path)
        }
        return (summary, bytes)
    }

    /// `manifest.jsonl`, which has to have the digest that `day.json` names.
    func manifest(of summary: DaySummary) throws(Failure) -> Data {
        let bytes = try content(BagFile.manifest)
        guard Digest(of: bytes) == summary.manifestSHA256 else {
            throw .damaged(
                day,
                "\(BagFile.manifest) does not have the digest that \(BagFile.summary) records",
                in: folder.path
            )
        }
        return bytes
    }
}

extension Failure {
    /// - Parameters:
    ///   - what: what does not read back, as a sentence.
    ///   - bag: the path of the day's bag.
    static func damaged(_ day: Day, _ what: String, in bag: String) -> Failure {
        Failure(
            .damaged,
            "\(day) is damaged: \(what)",
            advice: "Nothing is published there until it is mended: dialvault repair \(day), or restore \(bag) "
                + "from a backup"
        )
    }
}
