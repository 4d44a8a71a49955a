/// A part of a representation, as the `Range` header asks for it (RFC 9110, section 14).
enum ByteRange: Hashable, Sendable {
    /// No header, or one that is ignored (another unit, several ranges, nonsense): everything, status 200.
    case whole
    case part(offset: Int64, length: Int64)
    /// Nothing of it lies inside: status 416.
    case unsatisfiable

    /// - Parameter size: the size of the whole representation.
    init(header: String?, size: Int64) {
        guard let header, header.hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, !header.contains(",") else {
            self = .whole
            return
        }
        let (first, last) = (parts[0], parts[1])
        if first.isEmpty {
            guard let suffix = Int64(last), suffix >= 0 else {
                self = .whole
                return
            }
            let length = min(suffix, size)
            self = length > 0 ? .part(offset: size - length, length: length) : .unsatisfiable
            return
        }
        guard let offset = Int64(first), offset >= 0, last.isEmpty || (Int64(last).map { $0 >= offset } ?? false)
        else {
            self = .whole
            return
        }
        guard offset < size else {
            self = .unsatisfiable
            return
        }
        let end = Int64(last).map { min($0, size - 1) } ?? size - 1
        self = .part(offset: offset, length: end - offset + 1)
    }
}
