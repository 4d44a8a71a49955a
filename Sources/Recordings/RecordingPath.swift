package import Foundation

extension Recording {
    /// Where a recording lies in its bag: `data/<channel>/<HH>/<YYYYMMDD>T<HHMMSS>Z_<recording id>.<ext>`.
    ///
    /// The hour is local, the time in the name is UTC. No phone number or person's name stands in it.
    ///
    /// - Parameter fileExtension: what the bytes are, whatever the source called them.
    package static func path(
        channel: Channel,
        startedAt: Timestamp,
        id: RecordingID,
        fileExtension: String,
        in zone: TimeZone
    ) -> String {
        let hour = padded(Day.localTime(at: startedAt, in: zone).hour, 2)
        return "data/\(channel.rawValue)/\(hour)/\(startedAt.compactDescription)_\(id).\(fileExtension)"
    }
}
