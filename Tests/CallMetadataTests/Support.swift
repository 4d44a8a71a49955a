import CallMetadata
import Foundation
import Recordings
import Testing

func timestamp(_ text: String) throws -> Timestamp {
    try #require(Timestamp(rfc3339: text))
}

/// A local time, written without its zone.
func civil(_ text: String) throws -> CivilTime {
    CivilTime(secondsSinceEpoch: try timestamp(text + "Z").secondsSinceEpoch)
}

func local(_ text: String) throws -> CallStart {
    .local(try civil(text))
}

func absolute(_ text: String) throws -> CallStart {
    .absolute(try timestamp(text))
}

let april5 = "2018-04-05"

/// What the built-in reading, or the given patterns, make of a name in an archive of a day.
func metadata(_ name: String, patterns: [String] = [], near day: String? = april5) throws -> CallMetadata {
    let date = try day.map { try #require(Day($0)) }
    return try FilenamePatterns(patterns).reader().metadata(of: name, near: date)
}
