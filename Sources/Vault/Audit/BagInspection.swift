import Foundation
import Recordings

/// Looks at everything in a bag but the audio's bytes: its own files against each other, the rows of its manifest, its
/// folders, and the manifest before it.
struct BagInspection {
    private let vault: Vault
    private let day: Day
    private let folder: HeldFolder
    private let sample: AuditSample
    private var audit: DayAudit

    init(_ vault: Vault, _ day: Day, _ folder: HeldFolder, _ sample: AuditSample) {
        self.vault = vault
        self.day = day
        self.folder = folder
        self.sample = sample
        audit = DayAudit(day: day)
    }

    mutating func look() throws -> BagLook {
        let tags = try tagFiles()
        try checkSummary(tags)
        let payload = payload(tags[BagFile.payloadManifest])
        var sizes: [String: Int64] = [:]
        if sample.includes(day) {
            sizes = try checkRows(tags[BagFile.manifest], payload)
            try checkExtras(payload)
            try checkLosses(tags)
        }
        let chosen = payload.filter { sample.includes($0.value) }
        return BagLook(folder, audit, audio: Self.grouped(chosen, sizes))
    }

    private mutating func report(_ kind: AuditFinding.Kind, _ path: String, _ detail: String) {
        audit.findings.append(AuditFinding(kind, day, path, detail))
    }

    // MARK: The bag's own files

