import Foundation
package import Platform
package import Recordings
package import Settings
import Vault

/// A drop directory on this machine. Its archives are read where they lie; nothing in it is changed.
package struct DirectorySource: ArchiveSource {
    package let name: String
    package let kind = SourceKind.directory
    private let directory: DialerSource.Directory
    private let timeZone: TimeZone
    private let rule: MissingArchive

    package init(
        _ name: String,
        _ directory: DialerSource.Directory,
        _ configuration: Configuration,
        time: any PlatformTime = SystemTime()
    ) {
        self.name = name
        self.directory = directory
        timeZone = configuration.timezone
        rule = MissingArchive(configuration, time: time)
    }

    package func fetch(_ day: Day, before: FormerAnswer, progress: StageProgress) async throws -> FetchedSource {
        guard FileSystem.isFolder(directory.path) else {
            return answer(
                .failed,
                Failure(
                    .unreachable,
                    "source \(name): there is no folder \(directory.path)",
                    advice: "Check that the disk is mounted and that dialer.sources names the right path"
                )
            )
        }
        let pattern = directory.pattern.expanded(for: day, in: timeZone)
        let found = try matches(of: pattern)
        if let unfinished = found.unfinished {
            return notReady("\(unfinished) is still being written for \(day)")
        }
        if found.archives.isEmpty {
            return missing(
                day,
                rule,
                before: try before(),
                "no archive for \(day) matches \(directory.path)/\(pattern)"
            )
        }
        return answer(found.archives)
    }

    /// The archives whose name matches `pattern`, and the first matching file that is still being written.
    private func matches(of pattern: String) throws -> (archives: [FetchedArchive], unfinished: String?) {
        guard let glob = Glob(pattern) else {
            throw Failure(
                .configuration,
                "source \(name): the pattern \(pattern) is none",
                advice: "Correct dialer.sources[\(name)].pattern"
            )
        }
        var archives: [FetchedArchive] = []
        for name in try FileSystem.list(directory.path) {
            if let whole = UnfinishedName.whenFinished(name) {
                if glob.matches(whole) || glob.matches(name) { return ([], name) }
            } else if glob.matches(name), let archive = archive(name) {
                archives.append(archive)
            }
        }
        return (archives, nil)
    }

    private func archive(_ name: String) -> FetchedArchive? {
        let path = "\(directory.path)/\(name)"
        guard let attributes = FileSystem.attributes(path) else { return nil }
        return FetchedArchive(
            name: name,
            path: path,
            sizeBytes: attributes.sizeBytes,
            fingerprint: Self.fingerprint(attributes)
        )
    }

    private static func fingerprint(_ attributes: (sizeBytes: Int64, modifiedNanoseconds: Int64)) -> String {
        "\(attributes.sizeBytes) bytes, modified \(attributes.modifiedNanoseconds)"
    }
}
