import Foundation

/// The rows that a JSON text holds: an array of objects, an object with such an array somewhere inside, an object of
/// objects by file name, a single object, or one object a line.
struct JSONRows {
    /// The rows' fields by their path: `call.from`.
    private(set) var rows: [[String: String]] = []
    private(set) var format = Sidecar.Format.json
    /// Lines that are no objects, from 1, where each line should be one.
    private(set) var damagedLines: [Int] = []

    /// Under this key stands the name by which an object of objects holds a row. No heading of a file has a space first.
    static let keyColumn = " key"

    private static let mostFields = 1_000
    private static let deepest = 4

    /// Returns nil when the bytes are no JSON, or hold no object.
    ///
    /// Foundation's reader bounds the depth itself (512 levels).
    init?(_ bytes: [UInt8], rowLimit: Int) {
        guard let first = bytes.first(where: { !Self.isSpace($0) }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        let objects: [[String: Any]]
        if let whole = try? JSONSerialization.jsonObject(with: Data(JSONRepair.repaired(bytes))) {
            objects = Self.objects(in: whole)
        } else if first == UInt8(ascii: "{"), let lines = Self.lines(bytes[...], limit: rowLimit) {
            objects = lines.objects
            damagedLines = lines.damaged
            format = .jsonLines
        } else {
            return nil
        }
        guard !objects.isEmpty, objects.count <= rowLimit else { return nil }
        rows = objects.map(Self.flattened)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// nil when there are too many lines, or as many that are no objects.
    private static func lines(
        _ content: ArraySlice<UInt8>,
        limit: Int
    ) -> (objects: [[String: Any]], damaged: [Int])? {
        var objects: [[String: Any]] = []
        var damaged: [Int] = []
        for (index, line) in content.split(separator: 0x0A).enumerated() where !line.allSatisfy(isSpace) {
            guard objects.count < limit, damaged.count <= min(objects.count, 1_000) else { return nil }
            if let object = try? JSONSerialization.jsonObject(with: Data(JSONRepair.repaired(line))) as? [String: Any] {
                objects.append(object)
            } else {
                damaged.append(index + 1)
            }
        }
        return damaged.count < objects.count || damaged.isEmpty ? (objects, damaged) : nil
    }

    /// The largest array of objects in `value`, level by level; else the object itself, or the objects it holds by name.
    private static func objects(in value: Any) -> [[String: Any]] {
        var level = [value]
        for _ in 0..<deepest {
            let arrays = level.compactMap { ($0 as? [Any])?.compactMap { $0 as? [String: Any] } }
            if let largest = arrays.max(by: { $0.count < $1.count }), !largest.isEmpty { return largest }
            level = level.flatMap { value in
                ((value as? [String: Any]) ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            }
        }
        guard let object = value as? [String: Any] else { return [] }
        let named = object.compactMapValues { $0 as? [String: Any] }
        guard named.count == object.count, !named.isEmpty else { return [object] }
        return named.sorted { $0.key < $1.key }.map { key, fields in
            fields.merging([keyColumn: key]) { first, _ in first }
        }
    }

    private static func flattened(_ object: [String: Any]) -> [String: String] {
        var fields: [String: String] = [:]
        var waiting: [(path: String, value: Any, depth: Int)] = [("", object, 0)]
        while let (path, value, depth) = waiting.popLast(), fields.count < mostFields {
            if let inner = value as? [String: Any] {
                guard depth < deepest else { continue }
                for (key, value) in inner {
                    waiting.append((path.isEmpty ? key : path + "." + key, value, depth + 1))
                }
            } else if let text = value as? String {
                fields[path] = text
            } else if let number = value as? NSNumber {
                fields[path] = number.stringValue
            }
        }
        return fields
    }
}
