import Foundation
import Recordings
import Testing

@testable import Settings

@Suite("Patterns of a day")
struct DatePatternTests {
    private func expanded(_ text: String, _ day: String, _ zone: String) throws -> String {
        try DatePattern(text, for: .checksum).expanded(
            for: try #require(Day(day)),
            in: try #require(TimeZone(identifier: zone)),
            url: "https://h/a.zip"
        )
    }

    @Test(
        "Tokens become the day's date",
        arguments: [
            ("outbound-{yyyy}-{MM}-{dd}*.tar.gz", "outbound-2018-04-05*.tar.gz"),
            ("{yyyy}{MM}{dd}/*.zip", "20180405/*.zip"), ("{yyyy-MM-dd}", "2018-04-05"), ("{dd}{dd}", "0505"),
            ("{url}.sha256", "https://h/a.zip.sha256"),
        ]
    )
    func date(pattern: String, expected: String) throws {
        #expect(try expanded(pattern, "2018-04-05", "Europe/Berlin") == expected)
    }

    // The expected values are `TZ=<zone> date -d '<day> 00:00' +%s` of GNU coreutils.
    @Test(
        "The epoch is that of local midnight",
        arguments: [
            ("2018-04-05", "Europe/Berlin", "1522879200"), ("2018-04-05", "UTC", "1522886400"),
            ("2018-03-25", "Europe/Berlin", "1521932400"), ("2018-03-26", "Europe/Berlin", "1522015200"),
            ("2018-04-05", "America/New_York", "1522900800"),
        ]
    )
    func epoch(day: String, zone: String, expected: String) throws {
        #expect(try expanded("{epoch}", day, zone) == expected)
    }

    @Test("A day's archives are found by name")
    func matches() throws {
        let pattern = try DatePattern("outbound-{yyyy}-{MM}-{dd}*.tar.gz")
        let day = try #require(Day("2018-04-05"))
        #expect(pattern.matches(fileName: "outbound-2018-04-05.tar.gz", for: day, in: .gmt))
        #expect(pattern.matches(fileName: "outbound-2018-04-05_2.tar.gz", for: day, in: .gmt))
        #expect(!pattern.matches(fileName: "outbound-2018-04-06.tar.gz", for: day, in: .gmt))
        #expect(!pattern.matches(fileName: "outbound-2018-04-05.tar.gz.part", for: day, in: .gmt))
    }
}

@Suite("Wildcards")
struct GlobTests {
    // The expected values are those of bash 5.2, `[[ name == pattern ]]`, and for dots and slashes of its pathname expansion.
    @Test(
        "A name matches",
        arguments: [
            ("*", "abc"), ("*", ""), ("a*c", "abbbc"), ("a*c", "ac"), ("a?c", "abc"), ("[abc]x", "bx"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"), ("[]a]x", "]x"), ("[a-]x", "-x"), ("*.tar.gz", "a.tar.tar.gz"), ("a**b", "ab"),
            ("*a*b*", "xxaxxbxx"), (".*", ".a"), ("ä?", "äö"), ("a.b", "a.b"), ("*-[0-9][0-9].zip", "day-05.zip"),
            ("*/*", "a/b"),
        ]
    )
    func matches(pattern: String, name: String) throws {
        #expect(try #require(Glob(pattern)).matches(name))
    }

    @Test(
        "A name does not match",
        arguments: [
            ("a*c", "abcd"), ("a?c", "ac"), ("[abc]x", "dx"), ("[!a-c]x", "bx"), ("*.zip", "a.zip.part"), ("a", ""),
            ("", "a"), ("*.zip", ".a.zip"), ("?a.zip", ".a.zip"), ("[.]a", ".a"), ("*.zip", "d/a.zip"), ("a?b", "a/b"),
            ("a[!x]b", "a/b"), ("A", "a"), ("a.b", "axb"),
        ]
    )
    func doesNotMatch(pattern: String, name: String) throws {
        #expect(try #require(Glob(pattern)).matches(name) == false)
    }

    @Test(
        "A set without an end, an empty one or a backward range is no pattern",
        arguments: ["[", "[a", "[]", "[!]", "[z-a]"]
    )
    func malformed(pattern: String) {
        #expect(Glob(pattern) == nil)
    }

    @Test("Many stars cost no more than name times pattern", .timeLimit(.minutes(1)))
    func manyStars() throws {
        let glob = try #require(Glob(String(repeating: "a*", count: 100) + "b"))
        #expect(!glob.matches(String(repeating: "a", count: 10_000)))
    }
}

