import Yams

/// A place in the file, both counted from 1; the column in Unicode scalars.
struct Position: Hashable {
    let line: Int
    let column: Int
}

/// A piece of the file: what stands there, and where.
struct Node {
    let position: Position
    let content: Content

    indirect enum Content {
        /// Nothing, `~` or `null`.
        case null
        /// Text as it stands in the file, without any reading of it as number or truth value.
        case scalar(String, isQuoted: Bool)
        case list([Node])
        case map([Entry])
    }

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    struct Entry {
        let key: String
        let position: Position
        let value: Node
    }
}

/// The file as a tree. The only place that knows the YAML library.
///
/// Every scalar stays text: YAML 1.1 would read `no` as false, `06:30` as 390 and `0755` as 493, and a password of
/// digits would lose its zeros.
enum Document {
    /// Nodes of one file, those behind aliases counted each time.
    static let maximumNodes = 20_000

    /// Returns nil for a file without content.
    ///
    /// - throws: ``Problem`` where the text is no YAML, a key stands twice or it is too large. The library's own
    ///   descriptions are not used: they quote the line, which may hold a secret.
    static func read(_ text: String) throws(Problem) -> Node? {
        let root: Yams.Node?
        do {
            root = try compose(yaml: text, .basic, .default, .utf8)
        } catch let error as YamlError {
            throw problem(of: error)
        } catch {
            throw Problem(place: .file, text: "cannot be read as YAML")
        }
        var budget = maximumNodes
        return try root.map { root throws(Problem) in try node(from: root, budget: &budget) }
    }

    private static func node(from source: Yams.Node, budget: inout Int) throws(Problem) -> Node {
        budget -= 1
        let position = position(of: source.mark)
        guard budget >= 0 else {
            throw Problem(place: .position(position), text: "the file has more than \(maximumNodes) values")
        }
        switch source {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            return Node(position: position, content: isNull ? .null : .scalar(scalar.string, isQuoted: isQuoted))
        case .sequence(let sequence):
            var items: [Node] = []
            for item in sequence { items.append(try node(from: item, budget: &budget)) }
            return Node(position: position, content: .list(items))
        case .mapping(let mapping):
            var entries: [Node.Entry] = []
            for (key, value) in mapping {
                let keyPosition = Self.position(of: key.mark)
                guard case .scalar(let name) = key else {
                    throw Problem(place: .position(keyPosition), text: "a key must be a word")
                }
                entries.append(
                    Node.Entry(
                        key: name.string,
                        position: keyPosition,
                        value: try node(from: value, budget: &budget)
                    )
                )
            }
            return Node(position: position, content: .map(entries))
        case .alias:
            throw Problem(place: .position(position), text: "an alias without its anchor")
        }
    }

    private static func position(of mark: Mark?) -> Position {
        Position(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    private static func problem(of error: YamlError) -> Problem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // Both texts are constants of libyaml.
            let start = context.map { "\($0.text) (line \($0.mark.line)): " } ?? ""
            return Problem(place: .position(position(of: mark)), text: "is not YAML: \(start)\(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { Showable.key($0).map { "`\($0)`" } ?? "a key" }.joined(separator: ", ")
            let verb = keys.count == 1 ? "stands" : "stand"
            return Problem(
                place: .position(position(of: context.mark)),
                text: "\(names) \(verb) here and again further down"
            )
        case .reader(let problem, _, _, _):
            return Problem(place: .file, text: "is not YAML: \(problem)")
        default:
            return Problem(place: .file, text: "cannot be read as YAML")
        }
    }
}
