import Foundation
import Recordings
import TestSupport
import Vault

/// Remembers all that a vault ever published, and looks for it in the vault's files by means of its own: the lines of
/// manifests as plain JSON, and every file's digest.
final class Witness {
    private let vault: Vault
    /// By id, the digests of its bytes.
    private var published: [Row: Set<String>] = [:]
    private var excused: Set<String> = []

    struct Row: Hashable {
        let id: String
        let sha256: String
    }

    init(_ vault: Vault) { self.vault = vault }

    /// The files that a day's manifest names and that are there, absolute.
    func publishedFiles(_ day: Day) throws -> [String] {
        try lines("\(vault.bag(day))/manifest.jsonl").compactMap { $0["path"] as? String }
            .map { "\(vault.bag(day))/\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }.sorted()
    }

    /// Says that the bytes of a file were taken away from outside.
    func excuse(_ path: String) {
        for row in published.keys where path.contains(row.id) { excused.insert(row.sha256) }
    }

    /// - Returns: what was published once and is no longer; nil for nothing.
    func look() throws -> String? {
        let files = files()
        let bytes = Set(files.compactMap { FileManager.default.contents(atPath: $0) }.map { Digest(of: $0).hex })
        let current = currentRows()
        let exceptions = exceptions()
        // What a published manifest says now has to hold from now on.
        defer { for (row, deliveries) in current { published[row, default: []].formUnion(deliveries) } }
        for (row, deliveries) in published where !excused.contains(row.sha256) {
            if !bytes.contains(row.sha256) { return "the bytes of \(row.id) are gone" }
            if current[row] != nil { continue }
            let history = try historicIDs(files)
            if !history.contains(row.id) { return "\(row.id) is in no manifest" }
            if !isExplained(row, deliveries, current, exceptions) { return "\(row.id) is published no longer" }
        }
        for (row, deliveries) in published where excused.contains(row.sha256) && current[row] == nil {
            // Its file was taken away: whatever became of it has to be said.
            let isNamed = exceptions.contains { $0["recording_id"] as? String == row.id }
            if !isNamed, !isExplained(row, deliveries, current, exceptions) { return "\(row.id) went without a word" }
        }
        return nil
    }

    /// The ids of every manifest, the compressed ones of the history included.
    private func historicIDs(_ files: [String]) throws -> Set<String> {
        let manifests = files.filter { $0.hasSuffix("/manifest.jsonl") || $0.hasSuffix(".manifest.jsonl.gz") }
        return Set(try manifests.flatMap { try lines($0) }.compactMap { $0["recording_id"] as? String })
    }

    /// Whether a recording that is not published under its id is joined to one with the same bytes and a delivery in common,
    /// or is named as a conflict, other bytes being in its place; or its day is damaged and waits for being repaired.
    private func isExplained(
        _ row: Row,
        _ deliveries: Set<String>,
        _ current: [Row: Set<String>],
        _ exceptions: [[String: Any]]
    ) -> Bool {
        let isJoined = current.contains { $0.key.sha256 == row.sha256 && !$0.value.isDisjoint(with: deliveries) }
        let isNamed = exceptions.contains { exception in
            exception["recording_id"] as? String == row.id && exception["sha256"] as? String == row.sha256
                && exception["reason"] as? String == "conflict"
        }
        return isJoined || isNamed || isDamaged
    }

    private var days: [Day] { (-1...1).map { Samples.day.advanced(by: $0) } }

    /// Whether a manifest is not the one that its day's summary names.
    private var isDamaged: Bool {
        days.contains { day in
            let summary = FileManager.default.contents(atPath: "\(vault.bag(day))/day.json")
                .flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
            guard let digest = summary?["manifest_sha256"] as? String,
                let manifest = FileManager.default.contents(atPath: "\(vault.bag(day))/manifest.jsonl")
            else { return false }
            return Digest(of: manifest).hex != digest
        }
    }

    private func currentRows() -> [Row: Set<String>] {
        var rows: [Row: Set<String>] = [:]
        for day in days {
            for line in (try? lines("\(vault.bag(day))/manifest.jsonl")) ?? [] {
                guard let id = line["recording_id"] as? String, let sha256 = line["sha256"] as? String else { continue }
                rows[Row(id: id, sha256: sha256), default: []].formUnion(Self.deliveries(line))
            }
        }
        return rows
    }

    private func exceptions() -> [[String: Any]] {
        days.flatMap { (try? lines("\(vault.bag($0))/exceptions.jsonl")) ?? [] }
    }

    private static func deliveries(_ line: [String: Any]) -> Set<String> {
        let sources = line["sources"] as? [[String: Any]] ?? []
        return Set(
            sources.map { source in
                source.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            }
        )
    }

    private func lines(_ path: String) throws -> [[String: Any]] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let data =
            path.hasSuffix(".gz")
            ? try Program("gzip", ["-dc", path]).output : FileManager.default.contents(atPath: path) ?? Data()
        return try data.split(separator: UInt8(ascii: "\n")).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }

    private func files() -> [String] {
        let walk = FileManager.default.enumerator(atPath: vault.root)
        return (walk?.compactMap { $0 as? String } ?? []).filter {
            !$0.contains("/work/") && !$0.contains("ledger.sqlite")
        }
        .map { "\(vault.root)/\($0)" }
        .filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }
}
