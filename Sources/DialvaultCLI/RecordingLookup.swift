import Foundation
import Ledger
import Logging
import Recordings
import Vault

/// Finds a published recording by its id: by the ledger, which is an index, or else in the bags, which are the truth.
struct RecordingLookup {
    let session: Session

    /// What is published under an id.
    struct Found {
        var recordings: [Recording] = []
        /// Days that could not be looked into; they have been reported.
        var unreadable: [Day] = []
    }

    /// Needs to write nothing.
    func recordings(_ id: RecordingID) throws -> Found {
        if let days = indexedDays(id) {
            let found = try recordings(id, in: days)
            if !found.recordings.isEmpty || !found.unreadable.isEmpty { return found }
            // What a whole index does not know is not there.
            if days.isEmpty, isIndexWhole { return found }
        }
        return try recordings(id, in: try session.vault.publishedDays().filter { mayHold(id, $0) })
    }

    private func recordings(_ id: RecordingID, in days: [Day]) throws -> Found {
        var found = Found()
        for day in days {
            switch try session.readable(day, { try session.vault.publishedDay(day) }) {
            case .value(let published):
                found.recordings += published?.recordings.filter { $0.recordingID == id } ?? []
            case .damaged: found.unreadable.append(day)
            }
        }
        return found
    }

    /// The days on which the ledger knows the recording; nil when there is no ledger, or it cannot be read.
    private func indexedDays(_ id: RecordingID) -> [Day]? {
        do { return try session.openLedger().entries(id).map(\.day) } catch {
            session.console.log.info("the ledger cannot be read, so the bags are: \(error)")
            return nil
        }
    }

    /// Whether the ledger knows every publication that is in a bag.
    private var isIndexWhole: Bool {
        guard let ledger = try? session.openLedger(), let known = try? ledger.publishedDays(),
            let last = try? ledger.lastSequence(), let days = try? session.vault.publishedDays()
        else { return false }
        return days.allSatisfy { day in
            guard known.contains(day), let summary = try? session.vault.publishedSummary(day) else { return false }
            return summary.sequence <= last
        }
    }

    /// Whether the id is in the manifest's bytes, or the manifest cannot be read: what saves decoding most of them.
    private func mayHold(_ id: RecordingID, _ day: Day) -> Bool {
        let url = URL(fileURLWithPath: "\(session.vault.bag(day))/manifest.jsonl")
        guard let manifest = try? Data(contentsOf: url, options: .alwaysMapped) else { return true }
        return manifest.range(of: Data("\"\(id)\"".utf8)) != nil
    }
}

extension Session {
    /// The path of a published recording's file, where it is there with its size.
    ///
    /// - Throws: `Failure` with code `damaged` when it is not.
    func file(of recording: Recording) throws(Failure) -> String {
        let bag = vault.bag(recording.day)
        let path = "\(bag)/\(recording.path)"
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size == recording.sizeBytes else {
            throw Failure(
                .damaged,
                "the file of \(recording.recordingID) is missing or is not the one that was published: \(path)",
                advice: "Put it back with: dialvault repair \(recording.day)"
            )
        }
        return path
    }
}
