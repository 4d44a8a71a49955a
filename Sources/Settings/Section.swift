import Recordings

/// One pass over one configuration: the layers above the file, and everything that turns out wrong.
final class Reading {
    let environment: [String: String]
    /// Values of flags by key, as in `api.tpslimit`.
    let flags: [String: String]
    /// The folder of the file, and the one in which the command runs.
    let fileFolder: String
    let currentFolder: String
    private(set) var problems: [Problem] = []
    private(set) var warnings: [String] = []
    private var knownVariables: Set<String> = []
    private var unusedFlags: Set<String>
    /// Whether a secret stands in the file itself.
    var hasSecretInFile = false

    init(
        environment: [String: String],
        flags: [String: String],
        fileFolder: String,
        currentFolder: String
    ) {
        // A variable without a value counts as not set, as in the XDG base directory specification.
        self.environment = environment.filter { !$0.value.isEmpty }
        self.flags = flags
        self.fileFolder = fileFolder
        self.currentFolder = currentFolder
        unusedFlags = Set(flags.keys)
    }

    var home: String? { environment["HOME"] }

    func report(_ text: String, at place: Problem.Place) {
        problems.append(Problem(place: place, text: text))
    }

    func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }

    func variable(_ name: String) -> String? {
        knownVariables.insert(name)
        return environment[name]
    }

    func flag(_ key: String) -> String? {
        unusedFlags.remove(key)
        return flags[key]
    }

    /// Says what in the environment and among the flags nobody asked for.
    func finish() {
        let others = knownVariables.union(Self.variablesOfOthers)
        for name in environment.keys.sorted() where name.hasPrefix("DIALVAULT_") && !others.contains(name) {
            let nearest = Nearest.match(name, in: others.sorted()).map { "; the nearest is \($0)" } ?? ""
            warn("environment variable \(shown(name)) is not one that is read\(nearest)")
        }
        for key in unusedFlags.sorted() { report("there is no such key", at: .flag(key)) }
    }

    private static let variablesOfOthers: Set<String> = ["DIALVAULT_CONFIG"]
}

/// Where a value was found.
enum Layer {
    case file, environment, flag
}

/// What became of a key.
enum Found<Value> {
    case absent
    /// It is there and was reported.
    case wrong(Layer)
    case value(Value, Layer)

    var layer: Layer? {
        switch self {
        case .absent: nil
        case .wrong(let layer), .value(_, let layer): layer
        }
    }

    var value: Value? {
        if case .value(let value, _) = self { value } else { nil }
    }
}

/// One group of keys of the file, and the variables and flags that go with it. It remembers what it was asked for; the
/// rest is unknown.
final class Section {
    let reading: Reading
    /// `api`, `dialer.sources[outbound]`, empty for the whole file.
    let path: String
    /// `DIALVAULT_API`.
    let environmentPrefix: String
    /// Whether every scalar has a variable and a flag; in a list's items only secrets and user names have.
    let isInList: Bool
    let position: Position?
    private let entries: [String: Node.Entry]
    private var asked: Set<String> = []

