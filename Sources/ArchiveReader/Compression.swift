/// A compression around one stream of bytes: a tar, or a single file.
package enum Compression: String, Codable, Hashable, Sendable, CaseIterable {
    case gzip, bzip2, xz, zstd, lz4, compress

    /// What its tools add to the name of a file (`zstd(1)`, `xz(1)`, …), longest first; compared without regard to case.
    var nameEndings: [String] {
        switch self {
        case .gzip: [".gzip", ".gz"]
        case .bzip2: [".bz2", ".bz"]
        case .xz: [".xz"]
        case .zstd: [".zstd", ".zst"]
        case .lz4: [".lz4"]
        case .compress: [".z"]
        }
    }
}

extension LibArchive.Filter {
    var compression: Compression {
        switch self {
        case .bzip2: .bzip2
        case .xz: .xz
        case .lz4: .lz4
        case .compress: .compress
        }
    }
}