@Suite("Sizes, durations and times of day")
struct QuantityTests {
    @Test(
        "Sizes are decimal and binary",
        arguments: [
            ("0", 0), ("1", 1), ("512B", 512), ("500M", 500_000_000), ("500MB", 500_000_000), ("2 GiB", 2_147_483_648),
            ("200GiB", 214_748_364_800), ("1Ki", 1024), ("1k", 1000), ("1.5TB", 1_500_000_000_000), ("1.5KiB", 1536),
            ("0.1K", 100), ("1PiB", 1_125_899_906_842_624), ("9223372036854775807", 9_223_372_036_854_775_807),
        ] as [(String, Int64)]
    )
    func sizes(text: String, expected: Int64) {
        #expect(Quantity.bytes(text) == expected)
    }

    @Test(
        "What is no size is none",
        arguments: [
            "", "B", "-1", "+1", "1 parsec", "1iB", "1Bi", "1KiBs", "1.", ".5G", "1.2.3", "1e3", "0x10",
            "9223372036854775808",
            "10000000000G", "1G1", "٣", "1.1234567G",
        ]
    )
    func noSizes(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }

    @Test(
        "Durations are sums of units",
        arguments: [
            ("30d", 2_592_000_000), ("90m", 5_400_000), ("1h30m", 5_400_000), ("2w", 1_209_600_000), ("500ms", 500),
            ("1d2h3m4s5ms", 93_784_005), ("0s", 0),
        ] as [(String, Int64)]
    )
    func durations(text: String, expected: Int64) {
        #expect(Quantity.duration(text) == expected)
    }

    @Test(
        "What is no duration is none",
        arguments: ["", "30", "d", "-1d", "1.5h", "1h 30m", "30m1h", "1h1h", "1y", "1M30", "99999999999999d"]
    )
    func noDurations(text: String) {
        #expect(Quantity.duration(text) == nil)
    }

    @Test("A time of day is hours and minutes")
    func timeOfDay() {
        #expect(TimeOfDay("06:00")?.hour == 6)
        #expect(TimeOfDay("23:59")?.minute == 59)
        for text in ["", "6:00", "24:00", "12:60", "12:00:00", "1200", "-1:00", "٠٦:٠٠"] {
            #expect(TimeOfDay(text) == nil)
        }
    }
}

@Suite("The nearest word")
struct NearestTests {
    @Test(
        "One change, or a swap of neighbours, is nearer than two",
        arguments: [
            ("tpslmit", "tpslimit"), ("timezoen", "timezone"), ("VAULT", "vault"), ("retenton", "retention"),
        ]
    )
    func nearest(word: String, expected: String) {
        #expect(Nearest.match(word, in: ["vault", "timezone", "tpslimit", "retention", "limits"]) == expected)
    }

    @Test("What resembles nothing has none")
    func none() {
        #expect(Nearest.match("xyzzy", in: ["vault", "timezone"]) == nil)
        #expect(Nearest.match("vault", in: []) == nil)
    }

    // Levenshtein's own examples, as in the literature: kitten and sitting are 3 apart, saturday and sunday 3.
    @Test(
        "Distances are the textbook's",
        arguments: [("kitten", "sitting", 3), ("saturday", "sunday", 3), ("", "abc", 3), ("ca", "ac", 1)]
    )
    func distance(left: String, right: String, expected: Int) {
        #expect(Nearest.editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars)) == expected)
    }
}
