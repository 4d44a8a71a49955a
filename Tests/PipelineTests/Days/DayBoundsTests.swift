import Foundation
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// Which dates there are, by the IANA time zone database: Samoa and Tokelau left 2011-12-30 out when they changed to the other
/// side of the date line; Kwajalein 1993-08-21, which is before anything can be archived.
@Suite struct `The days that there can be anything of` {
    private func complaint(_ day: String, in zone: String = "Europe/Berlin") throws -> String? {
        let bounds = DayBounds(
            today: try #require(Day("2018-04-05")),
            zone: try #require(TimeZone(identifier: zone))
        )
        do {
            try bounds.check(try #require(Day(day)))
            return nil
        } catch let failure as Failure {
            #expect(failure.code == .usage)
            return "\(failure)"
        }
    }

    @Test(arguments: ["2010-01-01", "2012-02-29", "2018-04-04", "2018-04-05"])
    func `are from 2010 to today`(day: String) throws {
        #expect(try complaint(day) == nil)
    }

    @Test(arguments: ["0001-01-01", "1018-04-05", "1970-01-01", "2009-12-31", "2018-04-06", "2038-01-19", "9999-12-31"])
    func `are no others, and the refusal says the bounds`(day: String) throws {
        #expect(try complaint(day)?.contains("from 2010-01-01 to 2018-04-05") == true)
    }

    @Test(arguments: ["Pacific/Apia", "Pacific/Fakaofo"])
    func `do not include one that a country left out`(zone: String) throws {
        #expect(try complaint("2011-12-30", in: zone)?.contains("does not exist in \(zone)") == true)
        #expect(try complaint("2011-12-29", in: zone) == nil)
        #expect(try complaint("2011-12-31", in: zone) == nil)
    }

    @Test func `do not include Kwajalein's, which its own calendar lacks`() throws {
        let bounds = DayBounds(
            today: try #require(Day("2018-04-05")),
            zone: try #require(TimeZone(identifier: "Pacific/Kwajalein"))
        )
        let existing = (19...23).filter { Day(year: 1993, month: 8, dayOfMonth: $0).map(bounds.exists) ?? false }
        #expect(existing == [19, 20, 22, 23])
    }

    /// Days with the largest offsets, without a midnight, with two, and beside the one that Samoa left out.
    @Test(arguments: [
        ("Pacific/Kiritimati", "2018-04-05"), ("Etc/GMT+12", "2018-04-05"), ("America/Sao_Paulo", "2017-10-15"),
        ("America/St_Johns", "2010-11-07"), ("Pacific/Pago_Pago", "2011-12-30"), ("Asia/Kathmandu", "2015-05-05"),
    ])
    func `include every one that a calendar showed`(zone: String, day: String) throws {
        #expect(try complaint(day, in: zone) == nil)
    }
}

/// A program of September 2025.
@Suite struct `A clock` {
    private func check(_ now: String, published: String...) throws -> ClockCheck {
        ClockCheck(
            now: Samples.time(now),
            notBefore: try #require(Day("2025-09-15")),
            published: published.map(Samples.time)
        )
    }

    @Test func `is plausible after the program and not long after the newest publication`() throws {
        #expect(try check("2026-11-26T03:00:00Z") == .plausible)
        let lately = try check("2026-11-26T03:00:00Z", published: "2026-11-25T03:00:00Z", "2026-10-01T03:00:00Z")
        #expect(lately == .plausible)
        // Set back by a minute between two runs, as clocks are.
        #expect(try check("2026-11-26T03:00:00Z", published: "2026-11-26T03:01:00Z") == .plausible)
        // What a run with an impossible clock has left says nothing of this one.
        #expect(try check("2026-11-26T03:00:00Z", published: "2038-01-19T03:14:08Z") == .plausible)
    }

    @Test(arguments: ["1970-01-01T00:00:09Z", "1980-01-01T00:00:00Z", "2025-09-14T23:59:59Z", "2038-01-19T03:14:07Z"])
    func `is impossible before the program and decades after it`(now: String) throws {
        guard case .impossible(let why) = try check(now) else {
            Issue.record("not noticed")
            return
        }
        #expect(why.contains(String(now.prefix(19))))
    }

    @Test func `is contradicted by a newer publication`() throws {
        guard case .contradicted = try check("2026-11-26T03:00:00Z", published: "2026-11-27T03:00:00Z") else {
            Issue.record("not noticed")
            return
        }
    }

    @Test func `is doubtful when nothing was published for months`() throws {
        guard case .doubtful = try check("2029-11-26T03:00:00Z", published: "2026-11-27T03:00:00Z") else {
            Issue.record("not noticed")
            return
        }
    }
}
