import Foundation
package import Platform
package import Recordings
package import Settings

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
        let pattern = directory.pattern.expanded(for: day, in: timeZone)
        guard let glob = Glob(pattern) else {
            throw Failure(
                .configuration,
                "source \(name): the pattern \(pattern) is not valid",
                advice: "Correct dialer.sources[\(name)].pattern"
            )
        }
        let found: Found
        do {
            found = try matches(of: glob)
        } catch {
            return answer(.failed, failure([error]))
        }
        if let unfinished = found.unfinished {
            return notReady("\(unfinished) is still being written for \(day)")
        }
        if !found.troubles.isEmpty { return answer(found.archives, failure: failure(found.troubles)) }
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

    /// What in the folder has a name that matches.
    private struct Found {
        var archives: [FetchedArchive] = []
        /// The first file that is still being written.
        var unfinished: String?
        /// What is wrong with those that cannot be read.
        var troubles: [DropFolder.Trouble] = []
    }

    private func matches(of glob: Glob) throws(DropFolder.Trouble) -> Found {
        let folder = try DropFolder(directory.path)
        var found = Found()
        for entry in try folder.entries() {
            let whole = entry.readings.compactMap(UnfinishedName.whenFinished)
            if !whole.isEmpty {
                guard (whole + entry.readings).contains(where: glob.matches) else { continue }
                found.unfinished = entry.shown
                return found
            }
            guard entry.readings.contains(where: glob.matches) else { continue }
            do {
                found.archives.append(try folder.archive(entry))
            } catch {
                found.troubles.append(error)
            }
        }
        return found
    }

    private func failure(_ troubles: [DropFolder.Trouble]) -> Failure {
        Failure(
            .unreachable,
            "source \(name): \(troubles.map(\.description).joined(separator: "; "))",
            advice: troubles.first?.advice
        )
    }
}
