import ArchiveReader
import Ledger

/// The system's libraries that the stages rest on.
package enum Libraries {
    package struct Library: Sendable {
        package let name: String
        package let version: String
        /// Why a newer one should be taken; nil when this one will do.
        package let concern: String?
    }

    package static func all() throws -> [Library] {
        [
            // Older ones were not tried; what the reader works around was measured on 3.6.2.
            library("libarchive", LibraryVersions.libarchive, atLeast: [3, 6, 2], "older ones were never tried"),
            // CVE-2018-25032: deflate can write beyond its memory.
            library("zlib", LibraryVersions.zlib, atLeast: [1, 2, 12], "older ones corrupt memory, CVE-2018-25032"),
            // CVE-2022-4899 is the program's; 1.4.0 is where the functions that are used here became stable (zstd.h).
            library("libzstd", LibraryVersions.zstd, atLeast: [1, 4, 0], "older ones do not work"),
            // The oldest that GRDB 7 supports.
            library("SQLite", try Ledger.sqliteVersion(), atLeast: [3, 20, 0], "older ones do not work"),
        ]
    }

    private static func library(_ name: String, _ version: String, atLeast: [Int], _ concern: String) -> Library {
        let numbers = version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let isOld = numbers.lexicographicallyPrecedes(atLeast)
        return Library(name: name, version: version, concern: isOld ? concern : nil)
    }
}
