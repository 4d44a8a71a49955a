/// One thing that is wrong with the configuration.
struct Problem: Error, Hashable {
    let place: Place
    /// What is wrong, with the key in it. Never a value that could be a secret.
    let text: String

    enum Place: Hashable {
        case position(Position)
        /// An environment variable, by its name.
        case environment(String)
        /// A flag, as it is typed.
        case flag(String)
        /// Nowhere: something is missing.
        case file
    }

    var line: String {
        switch place {
        case .position(let position): "line \(position.line), column \(position.column): \(text)"
        case .environment(let name): "environment variable \(name): \(text)"
        case .flag(let name): "\(name): \(text)"
        case .file: text
        }
    }

    /// By place in the file, then what is missing from it, then the environment and flags by name.
    static func precedes(_ left: Problem, _ right: Problem) -> Bool {
        left.sortKey < right.sortKey
    }

    private var sortKey: (Int, Int, Int, String) {
        switch place {
        case .position(let position): (0, position.line, position.column, text)
        case .file: (1, 0, 0, text)
        case .environment(let name): (2, 0, 0, name + text)
        case .flag(let name): (3, 0, 0, name + text)
        }
    }
}

/// Text from outside, fit for one line of a message: control characters escaped, 80 characters at most.
func shown(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(80).map { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar == "\u{2028}" || scalar == "\u{2029}"
            ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
    return text.unicodeScalars.count > 80 ? start + "…" : start
}

/// What may be shown of what was written, so that a message never carries a secret that a slip of the pen put in another
/// place: a missing space or quotation mark makes `password:hunter2` a key, or one value of several lines.
enum Showable {
    /// A key, when it looks like one.
    static func key(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isWord && (1...40).contains(text.utf8.count) ? text : nil
    }

    /// A value, when it is short and not several things in one.
    static func value(_ text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard text.unicodeScalars.count <= 40, words.count <= 2, words.count <= 1 || !text.contains(":") else {
            return nil
        }
        return shown(text)
    }
}
