import CLibArchive
import CZlib
import CZstd

/// The libraries that this program runs with, which need not be those that it was built with.
package enum LibraryVersions {
    /// `3.6.2`.
    package static var libarchive: String {
        // archive_version_number(): major × 1,000,000 + minor × 1,000 + patch (archive.h).
        let number = Int(archive_version_number())
        return "\(number / 1_000_000).\(number / 1000 % 1000).\(number % 1000)"
    }

    /// `1.2.13`.
    package static var zlib: String { String(cString: zlibVersion()) }

    /// `1.5.4`.
    package static var zstd: String { String(cString: ZSTD_versionString()) }
}
