import CallMetadata
import Foundation
import Recordings
import Testing

/// Expected moments: Python's `email.utils.parsedate_to_datetime`, `zoneinfo`, and `datetime(1899, 12, 30) +
/// timedelta(days=…)`; the others by hand. Every one of the absolute ones is 2018-04-05 07:00:00 UTC.
@Suite struct SidecarTimeTests {
    @Test(
        "A time with a zone is a moment, however the zone is written",
        arguments: [
            "Thu, 05 Apr 2018 07:00:00 +0000", "Thu, 5 Apr 2018 02:00:00 -0500", "05 Apr 2018 07:00:00 GMT",
            "Thu, 05 Apr 2018 00:00:00 PDT", "Thu, 05 Apr 2018 02:00:00 CDT", "Thu, 05 Apr 18 03:00 EDT",
            "Thu, 05 Apr 2018 01:00:00 CST", "Wed, 04 Apr 2018 23:00:00 PST", "Thu, 05 Apr 2018 09:00:00 +0200 (CEST)",
            "Thu Apr 05 2018 09:00:00 GMT+0200 (Central European Summer Time)", "Thu Apr  5 09:00:00 CEST 2018",
            "2018-04-05 09:00:00 CEST", "2018-04-05 08:00:00 CET", "05.04.2018 09:00:00 MESZ", "05.04.18 09:00 (MESZ)",
            "2018-04-05 09:00:00 UTC+2", "2018-04-05 09:00:00 GMT+02:00", "2018-04-05 07:00 Z",
            "2018-04-05T09:00:00+02", "2018-04-05T12:30:00+05:30", "2018-04-05T09:00:00+02:00[Europe/Berlin]",
            "2018-04-05 09:00:00 Europe/Berlin", "2018-04-05 03:00:00 America/New_York", "2018-04-05 03:00 AM EDT",
            "20180405T070000Z", "20180405T090000+0200", "1522911600", "1522911600000", "1522911600000000",
            "1522911600000000000", "1522911600.000", "5 April 2018 07:00 UTC", "April 5th, 2018 at 7:00 AM UTC",
        ]
    )
    func moments(written: String) throws {
        #expect(start("start_time", written) == (try absolute("2018-04-05T07:00:00.000Z")))
    }

    @Test(
        "Months may be words, days Excel's numbers, years short, halves of the day English",
        arguments: [
            "Apr 5, 2018 9:00:00 AM", "April 5, 2018, 9:00 AM", "5. April 2018 09:00", "Do., 05. Apr. 2018, 09:00 Uhr",
            "Thu Apr  5 09:00:00 2018", "05-Apr-2018 09:00:00", "05-APR-18 09.00.00.000000 AM", "2018-Apr-05 09:00:00",
            "am 5. April 2018 um 9:00 Uhr", "Donnerstag, 5. April 2018 09:00:00", "43195.375", "43195,375",
            "05.04.18 09:00", "5.4.2018 9:00", "05.04.2018 09:00:00 Uhr", "2018-04-05 9:00 a.m.",
            "2018-04-05 9:00\u{202F}AM", "4/5/2018 9:00 AM|4/13/2018 9:00 AM",
        ]
    )
    func localTimes(written: String) throws {
        let rows = written.split(separator: "|").map(String.init)
        #expect(start("start_time", rows[0], rows.dropFirst()) == (try local("2018-04-05T09:00:00")))
    }

    @Test(
        "German months are months",
        arguments: [
            ("Januar", 1), ("März", 3), ("Mrz", 3), ("Mai", 5), ("Juni", 6), ("Juli", 7), ("Okt.", 10),
            ("Dezember", 12),
        ]
    )
    func germanMonths(name: String, month: Int) throws {
        let expected = "2018-\(month < 10 ? "0" : "")\(month)-05T09:00:00"
        #expect(start("Beginn", "5. \(name) 2018 09:00") == (try local(expected)))
    }

    @Test("Excel's numbers are read to the second, and to the millisecond where they carry it")
    func serials() throws {
        #expect(start("start", "43195.46076") == (try local("2018-04-05T11:03:30")))
        #expect(start("start", "43195.460648148146") == (try local("2018-04-05T11:03:20")))
        #expect(start("start", "43195.99998842592") == (try local("2018-04-05T23:59:59")))
        #expect(start("start", "43194.9999999") == (try local("2018-04-05T00:00:00")))
        #expect(start("start (UTC)", "43195.375") == (try absolute("2018-04-05T09:00:00.000Z")))
    }

