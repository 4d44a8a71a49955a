import Dispatch
package import Foundation
import Synchronization

/// JSON as the vault writes it: UTF-8, keys sorted, no escaped slashes, no nulls, one object a line.
///
/// A large day has a hundred thousand lines, so that many are dealt with on all cores.
package enum JSONLines {
    /// One value as one line, with its newline.
    package static func line(_ value: some Encodable) throws -> Data {
        if let value = value as? any CanonicalLine {
            var writer = CanonicalWriter()
            value.write(to: &writer)
            writer.newline()
            return Data(writer.bytes)
        }
        var data = try encoder().encode(value)
        data.append(UInt8(ascii: "\n"))
        return data
    }

    package static func encode<Value: Encodable & Sendable>(_ values: [Value]) throws -> Data {
        let parts = inParts(values.count) { range in Result { try lines(of: values[range]) } }
        var data = Data()
        for part in parts { data.append(try part.get()) }
        return data
    }

    private static func lines<Value: Encodable>(of values: ArraySlice<Value>) throws -> Data {
        if Value.self is any CanonicalLine.Type {
            var writer = CanonicalWriter()
            for case let value as any CanonicalLine in values {
                value.write(to: &writer)
                writer.newline()
            }
            return Data(writer.bytes)
        }
        let encoder = encoder()
        var data = Data()
        for value in values {
            data.append(try encoder.encode(value))
            data.append(UInt8(ascii: "\n"))
        }
        return data
    }

    /// - Throws: `Failure` with code `corrupt` that names `origin` and the line.
    package static func decode<Value: Decodable & Sendable>(
        _ type: Value.Type,
        from data: Data,
        origin: String
    ) throws(Failure) -> [Value] {
        let lines = lines(in: data)
        let parts = inParts(lines.count) { range -> Result<[Value], Failure> in
            let decoder = JSONDecoder()
            var values: [Value] = []
            values.reserveCapacity(range.count)
            for index in range {
                do {
                    let line = data[lines[index]]
                    values.append(try canonical(type, line) ?? decoder.decode(type, from: line))
                } catch {
                    return .failure(
                        Failure(.corrupt, "line \(index + 1) of \(origin) is not readable: \(error)")
                    )
                }
            }
            return .success(values)
        }
        var values: [Value] = []
        values.reserveCapacity(lines.count)
        for part in parts { values += try part.get() }
        return values
    }

    /// The value, where its type has a quick way and the line is as the vault writes it.
    private static func canonical<Value>(_ type: Value.Type, _ line: Data) -> Value? {
        guard let quick = type as? any CanonicalLine.Type else { return nil }
        return line.withUnsafeBytes { bytes in
            var reader = CanonicalReader(bytes)
            let value = quick.read(&reader)
            return reader.isAtEnd ? value as? Value : nil
        }
    }

    /// Where each line of `data` lies, without its newline; empty ones are left out.
    package static func lines(in data: Data) -> [Range<Data.Index>] {
        data.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return [] }
            var lines: [Range<Data.Index>] = []
            var place = 0
            while place < bytes.count {
                // `split` looks at every byte through several layers; on a large manifest that took longer than decoding.
                let newline = memchr(start + place, Int32(UInt8(ascii: "\n")), bytes.count - place)
                let end = newline.map { UnsafeRawPointer($0) - start } ?? bytes.count
                if end > place { lines.append(data.startIndex + place..<data.startIndex + end) }
                place = end + 1
            }
            return lines
        }
    }

    /// Runs `work` on parts of `0..<count`, on all cores when there are many, and returns what came out in their order.
    private static func inParts<Output: Sendable>(
        _ count: Int,
        _ work: @Sendable (Range<Int>) -> Output
    ) -> [Output] {
        let size = 1024
        guard count > size else { return [work(0..<count)] }
        let outputs = Mutex([Output?](repeating: nil, count: (count + size - 1) / size))
        DispatchQueue.concurrentPerform(iterations: (count + size - 1) / size) { part in
            let output = work(part * size..<min(count, part * size + size))
            outputs.withLock { $0[part] = output }
        }
        return outputs.withLock { $0.compactMap(\.self) }
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
