import Recordings
import Vault

extension Vault {
    /// What a test's next revision of a day may leave out: everything.
    func erasingAll(_ day: Day) throws -> [PublishedIdentity: Removal] {
        let rows = try publishedDay(day)?.recordings ?? []
        return Dictionary(rows.map { (PublishedIdentity($0), .erased) }) { first, _ in first }
    }
}
