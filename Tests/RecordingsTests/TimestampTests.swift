import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `Times of the manifest` {
    // Seconds from `date -u -d … +%s`.
    @Test(arguments: [
        ("2018-04-05T08:11:09.000Z", 1_522_915_869_000), ("2018-04-05T10:11:09+02:00", 1_522_915_869_000),
        ("2018-04-05T10:11:09.5+0200", 1_522_915_869_500), ("1969-12-31T23:59:59.999Z", -1),
        ("2000-02-29T00:00:00Z", 951_782_400_000), ("2018-04-05t08:11:09.123456z", 1_522_915_869_123),
    ])
    func `are read in every form that RFC 3339 allows`(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.millisecondsSinceEpoch == milliseconds)
    }

    @Test(arguments: [
        "", "2018-04-05", "2018-04-05T08:11:09", "2018-02-29T00:00:00Z", "2018-04-05T24:00:00Z", "2018-04-05T08:60:00Z",
        "2018-04-05T08:11:60Z", "2018-04-05T08:11:09.Z", "2018-04-05T08:11:09+2:00", "2018-04-05T08:11:09Zx",
        "２018-04-05T08:11:09Z",
    ])
    func `that are none are refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `are written in UTC with milliseconds, as GNU date writes them`() throws {
        for milliseconds in [0, 1_522_915_869_007, 4_102_444_799_999, 951_782_399_050, -86_400_001] as [Int64] {
            let seconds = Double(milliseconds) / 1000
            let expected = try Program(
                "date",
                ["-u", "-d", String(format: "@%.3f", seconds), "+%Y-%m-%dT%H:%M:%S.%3NZ"]
            ).text.trimmingCharacters(in: .newlines)
            #expect(Timestamp(millisecondsSinceEpoch: milliseconds).description == expected)
        }
    }

    @Test func `stand in file names without separators and milliseconds`() {
        #expect(Samples.time("2018-04-05T08:11:09.999Z").compactDescription == "20180405T081109Z")
    }
}