    @Test(
        "A heading says in which zone, and in which order",
        arguments: [
            ("start time (UTC)", "04/13/2018 07:00:00", "2018-04-13T07:00:00.000Z"),
            ("Start (CEST)", "2018-04-05 09:00:00", "2018-04-05T07:00:00.000Z"),
            ("Beginn [MESZ]", "05.04.2018 09:00:00", "2018-04-05T07:00:00.000Z"),
            ("start_time_utc", "05/04/2018 13:00|13/04/2018 09:00", "2018-04-05T13:00:00.000Z"),
            ("Start (Europe/Berlin)", "2018-04-05 09:00", "2018-04-05T07:00:00.000Z"),
            ("Start (UTC+2)", "2018-04-05 09:00", "2018-04-05T07:00:00.000Z"),
            ("startTimeUtc", "2018-04-05 07:00", "2018-04-05T07:00:00.000Z"),
        ]
    )
    func headingZones(heading: String, written: String, expected: String) throws {
        let rows = written.split(separator: "|").map(String.init)
        #expect(start(heading, rows[0], rows.dropFirst()) == (try absolute(expected)))
    }

    @Test("A heading with the form of its dates decides their order")
    func headingOrder() throws {
        #expect(start("Start (dd/mm/yyyy hh:mm)", "05/04/2018 09:00") == (try local("2018-04-05T09:00:00")))
        #expect(start("Start (MM/DD/YYYY HH:MM)", "05/04/2018 09:00") == (try local("2018-05-04T09:00:00")))
        #expect(start("Start (local)", "2018-04-05 09:00") == (try local("2018-04-05T09:00:00")))
    }

    @Test(
        "A column says in which zone each row is",
        arguments: [
            ("timezone", "UTC", "07:00:00"), ("TZ", "Europe/Berlin", "09:00:00"), ("utc_offset", "+02:00", "09:00:00"),
            ("Zeitzone", "MESZ", "09:00:00"), ("time_zone", "America/New_York", "03:00:00"), ("tz", "2", "09:00:00"),
            ("tz", "(UTC)", "07:00:00"), ("utc offset", "-4.0", "03:00:00"),
        ]
    )
    func zoneColumns(heading: String, zone: String, time: String) throws {
        let found = recognise("file;start_time;\(heading)\ncall-1.mp3;2018-04-05 \(time);\(zone)\n")
        #expect(found?.rows["call-1.mp3"]?.startedAt == (try absolute("2018-04-05T07:00:00.000Z")))
    }

    @Test(
        "A zone that is not understood leaves the start unknown, and says so",
        arguments: ["IST", "CET", "Middle-earth"]
    )
    func unknownZone(zone: String) throws {
        let row = recognise("file;start_time;timezone\ncall-1.mp3;2018-04-05 09:00:00;\(zone)\n")?.rows["call-1.mp3"]
        #expect(row?.startedAt == nil)
        #expect(try #require(row).unreadStarts.map(\.column) == ["start_time"])
    }

    @Test("CET in a zone's column is winter time where it is winter")
    func winter() throws {
        let row = recognise("file;start;tz\ncall-1.mp3;2018-01-05 09:00:00;CET\n")?.rows["call-1.mp3"]
        #expect(row?.startedAt == (try absolute("2018-01-05T08:00:00.000Z")))
    }

    @Test(
        "Date and time of day may be in two columns, with the order, the half of the day or the offset in either",
        arguments: [
            ("Start Date;Start Time", "2018-04-05;9:00 AM"), ("Start Date;Start Time", "05.04.18;09:00"),
            ("date;time", "Apr 5, 2018;09:00:00"), ("Datum;Uhrzeit", "43195;0.375"),
        ]
    )
    func twoColumns(headings: String, cells: String) throws {
        let row = recognise("file;\(headings);phone\ncall-1.mp3;\(cells);999\n")?.rows["call-1.mp3"]
        #expect(row?.startedAt == (try local("2018-04-05T09:00:00")))
        #expect(row?.unreadStarts == [])
    }

