package import Foundation

/// JSON as the vault writes it: UTF-8, keys sorted, no escaped slashes, no nulls, one object a line.
package enum JSONLines {
    /// One value as one line, with its newline.
    package static func line(_ value: some Encodable) throws -> Data {
        var data = try encoder().encode(value)
        data.append(UInt8(ascii: "\n"))
        return data
    }

    package static func encode(_ values: some Sequence<some Encodable>) throws -> Data {
        let encoder = encoder()
        var data = Data()
        for value in values {
            data.append(try encoder.encode(value))
            data.append(UInt8(ascii: "\n"))
        }
        return data
    }

    /// - Throws: `Failure` with code `corrupt` that names `origin` and the line.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from data: Data,
        origin: String
    ) throws(Failure) -> [Value] {
        let decoder = JSONDecoder()
        var values: [Value] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                values.append(try decoder.decode(type, from: line))
            } catch {
                throw Failure(.corrupt, "line \(index + 1) of \(origin) is not readable: \(error)")
            }
        }
        return values
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
