/// A table as text, one record a line (RFC 4180), with any of four delimiters and any line ends.
struct DelimitedText {
    private let bytes: [UInt8]
    let delimiter: UInt8
    /// Behind a byte order mark.
    private let beginning: Int
    private let encoding: Encoding

    private enum Encoding { case utf8, latin1 }

    /// Longer fields are no table's: a quotation mark that is never closed runs to the end.
    private static let longestField = 65_536
    private static let mostFields = 1_000

    /// Returns nil when the bytes are no text, or their first line has one column under every delimiter.
    init?(_ bytes: [UInt8]) {
        guard !bytes.contains(0) else { return nil }
        self.bytes = bytes
        beginning = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        encoding = bytes.withUnsafeBufferPointer { buffer in
            String(validating: buffer, as: UTF8.self) == nil ? .latin1 : .utf8
        }
        var best: (delimiter: UInt8, fields: Int)?
        for candidate in ",;\t|".utf8 {
            var fields = 0
            DelimitedText(bytes, beginning: beginning, delimiter: candidate, encoding: encoding)
                .forEachRecord { record in
                    fields = record.count
                    return false
                }
            if fields > (best?.fields ?? 1) { best = (candidate, fields) }
        }
        guard let best else { return nil }
        delimiter = best.delimiter
    }

    private init(_ bytes: [UInt8], beginning: Int, delimiter: UInt8, encoding: Encoding) {
        self.bytes = bytes
        self.beginning = beginning
        self.delimiter = delimiter
        self.encoding = encoding
    }

    /// Calls `body` with each record that is not an empty line, until it answers false.
    ///
    /// - Returns: whether the text was a table to the end, or to where `body` stopped.
    @discardableResult
    func forEachRecord(_ body: ([String]) -> Bool) -> Bool {
        let quote = UInt8(ascii: "\"")
        var record: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var index = beginning
        func close() {
            record.append(text(field))
            field.removeAll(keepingCapacity: true)
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                if byte != quote {
                    field.append(byte)
                } else if index < bytes.count, bytes[index] == quote {
                    field.append(quote)
                    index += 1
                } else {
                    isQuoted = false
                }
            } else if byte == quote, field.isEmpty {
                isQuoted = true
            } else if byte == delimiter {
                close()
            } else if byte == 0x0A || byte == 0x0D {
                if record.isEmpty, field.isEmpty { continue }
                close()
                guard body(record) else { return true }
                record.removeAll(keepingCapacity: true)
            } else {
                field.append(byte)
            }
            guard field.count <= Self.longestField, record.count < Self.mostFields else { return false }
        }
        if !record.isEmpty || !field.isEmpty {
            close()
            _ = body(record)
        }
        return true
    }

    private func text(_ field: [UInt8]) -> String {
        switch encoding {
        case .utf8: String(decoding: field, as: UTF8.self)
        case .latin1: String(String.UnicodeScalarView(field.map { Unicode.Scalar($0) }))
        }
    }
}
