/// Told how far something is; by default nobody listens.
package struct Progress: Sendable {
    /// Takes what is done and, when it is known, of how much: bytes, or items where the operation says so.
    package let report: @Sendable (_ done: Int64, _ total: Int64?) -> Void

    package init(_ report: @escaping @Sendable (_ done: Int64, _ total: Int64?) -> Void) {
        self.report = report
    }

    package static let none = Progress { _, _ in }
}