    init(
        reading: Reading,
        path: String,
        environmentPrefix: String,
        isInList: Bool = false,
        position: Position?,
        entries: [Node.Entry]
    ) {
        self.reading = reading
        self.path = path
        self.environmentPrefix = environmentPrefix
        self.isInList = isInList
        self.position = position
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Where to point when something is missing.
    var place: Problem.Place { position.map { .position($0) } ?? .file }

    func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func variableName(_ key: String) -> String { "\(environmentPrefix)_\(key.uppercased())" }

    /// The value under `key` in the file.
    func node(_ key: String) -> Node? {
        asked.insert(key)
        return entries[key]?.value
    }

    func section(_ key: String) -> Section {
        let node = node(key)
        var entries: [Node.Entry] = []
        switch node?.content {
        case .map(let found): entries = found
        case nil, .null: break
        default: report("must be a group of keys, indented below it", of: key, at: node)
        }
        return Section(
            reading: reading,
            path: full(key),
            environmentPrefix: variableName(key),
            isInList: isInList,
            position: node?.position,
            entries: entries
        )
    }

    /// The items under `key`; none when it is absent, empty or something else, which is reported.
    func items(_ key: String) -> [Node] {
        let node = node(key)
        switch node?.content {
        case .list(let items): return items
        case nil, .null: return []
        default:
            report("must be a list", of: key, at: node)
            return []
        }
    }

    /// A value by flag, environment or file, in this order. What the file has is checked in any case.
    func find<Value>(_ key: String, _ shape: Shape<Value>, hasVariable: Bool? = nil) -> Found<Value> {
        let inFile = findInFile(key, shape)
        if !isInList, let text = reading.flag(full(key)) {
            let flag = "--" + key.replacing("_", with: "-")
            let scalar = Scalar(text: text, style: .untyped, folder: reading.currentFolder)
            return check(scalar, shape, "the value", layer: .flag, place: .flag(flag))
        }
        if hasVariable ?? !isInList, let text = reading.variable(variableName(key)) {
            let scalar = Scalar(text: text, style: .untyped, folder: reading.currentFolder)
            return check(scalar, shape, "the value", layer: .environment, place: .environment(variableName(key)))
        }
        return inFile
    }

    func value<Value>(_ key: String, _ shape: Shape<Value>, default standard: Value) -> Value {
        find(key, shape).value ?? standard
    }

    /// A value without which the section makes no sense; a missing one is reported.
    func required<Value>(_ key: String, _ shape: Shape<Value>, _ meaning: String) -> Value? {
        let found = find(key, shape)
        if case .absent = found { reading.report("`\(full(key))` is missing: \(meaning)", at: place) }
        return found.value
    }

    /// Each item of the list under `key`, with its place.
    func values<Value>(_ key: String, _ shape: Shape<Value>) -> [Value] {
        items(key).compactMap { item in
            let place = Problem.Place.position(item.position)
            guard case .scalar(let text, let isQuoted) = item.content else {
                reading.report("each of `\(full(key))` must be \(shape.expected)", at: place)
                return nil
            }
            let scalar = Scalar(text: text, style: isQuoted ? .quoted : .plain, folder: reading.fileFolder)
            return check(scalar, shape, "each of `\(full(key))`", layer: .file, place: place).value
        }
    }

    private func findInFile<Value>(_ key: String, _ shape: Shape<Value>) -> Found<Value> {
        guard let node = node(key) else { return .absent }
        switch node.content {
        case .scalar(let text, let isQuoted):
            let scalar = Scalar(text: text, style: isQuoted ? .quoted : .plain, folder: reading.fileFolder)
            return check(scalar, shape, "`\(full(key))`", layer: .file, place: .position(node.position))
        case .null: report("has no value; it must be \(shape.expected)", of: key, at: node)
        case .list: report("must be \(shape.expected), not a list", of: key, at: node)
        case .map: report("must be \(shape.expected), not a group of keys", of: key, at: node)
        }
        return .wrong(.file)
    }

    private func check<Value>(
        _ scalar: Scalar,
        _ shape: Shape<Value>,
        _ subject: String,
        layer: Layer,
        place: Problem.Place
    ) -> Found<Value> {
        do {
            return .value(try shape.read(scalar), layer)
        } catch {
            let instead = shape.showsValue ? instead(of: scalar) : ""
            reading.report("\(subject) \(error.text ?? "must be \(shape.expected)\(instead)")", at: place)
            return .wrong(layer)
        }
    }

    func report(_ text: String, of key: String, at node: Node?) {
        reading.report("`\(full(key))` \(text)", at: node.map { .position($0.position) } ?? place)
    }

    /// Reports every key that nobody asked for.
    func finish() {
        let known = asked.sorted()
        for entry in entries.values where !asked.contains(entry.key) {
            let nearest = Nearest.match(entry.key, in: known)
            let hint = nearest.map { "the nearest is `\($0)`" } ?? "the keys here are \(known.joined(separator: ", "))"
            // A lone word in braces, without a value, may be a value without its key.
            let key = nearest == nil && entry.value.isNull ? nil : Showable.key(entry.key)
            let group = path.isEmpty ? "what stands here" : "what stands here in `\(path)`"
            let subject = key.map { "`\(full($0))`" } ?? group
            reading.report("\(subject) is not a key; \(hint)", at: .position(entry.position))
        }
    }
}
