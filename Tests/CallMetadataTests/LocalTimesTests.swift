import CallMetadata
import Foundation
import Recordings
import Testing

/// Expected moments: Python's zoneinfo, `datetime(…, tzinfo=ZoneInfo(zone), fold=0 and 1).astimezone(timezone.utc)`.
@Suite struct LocalTimesTests {
    @Test(
        "A time that clocks showed once is that moment",
        arguments: [
            ("Europe/Berlin", "2018-04-05T10:15:33", "2018-04-05T08:15:33.000Z"),
            ("Europe/Berlin", "2018-01-05T10:15:33", "2018-01-05T09:15:33.000Z"),
            ("Europe/Berlin", "2018-03-25T01:59:59", "2018-03-25T00:59:59.000Z"),
            ("Europe/Berlin", "2018-03-25T03:00:00", "2018-03-25T01:00:00.000Z"),
            ("Europe/Berlin", "2018-10-28T01:59:59", "2018-10-27T23:59:59.000Z"),
            ("Europe/Berlin", "2018-10-28T03:00:00", "2018-10-28T02:00:00.000Z"),
            ("America/New_York", "2018-07-04T12:00:00", "2018-07-04T16:00:00.000Z"),
            ("America/Sao_Paulo", "2018-11-03T23:59:59", "2018-11-04T02:59:59.000Z"),
            ("America/Sao_Paulo", "2018-11-04T01:00:00", "2018-11-04T03:00:00.000Z"),
            ("Asia/Kolkata", "2018-04-05T00:00:00", "2018-04-04T18:30:00.000Z"),
            ("UTC", "2018-04-05T00:00:00", "2018-04-05T00:00:00.000Z"),
        ]
    )
    func unambiguous(zone: String, local: String, moment: String) throws {
        #expect(try reading(zone, local) == .unambiguous(try timestamp(moment)))
    }

    @Test(
        "A time that clocks showed twice is both moments, the earlier first",
        arguments: [
            ("Europe/Berlin", "2018-10-28T02:00:00", "2018-10-28T00:00:00.000Z", "2018-10-28T01:00:00.000Z"),
            ("Europe/Berlin", "2018-10-28T02:30:00", "2018-10-28T00:30:00.000Z", "2018-10-28T01:30:00.000Z"),
            ("Europe/Berlin", "2018-10-28T02:59:59", "2018-10-28T00:59:59.000Z", "2018-10-28T01:59:59.000Z"),
            ("America/New_York", "2018-11-04T01:30:00", "2018-11-04T05:30:00.000Z", "2018-11-04T06:30:00.000Z"),
            ("America/Sao_Paulo", "2018-02-17T23:30:00", "2018-02-18T01:30:00.000Z", "2018-02-18T02:30:00.000Z"),
            ("Australia/Lord_Howe", "2018-04-01T01:45:00", "2018-03-31T14:45:00.000Z", "2018-03-31T15:15:00.000Z"),
        ]
    )
    func ambiguous(zone: String, local: String, first: String, second: String) throws {
        #expect(
            try reading(zone, local) == .ambiguous(first: try timestamp(first), second: try timestamp(second))
        )
    }

    @Test(
        "A time that clocks skipped is moved forward by the gap",
        arguments: [
            ("Europe/Berlin", "2018-03-25T02:00:00", "2018-03-25T01:00:00.000Z"),
            ("Europe/Berlin", "2018-03-25T02:30:00", "2018-03-25T01:30:00.000Z"),
            ("Europe/Berlin", "2018-03-25T02:59:59", "2018-03-25T01:59:59.000Z"),
            ("America/New_York", "2018-03-11T02:30:00", "2018-03-11T07:30:00.000Z"),
            ("America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04T03:30:00.000Z"),
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00.000Z"),
            ("Australia/Lord_Howe", "2018-10-07T02:15:00", "2018-10-06T15:45:00.000Z"),
        ]
    )
    func skipped(zone: String, local: String, moment: String) throws {
        #expect(try reading(zone, local) == .skipped(shifted: try timestamp(moment)))
    }

    private func reading(_ zone: String, _ local: String) throws -> LocalTimes.Reading {
        LocalTimes(zone: try #require(TimeZone(identifier: zone))).reading(of: try civil(local))
    }
}
