/// Builds tars byte by byte (POSIX.1-2017, pax, "ustar Interchange Format").
struct TarBuilder {
    private(set) var bytes: [UInt8] = []

    static let endMark = [UInt8](repeating: 0, count: 1024)

    init() {}

    /// Two blocks of zeros behind what was added.
    var whole: [UInt8] { bytes + Self.endMark }

    mutating func file(_ name: String, _ content: [UInt8]) {
        file(Array(name.utf8), content)
    }

    mutating func file(_ name: [UInt8], _ content: [UInt8]) {
        entry(name, type: "0", size: content.count, content)
    }

    /// An entry as it is told: nothing says that size and content have to fit.
    mutating func entry(
        _ name: [UInt8],
        type: Unicode.Scalar,
        link: String = "",
        size: Int = 0,
        _ content: [UInt8] = []
    ) {
        bytes += Self.header(name, type: type, link: link, size: Self.octal(size, 11))
        raw(content)
    }

    mutating func entry(_ name: String, type: Unicode.Scalar, link: String = "") {
        entry(Array(name.utf8), type: type, link: link)
    }

    /// A pax header in front of the next entry: `length key=value\n`, the length counting itself.
    mutating func pax(_ key: String, _ value: String) {
        let rest = " \(key)=\(value)\n"
        var length = rest.utf8.count + 1
        while String(length).utf8.count + rest.utf8.count != length { length += 1 }
        let record = Array("\(length)\(rest)".utf8)
        entry(Array("PaxHeader".utf8), type: "x", size: record.count, record)
    }

    /// Content, filled up to whole blocks.
    mutating func raw(_ content: [UInt8]) {
        bytes += content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    static func octal(_ value: Int, _ digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8) + [0]
    }

    /// - Parameter size: the twelve bytes of the field.
    static func header(
        _ name: [UInt8],
        type: Unicode.Scalar,
        link: String = "",
        size: [UInt8],
        magic: String = "ustar\u{0}00"
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ field: [UInt8], _ at: Int, _ length: Int) {
            for (index, byte) in field.prefix(length).enumerated() { block[at + index] = byte }
        }
        put(name, 0, 100)
        put(octal(0o644, 7), 100, 8)
        put(octal(0, 7), 108, 8)
        put(octal(0, 7), 116, 8)
        put(size, 124, 12)
        put(octal(1_522_915_869, 11), 136, 12)
        put([UInt8](repeating: 0x20, count: 8), 148, 8)
        put([UInt8(ascii: type)], 156, 1)
        put(Array(link.utf8), 157, 100)
        put(Array(magic.utf8), 257, 8)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + [0x20], 148, 8)
        return block
    }
}
