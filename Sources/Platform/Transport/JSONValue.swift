/// A JSON text as it is, for answers of which no field can be counted on.
enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case real(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Returns nil when the bytes are not JSON. See ``JSONReader`` for what is forgiven.
    init?(_ bytes: [UInt8]) {
        guard let value = JSONReader.read(bytes) else { return nil }
        self = value
    }

    /// The field's value; null when there is none, or when this is no object.
    subscript(_ key: String) -> JSONValue {
        if case .object(let fields) = self { fields[key] ?? .null } else { .null }
    }

    /// Text that is not empty; numbers are taken as they are written.
    var string: String? {
        switch self {
        case .text(let text): text.isEmpty ? nil : text
        case .integer(let value): String(value)
        case .real(let value): String(value)
        default: nil
        }
    }

    /// A finite number, or text that is one.
    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value.isFinite ? value : nil
        case .text(let text): Double(text.trimmingSpaces).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// A whole number, or text that is one.
    var integer: Int64? {
        if case .integer(let value) = self { return value }
        return number.flatMap { Int64(exactly: $0) }
    }

    var bool: Bool? {
        switch self {
        case .bool(let value): value
        case .text("true"): true
        case .text("false"): false
        default: nil
        }
    }

    var list: [JSONValue]? {
        if case .list(let items) = self { items } else { nil }
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }
}
