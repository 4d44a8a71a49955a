import Recordings

/// Reads a JSON object field by field and knows which fields nobody asked for, so that a mistyped key is an error.
struct FieldReader {
    private var rest: [String: JSONValue]
    /// What is being read, for errors: `account.json: audio`.
    let name: String

    init(_ value: JSONValue, name: String) throws {
        guard let members = value.members else {
            throw Failure(.configuration, "\(name) is not a JSON object")
        }
        rest = members
        self.name = name
    }

    mutating func value(_ key: String) -> JSONValue? {
        rest.removeValue(forKey: key)
    }

    mutating func text(_ key: String) throws -> String? {
        try field(key, "a string") { $0.text }
    }

    mutating func integer(_ key: String) throws -> Int64? {
        try field(key, "a whole number") { $0.integer }
    }

    mutating func flag(_ key: String) throws -> Bool? {
        try field(key, "true or false") { $0.flag }
    }

    mutating func elements(_ key: String) throws -> [JSONValue]? {
        try field(key, "an array") { $0.elements }
    }

    mutating func texts(_ key: String) throws -> [String]? {
        try field(key, "an array of strings") { value in
            guard let elements = value.elements else { return nil }
            let texts = elements.compactMap(\.text)
            return texts.count == elements.count ? texts : nil
        }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
    where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return try field(key, "one of \(names)") { $0.text.flatMap(Choice.init(rawValue:)) }
    }

    /// Reads an object inside this one; nil when it is absent.
    mutating func object<Value>(_ key: String, _ read: (inout FieldReader) throws -> Value) throws -> Value? {
        guard let value = rest.removeValue(forKey: key) else { return nil }
        return try Self.read(value, name: "\(name): \(key)", read)
    }

    /// Reads an object completely.
    ///
    /// - throws: ``Failure`` with code `configuration` that names the first key nobody asked for.
    static func read<Value>(
        _ value: JSONValue,
        name: String,
        _ read: (inout FieldReader) throws -> Value
    ) throws -> Value {
        var reader = try FieldReader(value, name: name)
        let result = try read(&reader)
        if let unknown = reader.rest.keys.min() {
            throw Failure(
                .configuration,
                "\(name) has the unknown key \(unknown)",
                advice: "The keys are listed by platform-sim --help"
            )
        }
        return result
    }

    func missing(_ key: String) -> Failure {
        Failure(.configuration, "\(name) lacks \(key)")
    }

    private mutating func field<Value>(
        _ key: String,
        _ kind: String,
        _ convert: (JSONValue) -> Value?
    ) throws -> Value? {
        guard let value = rest.removeValue(forKey: key) else { return nil }
        guard let converted = convert(value) else {
            throw Failure(.configuration, "\(name): \(key) must be \(kind)")
        }
        return converted
    }
}
