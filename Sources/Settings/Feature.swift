/// What the contract has and a version may not do yet.
///
/// The one place to change when one of them is built: ``built``.
enum Feature: CaseIterable {
    case bulkDownload, selection

    /// What this version does.
    static let built: Set<Feature> = [.bulkDownload, .selection]

    var complaint: String {
        let what =
            switch self {
            case .bulkDownload: "`download: bulk`"
            case .selection: "`select` with anything in it"
            }
        return "\(what) is not in this version of Dialvault yet"
    }
}
