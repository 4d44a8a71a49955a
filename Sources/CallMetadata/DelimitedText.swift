/// A table as text, one record a line (RFC 4180), with any delimiter and any line ends.
///
/// A quotation mark that is not closed where a field ends swallows what comes after it, the next rows included. Such a
/// field is read again as far as it can be trusted: its row keeps the cells before it, and the next line is a row of its own.
struct DelimitedText {
    private let bytes: [UInt8]
    let delimiter: UInt8
    private let beginning: Int

    struct Record {
        /// From 1, the headings and the lines before them counted, empty lines not.
        var number: Int
        /// Where it begins in the text.
        var offset: Int
        var cells: [String]
        /// Whether a quotation mark was not closed after these cells.
        var isDamaged = false
    }

    enum Ending: Equatable {
        case whole
        case stopped
        case refused(String)
    }

    /// Longer fields are no table's: a quotation mark that is never closed runs to the end.
    private static let longestField = 65_536
    private static let mostFields = 1_000
    /// So often may a row have to be read again, which bounds the work.
    private static let mostDamages = 1_000

    init(_ bytes: [UInt8], beginning: Int = 0, delimiter: UInt8) {
        self.bytes = bytes
        self.beginning = beginning
        self.delimiter = delimiter
    }

    /// Calls `body` with each record that is not an empty line, until it answers false.
    ///
    /// - Parameter isRow: whether a line inside a quoted field is another row that the field has swallowed.
    @discardableResult
    func forEachRecord(isRow: (String) -> Bool = { _ in false }, _ body: (Record) -> Bool) -> Ending {
        var index = beginning
        var number = 0
        var damages = 0
        while index < bytes.count {
            if isLineEnd(bytes[index]) {
                index += 1
                continue
            }
            number += 1
            var record = Record(number: number, offset: index, cells: [])
            switch read(&record, at: index, isRow: isRow) {
            case .success(let end): index = end
            case .failure(let refusal): return .refused("row \(number): \(refusal.reason)")
            }
            if record.isDamaged {
                damages += 1
                guard damages <= Self.mostDamages else {
                    return .refused("more than \(Self.mostDamages) rows have a quotation mark that is not closed")
                }
            }
            guard body(record) else { return .stopped }
        }
        return .whole
    }

    private struct Refusal: Error {
        var reason: String
    }

    /// Reads one record, and returns the index after its line end.
    private func read(_ record: inout Record, at start: Int, isRow: (String) -> Bool) -> Result<Int, Refusal> {
        var index = start
        while true {
            guard record.cells.count < Self.mostFields else { return .failure(Refusal(reason: "too many columns")) }
            var opening = index
            while opening < bytes.count, bytes[opening] == UInt8(ascii: " ") { opening += 1 }
            if opening < bytes.count, bytes[opening] == UInt8(ascii: "\""), opening - index < 8 {
                guard let (cell, end) = quoted(at: opening, isRow: isRow) else {
                    record.isDamaged = true
                    return .success(lineEnd(from: opening))
                }
                record.cells.append(cell)
                index = end
            } else {
                let end = plainEnd(from: index)
                guard end - index <= Self.longestField else { return .failure(Refusal(reason: "a field is too long")) }
                record.cells.append(TextEncoding.text(bytes[index..<end]))
                index = end
            }
            guard index < bytes.count, bytes[index] == delimiter else { return .success(index) }
            index += 1
            if index == bytes.count {
                record.cells.append("")
                return .success(index)
            }
        }
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    private func lineEnd(from start: Int) -> Int {
        bytes[start...].firstIndex(where: isLineEnd) ?? bytes.count
    }

    private func plainEnd(from start: Int) -> Int {
        bytes[start...].firstIndex { $0 == delimiter || isLineEnd($0) } ?? bytes.count
    }

    /// The field whose quotation mark is at `opening`, and the index after it; nil when it has no end that can be trusted.
    private func quoted(at opening: Int, isRow: (String) -> Bool) -> (cell: String, end: Int)? {
        let quote = UInt8(ascii: "\"")
        var field: [UInt8] = []
        var hasLines = false
        var index = opening + 1
        while true {
            guard index < bytes.count, field.count <= Self.longestField else { return nil }
            let byte = bytes[index]
            index += 1
            if byte != quote {
                hasLines = hasLines || isLineEnd(byte)
                field.append(byte)
            } else if index < bytes.count, bytes[index] == quote {
                field.append(quote)
                index += 1
            } else {
                break
            }
        }
        while index < bytes.count, bytes[index] == UInt8(ascii: " "), delimiter != UInt8(ascii: " ") { index += 1 }
        guard index == bytes.count || bytes[index] == delimiter || isLineEnd(bytes[index]) else { return nil }
        if hasLines {
            for line in field.split(whereSeparator: isLineEnd).dropFirst() {
                for piece in line.split(separator: delimiter) where isRow(TextEncoding.text(piece)) { return nil }
            }
        }
        return (TextEncoding.text(field[...]), index)
    }
}
