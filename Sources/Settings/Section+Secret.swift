import Recordings

extension Section {
    /// The secret `key`, which may also be given as `key_file` or `key_command`, in the file or in the environment.
    ///
    /// Exactly one of the three; the environment, when it has one, replaces the file's. Messages never hold a value.
    func secret(_ key: String) -> Found<SecretReference> {
        let inFile = origin(
            of: key,
            value: fileScalar(key, .secretValue),
            path: fileScalar("\(key)_file", .secretPath(home: reading.home)),
            command: fileScalar("\(key)_command", .secretValue),
            layer: .file
        )
        if case .value(.value, _) = inFile { reading.hasSecretInFile = true }
        let inEnvironment = origin(
            of: key,
            value: variable(key, .secretValue),
            path: variable("\(key)_file", .secretPath(home: reading.home)),
            command: variable("\(key)_command", .secretValue),
            layer: .environment
        )
        let origin = if case .absent = inEnvironment { inFile } else { inEnvironment }
        switch origin {
        case .absent: return .absent
        case .wrong(let layer): return .wrong(layer)
        case .value(let origin, let layer): return .value(reference(to: key, origin), layer)
        }
    }

    /// A reference that says what is missing when it is used.
    func reference(to key: String, _ origin: SecretReference.Origin? = nil) -> SecretReference {
        SecretReference(key: full(key), environmentName: variableName(key), origin: origin)
    }

    private func origin(
        of key: String,
        value: Found<String>,
        path: Found<String>,
        command: Found<String>,
        layer: Layer
    ) -> Found<SecretReference.Origin> {
        let given = zip([key, "\(key)_file", "\(key)_command"], [value.layer, path.layer, command.layer])
            .compactMap { $1 == nil ? nil : $0 }
        guard given.count <= 1 else {
            let place: Problem.Place
            let names: [String]
            switch layer {
            case .file:
                place = node(given[1]).map { .position($0.position) } ?? self.place
                names = given.map { "`\(full($0))`" }
            case .environment, .flag:
                place = .environment(variableName(given[1]))
                names = given.map(variableName)
            }
            reading.report("only one of \(names.joined(separator: " and ")) can be given", at: place)
            return .wrong(layer)
        }
        if let value = value.value { return .value(.value(Secret(value)), layer) }
        if let path = path.value { return .value(.file(path), layer) }
        if let command = command.value { return .value(.command(Secret(command)), layer) }
        return given.isEmpty ? .absent : .wrong(layer)
    }

    private func fileScalar(_ key: String, _ shape: Shape<String>) -> Found<String> {
        guard let node = node(key) else { return .absent }
        guard case .scalar(let text, let isQuoted) = node.content else {
            report("must be \(shape.expected)", of: key, at: node)
            return .wrong(.file)
        }
        let scalar = Scalar(text: text, style: isQuoted ? .quoted : .plain, folder: reading.fileFolder)
        guard let value = try? shape.read(scalar) else {
            report("must be \(shape.expected)", of: key, at: node)
            return .wrong(.file)
        }
        return .value(value, .file)
    }

    private func variable(_ key: String, _ shape: Shape<String>) -> Found<String> {
        let name = variableName(key)
        guard let text = reading.variable(name) else { return .absent }
        let scalar = Scalar(text: text, style: .untyped, folder: reading.currentFolder)
        guard let value = try? shape.read(scalar) else {
            reading.report("the value must be \(shape.expected)", at: .environment(name))
            return .wrong(.environment)
        }
        return .value(value, .environment)
    }
}

extension Shape<String> {
    /// Any one line of text, digits and all.
    static let secretValue = Shape(expected: "text on one line", showsValue: false) { scalar throws(Mismatch) in
        guard !scalar.text.isEmpty, hasNoControlCharacters(scalar.text) else { throw Mismatch() }
        return scalar.text
    }
}
