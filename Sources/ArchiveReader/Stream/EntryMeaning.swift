import Foundation
import Recordings

/// What libarchive's words about an entry mean, by the archive's format: it hands on names of zips in whatever encoding they
/// are, and takes times without a zone to be in the process's own, not in the account's.
struct EntryMeaning {
    private let format: LibArchive.Format
    private let zip: ZipSurvey?
    private let zone: TimeZone

    /// As libarchive says it, for formats whose times are UTC.
    init() { self.init(of: .tar, nil, .gmt) }

    /// - Parameter zip: what our own reader found in the directory; nil where there is none.
    init(of format: LibArchive.Format, _ zip: ZipSurvey?, _ zone: TimeZone) {
        self.format = format
        self.zip = zip
        self.zone = zone
    }

    func name(_ bytes: [UInt8]) -> [UInt8] {
        switch format {
        case .zip, .streamedZip: ZipName.path(bytes, hasSlashesOnly: zip.map { !$0.isMadeOnDOS } ?? false)
        case .tar, .sevenZip, .cab, .rar, .raw: bytes
        }
    }

    func modifiedAt(_ told: Timestamp?, ofEntryAt index: Int, size: Int64) -> Timestamp? {
        switch format {
        case .tar, .sevenZip, .rar, .raw: told
        case .zip: zip?.modifiedAt(entryAt: index, size: size)
        // Whether a zone was known to libarchive cannot be told any more.
        case .streamedZip: nil
        case .cab: told.flatMap(inZone)
        }
    }

    /// What a wall clock showed, of which libarchive has made a moment by the process's own zone.
    private func inZone(_ time: Timestamp) -> Timestamp? {
        var seconds = time_t(time.secondsSinceEpoch)
        var local = tm()
        guard localtime_r(&seconds, &local) != nil,
            let date = Day(
                year: Int(local.tm_year) + 1900,
                month: Int(local.tm_mon) + 1,
                dayOfMonth: Int(local.tm_mday)
            )
        else { return nil }
        let civil = CivilTime(
            date: date,
            hour: Int(local.tm_hour),
            minute: Int(local.tm_min),
            second: min(Int(local.tm_sec), 59)
        )
        return .ofArchive(civil, in: zone)
    }
}

extension Timestamp {
    /// What a clock in `zone` showed; where it showed that twice, one of the two moments.
    static func ofArchive(_ time: CivilTime, in zone: TimeZone) -> Timestamp? {
        let local = time.secondsSinceEpoch
        let guess = local - Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(local))))
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(guess)))
        return .ofArchive(seconds: local - Int64(offset))
    }
}
