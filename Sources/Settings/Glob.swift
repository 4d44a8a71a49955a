/// A file name with wildcards: `*` any text, `?` one character, `[abc]`, `[a-z]` and `[!abc]` one of a set.
///
/// As in a shell, `*`, `?` and a set do not match a slash, nor a dot at the start of a name: a transfer's
/// `.part` file is not the archive. There is no escape character. Characters are Unicode scalars, and nothing is
/// normalised.
package struct Glob: Hashable, Sendable {
    package let pattern: String
    private let elements: [Element]

    private enum Element: Hashable {
        case anyText
        case anyCharacter
        case one(Unicode.Scalar)
        case oneOf([ClosedRange<Unicode.Scalar>], isInverted: Bool)
    }

    /// Returns nil when a `[` has no `]`, a set is empty or a range in it runs backwards.
    package init?(_ pattern: String) {
        var elements: [Element] = []
        var rest = Substring(pattern).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if elements.last != .anyText { elements.append(.anyText) }
            case "?": elements.append(.anyCharacter)
            case "[":
                guard let set = Self.set(from: &rest) else { return nil }
                elements.append(set)
            default: elements.append(.one(scalar))
            }
        }
        self.pattern = pattern
        self.elements = elements
    }

    /// Whether the whole of `name` is what the pattern describes.
    ///
    /// Without recursion or backtracking beyond the last `*`: at most as many steps as name and pattern have characters,
    /// multiplied.
    package func matches(_ name: String) -> Bool {
        let name = Array(name.unicodeScalars)
        if name.first == ".", elements.first != .one(".") { return false }
        var position = 0
        var element = 0
        var resume: (element: Int, position: Int)?
        while position < name.count {
            if element < elements.count, elements[element] == .anyText {
                element += 1
                resume = (element, position)
            } else if element < elements.count, Self.fits(elements[element], name[position]) {
                element += 1
                position += 1
            } else if let last = resume, name[last.position] != "/" {
                resume = (last.element, last.position + 1)
                (element, position) = (last.element, last.position + 1)
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { $0 == .anyText }
    }

    private static func fits(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
        switch element {
        case .anyText: false
        case .anyCharacter: scalar != "/"
        case .one(let wanted): scalar == wanted
        case .oneOf(let ranges, let isInverted):
            scalar != "/" && ranges.contains { $0.contains(scalar) } != isInverted
        }
    }

    /// The set behind a `[`, its `]` included. A `]` that comes first belongs to the set (POSIX.1-2017, XCU 2.13.1).
    private static func set(from rest: inout Substring.UnicodeScalarView) -> Element? {
        let isInverted = rest.first == "!"
        if isInverted { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while let first = rest.popFirst() {
            if first == "]", !ranges.isEmpty { return .oneOf(ranges, isInverted: isInverted) }
            var ahead = rest
            if ahead.popFirst() == "-", let last = ahead.popFirst(), last != "]" {
                guard first <= last else { return nil }
                ranges.append(first...last)
                rest = ahead
            } else {
                ranges.append(first...first)
            }
        }
        return nil
    }
}
