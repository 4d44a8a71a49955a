package import Recordings

/// Which of the ids that an archive's members carry is one member's alone.
///
/// An id that legs, parts or all calls of a tenant share identifies none of them. Every member is added before any is
/// asked for.
package struct MemberIdentities: Sendable {
    private var seen: Set<Key> = []
    private var shared: Set<Key> = []

    /// Most ids have 32 hexadecimal digits, and a day may have a million.
    private enum Key: Hashable {
        case bits(UInt64, UInt64)
        case text(String)

        init(_ id: RecordingID) {
            let text = id.text
            if text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
                let low = UInt64(text.suffix(16), radix: 16)
            {
                self = .bits(high, low)
            } else {
                self = .text(text)
            }
        }
    }

    package init() {}

    /// Takes the ids that one member carries: its sidecar's row, its name.
    package mutating func add(_ ids: RecordingID?...) {
        for key in Set(ids.compactMap { $0.map(Key.init) }) where !seen.insert(key).inserted { shared.insert(key) }
    }

    package func isUnique(_ id: RecordingID) -> Bool { !shared.contains(Key(id)) }

    /// The first of a member's ids that no other member carries; nil when there is none.
    package func identity(_ ids: RecordingID?...) -> RecordingID? {
        ids.compactMap(\.self).first(where: isUnique)
    }
}
