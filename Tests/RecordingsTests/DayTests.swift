import Foundation
import Recordings
import TestSupport
import Testing

@Suite struct `A day` {
    @Test(arguments: ["2018-04-05", "2000-02-29", "0001-01-01", "9999-12-31"])
    func `is read as it is written`(text: String) {
        #expect(Day(text)?.description == text)
    }

    @Test(arguments: [
        "2018-4-5", "2018-02-29", "1900-02-29", "2018-13-01", "2018-00-10", "2018-01-00", "2018-04-05 ", "",
    ])
    func `that does not exist is refused`(text: String) {
        #expect(Day(text) == nil)
    }

    // Interval starts from `TZ=… date -d '<day> 00:00' +%s`.
    @Test(arguments: [
        ("Europe/Berlin", "2018-04-05", 1_522_879_200, 24), ("Europe/Berlin", "2018-03-25", 1_521_932_400, 23),
        ("Europe/Berlin", "2018-10-28", 1_540_677_600, 25), ("America/New_York", "2018-03-11", 1_520_744_400, 23),
        ("America/New_York", "2018-11-04", 1_541_304_000, 25), ("UTC", "2018-04-05", 1_522_886_400, 24),
    ])
    func `lasts from local midnight to local midnight`(zone: String, text: String, start: Int64, hours: Int64) throws {
        let interval = try #require(Day(text)).interval(in: try #require(TimeZone(identifier: zone)))
        #expect(interval.lowerBound == Timestamp(secondsSinceEpoch: start))
        #expect(interval.upperBound == Timestamp(secondsSinceEpoch: start + hours * 3600))
    }

    @Test func `without a midnight starts when its date does`() throws {
        // In São Paulo clocks went from 2018-11-03 24:00 to 2018-11-04 01:00 (tz database, southamerica).
        let zone = try #require(TimeZone(identifier: "America/Sao_Paulo"))
        let interval = try #require(Day("2018-11-04")).interval(in: zone)
        #expect(interval.lowerBound == Samples.time("2018-11-04T03:00:00Z"))
        #expect(interval.upperBound == Samples.time("2018-11-05T02:00:00Z"))
    }

    @Test func `follows the day before it, for four hundred years`() throws {
        var day = try #require(Day("1900-01-01"))
        let end = try #require(Day("2300-01-01"))
        var count = 0
        while day < end {
            let next = day.advanced(by: 1)
            #expect(next.daysSinceEpoch == day.daysSinceEpoch + 1)
            #expect(Day(next.description) == next)
            day = next
            count += 1
        }
        // 400 Gregorian years have 146,097 days, 1900 to 2300 as any other 400.
        #expect(count == 146_097)
    }
}