    @Test("A US date with an AM time in a second column has two readings, and its offset")
    func twoColumnsOpen() throws {
        let row = recognise("file;Start Date;Start Time\ncall-1.mp3;04/05/2018;09:00:00 AM\n")?.rows["call-1.mp3"]
        #expect(row?.startedAt == .oneOf([try local("2018-05-04T09:00:00"), try local("2018-04-05T09:00:00")]))
        let zoned = recognise("file;Start Date;Start Time\ncall-1.mp3;2018-04-05;09:00:00 +0200\n")
        #expect(zoned?.rows["call-1.mp3"]?.startedAt == (try absolute("2018-04-05T07:00:00.000Z")))
    }

    @Test(
        "Where short years leave the order open, the archive's day decides",
        arguments: ["05/04/18 09:00", "04/05/18 9:00 AM", "18-04-05 09:00", "05-04-18 09:00", "04/05/2018 09:00"]
    )
    func shortYears(written: String) throws {
        let start = StartResolution(
            .init(sidecar: start("start", written)),
            archiveDay: try #require(Day(april5)),
            zone: try #require(TimeZone(identifier: "Europe/Berlin"))
        )
        #expect(start.startedAt == (try timestamp("2018-04-05T07:00:00Z")))
        #expect(start.origin == .sidecar)
    }

    @Test("One 13 in a column settles all its rows, wherever it is")
    func columnDecides() throws {
        let text =
            "file,start,phone\ncall-1.mp3,05/04/2018 09:00,999\nx,13/04/2018 09:00,999\ncall-2.mp3,06/04/2018 09:00,999\n"
        let rows = recognise(text)?.rows
        #expect(rows?["call-1.mp3"]?.startedAt == (try local("2018-04-05T09:00:00")))
        #expect(rows?["call-2.mp3"]?.startedAt == (try local("2018-04-06T09:00:00")))
    }

    @Test("A column of both orders settles nothing but what has one reading")
    func columnContradicts() throws {
        let text =
            "file,start,phone\ncall-1.mp3,05/04/2018 09:00,999\nx,13/04/2018 09:00,9\ncall-2.mp3,04/13/2018 09:00,999\n"
        let rows = recognise(text)?.rows
        #expect(rows?["call-1.mp3"]?.startedAt == nil)
        #expect(rows?["call-1.mp3"]?.unreadStarts.first?.column == "start")
        #expect(rows?["call-2.mp3"]?.startedAt == (try local("2018-04-13T09:00:00")))
    }

    @Test(
        "What cannot be read is reported with its column, never replaced silently",
        arguments: [
            "2018-04-05 25:00", "yesterday", "2018-02-30 10:00:00", "2018-04-05 09:00 IST", "14:15:33", "1.52292E+12",
            "2018-04-05 00:15 PM", "05/04/2018 09:00 something", "2018-04-05 13:00 AM",
        ]
    )
    func unread(written: String) throws {
        let row = try #require(recognise("file\tStart Time\tcampaign\ncall-1.mp3\t\(written)\tS\n")?.rows["call-1.mp3"])
        #expect(row.startedAt == nil)
        let unread = try #require(row.unreadStarts.first)
        #expect(unread.column == "Start Time")
        #expect(unread.text == written)
        #expect(unread.description.contains("Start Time"))
    }

    @Test(
        "Nothing, and what databases write for it, is not reported",
        arguments: ["", "NULL", "0", "-", "0000-00-00 00:00:00", " "]
    )
    func empty(written: String) throws {
        let row = try #require(recognise("file\tstart\tcampaign\ncall-1.mp3\t\(written)\tS\n")?.rows["call-1.mp3"])
        #expect(row.startedAt == nil)
        #expect(row.unreadStarts.isEmpty)
    }

    @Test("A better column that cannot be read is told even where a worse one can")
    func worseColumn() throws {
        let text = "file,start_time,created\ncall-1.mp3,soon,2018-04-05 09:00:00\n"
        let row = try #require(recognise(text)?.rows["call-1.mp3"])
        #expect(row.startedAt == (try local("2018-04-05T09:00:00")))
        #expect(row.unreadStarts.map(\.column) == ["start_time"])
    }

    private func start(_ heading: String, _ written: String, _ others: ArraySlice<String> = []) -> CallStart? {
        let rows = ["file\t\(heading)\tcampaign", "call-1.mp3\t\(written)\tS"] + others.map { "x.mp3\t\($0)\tS" }
        return recognise(rows.joined(separator: "\n"))?.rows["call-1.mp3"]?.startedAt
    }
}
