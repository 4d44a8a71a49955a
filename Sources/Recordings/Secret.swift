/// A password, token or key. It travels like any value and shows itself nowhere: not when it is described, dumped,
/// mirrored, interpolated into a text or encoded.
///
/// ``exposed`` is the only way to the value, so that every use can be found by that name.
package struct Secret: Hashable, Sendable {
    /// The value itself: for a header, a form field or a signature, and for nothing that anyone reads.
    package let exposed: String

    package init(_ value: String) {
        exposed = value
    }

    /// What stands for the value wherever a text is made of it.
    package static let placeholder = "(secret)"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Self.placeholder }

    package var debugDescription: String { Self.placeholder }

    /// Without children, so that `dump` and whatever else looks inside finds nothing.
    package var customMirror: Mirror {
        Mirror(self, children: EmptyCollection<Mirror.Child>())
    }
}

extension Secret: Encodable {
    /// Encodes the placeholder: a secret is never stored by accident, and never read back.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.placeholder)
    }
}
