import Foundation
import Recordings

/// A scalar as someone wrote it.
struct Scalar {
    let text: String
    let style: Style
    /// The folder that a relative path starts from.
    let folder: String

    enum Style {
        /// Bare in the file: what it looks like is what it is.
        case plain
        /// In quotation marks, or a block: text.
        case quoted
        /// From the environment or a flag, where nothing has a type.
        case untyped
    }

    var isQuoted: Bool { style == .quoted }
}

/// What a key's value must look like.
struct Shape<Value>: Sendable {
    /// Completes "… must be".
    let expected: String
    /// Whether a wrong value is shown in the message: not where it could hold a credential.
    var showsValue = true
    let read: @Sendable (Scalar) throws(Mismatch) -> Value

    /// Why a value does not fit: with nil, because it is not what is expected; with a text, in words that follow the
    /// key.
    struct Mismatch: Error {
        var text: String?
    }
}

extension Shape<Bool> {
    static let truth = Shape(expected: "true or false, without quotation marks") { scalar throws(Mismatch) in
        guard !scalar.isQuoted, let value = truth(scalar.text) else { throw Mismatch() }
        return value
    }

    /// What YAML 1.1 takes for a truth value, which is what people write.
    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

extension Shape<Int> {
    static func integer(_ range: ClosedRange<Int>) -> Shape {
        Shape(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { scalar throws(Mismatch) in
            let digits = scalar.text.filter { $0 != "_" }
            guard
                !scalar.isQuoted, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(digits),
                range.contains(value)
            else { throw Mismatch() }
            return value
        }
    }
}

extension Shape<Double> {
    static func number(_ range: ClosedRange<Double>) -> Shape {
        Shape(expected: "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))") {
            scalar throws(Mismatch) in
            guard
                !scalar.isQuoted, scalar.text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }),
                let value = Double(scalar.text), range.contains(value)
            else { throw Mismatch() }
            return value
        }
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }
}

extension Shape<Int64> {
    /// Bytes, from 1 to 1 PiB.
    static let size = Shape(expected: "a size from 1 to 1PiB, such as 500M, 2GiB or a number of bytes") {
        scalar throws(Mismatch) in
        guard let bytes = Quantity.bytes(scalar.text), (1...(1 << 50)).contains(bytes) else { throw Mismatch() }
        return bytes
    }

    /// Milliseconds.
    static let duration = Shape(expected: "a duration such as 30s, 90m, 1h30m or 30d") { scalar throws(Mismatch) in
        guard let value = Quantity.duration(scalar.text) else { throw Mismatch() }
        return value
    }
}

extension Shape<TimeOfDay> {
    static let timeOfDay = Shape(expected: "a time from \"00:00\" to \"23:59\"") { scalar throws(Mismatch) in
        guard let value = TimeOfDay(scalar.text) else { throw Mismatch() }
        return value
    }
}

extension Shape where Value: RawRepresentable<String> & Sendable {
    static func choice(_ values: [Value]) -> Shape {
        let names = values.map(\.rawValue)
        let expected = names.joined(separator: " or ")
        return Shape(expected: expected) { scalar throws(Mismatch) in
            if let index = names.firstIndex(of: scalar.text) { return values[index] }
            let nearest = Nearest.match(scalar.text, in: names).map { "; the nearest is \($0)" } ?? ""
            throw Mismatch(text: "must be \(expected)\(instead(of: scalar))\(nearest)")
        }
    }
}

extension Shape where Value: RawRepresentable<String> & CaseIterable & Sendable {
    static var choice: Shape { choice(Array(Value.allCases)) }
}

extension Shape<String> {
    /// Words of people, not empty. A bare number or truth value is one of another type.
    static let words = Shape(expected: "text; put it in quotation marks") { scalar throws(Mismatch) in
        try word(of: scalar, allowsBareNumber: false)
    }

    /// A name or id given by someone else: digits alone are as good as any.
    static let name = Shape(expected: "text") { scalar throws(Mismatch) in
        try word(of: scalar, allowsBareNumber: true)
    }

    /// The same, and not to be shown.
    static let hiddenName = Shape(expected: "text on one line", showsValue: false) { scalar throws(Mismatch) in
        try word(of: scalar, allowsBareNumber: true)
    }

    private static func word(of scalar: Scalar, allowsBareNumber: Bool) throws(Mismatch) -> String {
        let isBare = scalar.style == .plain
        let isOfOtherType =
            isBare && !allowsBareNumber && (Shape<Bool>.truth(scalar.text) != nil || Double(scalar.text) != nil)
        guard !isOfOtherType, !scalar.text.isEmpty, hasNoControlCharacters(scalar.text) else { throw Mismatch() }
        return scalar.text
    }

    /// A source's name.
    static let sourceName = Shape(expected: "1 to 64 of A–Z, a–z, 0–9, dot, underscore and hyphen") {
        scalar throws(Mismatch) in
        let name = scalar.text
        guard name != "api" else {
            throw Mismatch(text: "must not be `api`: that is the name of the platform's API as a source")
        }
        let isAllowed: (UInt8) -> Bool = {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isAllowed) else { throw Mismatch() }
        return name
    }

    /// A folder: absolute, or from where the configuration lies.
    static func path(home: String?) -> Shape {
        Shape(expected: "a path") { scalar throws(Mismatch) in
            let text = try word(of: scalar, allowsBareNumber: false)
            return try Paths.absolute(text, folder: scalar.folder, home: home)
        }
    }

    /// A file that holds a secret. What does not begin like a path could be the secret itself, so it is not shown.
    static func secretPath(home: String?) -> Shape {
        Shape(expected: "a path that begins with /, ./, ../ or ~/", showsValue: false) { scalar throws(Mismatch) in
            guard
                ["/", "./", "../", "~/"].contains(where: scalar.text.hasPrefix), hasNoControlCharacters(scalar.text)
            else { throw Mismatch() }
            return try Paths.absolute(scalar.text, folder: scalar.folder, home: home)
        }
    }

    static func hasNoControlCharacters(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

/// The value that was written, as the end of a sentence.
func instead(of scalar: Scalar) -> String {
    Showable.value(scalar.text).map { ", not `\($0)`" } ?? ""
}

/// Paths by their letters alone.
enum Paths {
    static func absolute(_ path: String, folder: String, home: String?) throws(Shape<String>.Mismatch) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/") {
            guard let home, home.hasPrefix("/") else {
                throw Shape<String>.Mismatch(text: "begins with ~, and HOME is not set")
            }
            path = home + path.dropFirst()
        } else if !path.hasPrefix("/") {
            while path.hasPrefix("./") { path = String(path.dropFirst(2)) }
            path = path == "." || path.isEmpty ? folder : joined(folder, path)
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    static func joined(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// `path`, from `folder` unless it is absolute.
    static func joined(_ folder: String, relative path: String) -> String {
        path.hasPrefix("/") ? path : joined(folder, path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
    }

    /// The folder of a file.
    static func parent(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }
}
