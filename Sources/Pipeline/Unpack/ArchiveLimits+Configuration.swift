import ArchiveReader
import Settings

extension ArchiveLimits {
    /// What the configuration allows one archive.
    init(_ configured: Configuration.Limits) {
        self.init()
        archiveBytes = configured.archiveBytes
        memberBytes = configured.memberBytes
        members = configured.members
        ratio = configured.ratio
        nesting = configured.nesting
    }
}