    /// The content of each tag file, as far as it can be read, compared with the tag manifest.
    private mutating func tagFiles() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in BagFile.all {
            do throws(Failure) {
                guard let file = try folder.file(name) else {
                    report(.missing, name, "every bag has it")
                    continue
                }
                let content = try file.content()
                contents[name] = content
                audit.files += 1
                audit.sizeBytes += Int64(content.count)
            } catch {
                audit.findings.append(try BagLook.unreadable(error, day, name))
            }
        }
        guard let tagManifest = contents[BagFile.tagManifest] else { return contents }
        let (entries, broken) = Self.entries(tagManifest)
        if let broken { report(.changed, BagFile.tagManifest, "line \(broken) is none of a manifest") }
        for name in BagFile.all where name != BagFile.tagManifest {
            guard let expected = entries[name] else {
                report(.changed, BagFile.tagManifest, "it does not name \(name)")
                continue
            }
            guard let content = contents[name] else { continue }
            let actual = Digest(of: content)
            if actual != expected {
                audit.findings.append(.changed(day, name, nil, expected: expected, actual: actual))
            }
        }
        return contents
    }

    /// The day in figures against the manifest that it names, and the one before it in the history.
    private mutating func checkSummary(_ tags: [String: Data]) throws {
        guard let data = tags[BagFile.summary] else { return }
        guard let summary = try? JSONDecoder().decode(DaySummary.self, from: data) else {
            return report(.changed, BagFile.summary, "it is no summary of a day")
        }
        if summary.day != day { report(.changed, BagFile.summary, "it is about \(summary.day)") }
        if let manifest = tags[BagFile.manifest] {
            let actual = Digest(of: manifest)
            if actual != summary.manifestSHA256 {
                audit.findings.append(
                    .changed(
                        day,
                        BagFile.summary,
                        "it names another \(BagFile.manifest)",
                        expected: summary.manifestSHA256,
                        actual: actual
                    )
                )
            }
        }
        if let previous = summary.previousManifestSHA256 { try checkHistory(summary.revision - 1, previous) }
    }

    private mutating func checkHistory(_ revision: Int, _ expected: Digest) throws {
        let path = vault.history(day, revision: revision)
        let shown = String(path.dropFirst(vault.root.count + 1))
        do throws(Failure) {
            guard let history = try HeldFolder(vault.history(day)),
                let file = try history.file(FileSystem.name(of: path))
            else { return report(.missing, shown, "it is the manifest of revision \(revision)") }
            audit.files += 1
            let compressed = try file.content()
            audit.sizeBytes += Int64(compressed.count)
            guard let actual = Gzip.contentDigest(compressed) else {
                return report(.changed, shown, "it does not decompress")
            }
            if actual != expected {
                audit.findings.append(.changed(day, shown, nil, expected: expected, actual: actual))
            }
        } catch {
            audit.findings.append(try BagLook.unreadable(error, day, shown))
        }
    }

    // MARK: The audio's names

    /// What the payload manifest names, by path.
    private mutating func payload(_ manifest: Data?) -> [String: Digest] {
        guard let manifest else { return [:] }
        let (entries, broken) = Self.entries(manifest)
        if let broken { report(.changed, BagFile.payloadManifest, "line \(broken) is none of a manifest") }
        let inside = entries.filter { Recording.isSafePath($0.key) }
        if inside.count < entries.count {
            report(.changed, BagFile.payloadManifest, "it names files outside of data/")
        }
        return inside
    }

    /// Compares the rows with the payload manifest.
    ///
    /// - Returns: the files' sizes by the rows.
    private mutating func checkRows(_ manifest: Data?, _ payload: [String: Digest]) throws -> [String: Int64] {
        guard let manifest else { return [:] }
        let rows: [ManifestRow]
        do throws(Failure) {
            rows = try JSONLines.decode(ManifestRow.self, from: manifest, origin: BagFile.manifest)
        } catch {
            report(.changed, BagFile.manifest, "it has a line that is no recording")
            return [:]
        }
        var sizes: [String: Int64] = [:]
        sizes.reserveCapacity(rows.count)
        for row in rows {
            if payload[row.path] != row.sha256 {
                let what = payload[row.path] == nil ? "does not name" : "has another digest for"
                report(.changed, BagFile.manifest, "\(BagFile.payloadManifest) \(what) \(row.path)")
            }
            if sizes.updateValue(row.sizeBytes, forKey: row.path) != nil {
                report(.changed, BagFile.manifest, "two rows are about \(row.path)")
            }
        }
        for path in payload.keys.sorted() where sizes[path] == nil {
            report(.changed, BagFile.manifest, "no row is about \(path)")
        }
        return sizes
    }

    /// What lies in the bag and is named nowhere.
    private mutating func checkExtras(_ payload: [String: Digest]) throws {
        let own = Set(BagFile.all)
        for path in try folder.files().sorted() where !own.contains(path) && payload[path] == nil {
            report(.extra, path, "no manifest names it")
        }
    }

    /// What was published once and is not there any more, though nothing says why.
    private mutating func checkLosses(_ tags: [String: Data]) throws {
        guard let manifest = tags[BagFile.manifest], let exceptions = tags[BagFile.exceptions],
            let summary = tags[BagFile.summary].flatMap({ try? JSONDecoder().decode(DaySummary.self, from: $0) })
        else { return }
        let kinds = Dictionary(summary.sources.map { ($0.name, $0.kind) }) { first, _ in first }
        do throws(Failure) {
            let inspection = LossInspection(
                vault,
                day,
                revision: summary.revision,
                manifest: manifest,
                exceptions: exceptions
            )
            audit.findings += try inspection.findings(kinds: kinds)
        } catch {
            // A line that cannot be read was reported with its file; nothing can be said of the others then.
            guard error.code == .corrupt || error.code == .damaged else { throw error }
        }
    }

    // MARK: Values

    /// The lines of a manifest (RFC 8493, section 2.1.3): a digest, white space, a path.
    ///
    /// - Returns: digests by path, and the number of the first line that is none.
    static func entries(_ manifest: Data) -> (entries: [String: Digest], broken: Int?) {
        var entries: [String: Digest] = [:]
        var broken: Int?
        let lines = JSONLines.lines(in: manifest)
        entries.reserveCapacity(lines.count)
        for (index, range) in lines.enumerated() {
            let line = manifest[range]
            let path = String(decoding: line.dropFirst(64).drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
            if let digest = Digest(hex: String(decoding: line.prefix(64), as: UTF8.self)), !path.isEmpty,
                line.dropFirst(64).first == UInt8(ascii: " "), entries.updateValue(digest, forKey: path) == nil
            {
                continue
            }
            broken = broken ?? index + 1
        }
        return (entries, broken)
    }

    /// By path, but those with the same digest one after the other.
    private static func grouped(_ payload: [String: Digest], _ sizes: [String: Int64]) -> [BagLook.AudioFile] {
        let sorted = payload.sorted { $0.key < $1.key }
        var others: [Digest: [String]] = [:]
        for entry in sorted { others[entry.value, default: []].append(entry.key) }
        return sorted.flatMap { entry in
            (others.removeValue(forKey: entry.value) ?? []).map {
                BagLook.AudioFile(path: $0, sha256: entry.value, sizeBytes: sizes[$0])
            }
        }
    }
}

/// What fixity takes from a row of the manifest.
private struct ManifestRow: Decodable, Sendable {
    let path: String
    let sha256: Digest
    let sizeBytes: Int64

    private enum CodingKeys: String, CodingKey {
        case path, sha256
        case sizeBytes = "size_bytes"
    }
}
