import CallMetadata
import Foundation
import Recordings
import Testing

/// What comes after a time in a name belongs to it; expected moments by hand.
@Suite struct FilenameQualifierTests {
    @Test(
        "UTC, GMT, Z, offsets and zone abbreviations after a time are its zone",
        arguments: [
            "2018-04-05_10-15-33_UTC_5551234567.mp3", "2018-04-05 10.15.33 UTC.mp3", "20180405-101533UTC.mp3",
            "20180405-101533-UTC_5551234567.mp3", "20180405_101533_GMT.wav", "20180405-101533Z.mp3",
            "20180405-101533_Z_5551234567.mp3", "20180405T101533.492Z.mp3",
            "20180405_101533.492+0000_in_5551234567.mp3",
            "20180405_051533.492-0500_in_5551234568.mp3", "20180405T051533-0500.mp3", "20180405_121533_CEST.mp3",
            "20180405-121533 MESZ.mp3", "20180405_061533_EDT_5551234567.mp3", "2018-04-05T12:15:33+02:00.mp3",
            "20180405-121533_+0200_5551234567.mp3", "20180405-101533 (UTC).mp3", "20180405-121533_UTC+2.mp3",
            "utc_20180405-101533_5551234567.mp3", "20180405-101533_5551234567_UTC.mp3",
            "2018-04-05 10-15-33 AM UTC.mp3",
            "05.04.2018_12-15-33_CEST.mp3",
        ]
    )
    func zones(name: String) throws {
        let start = try #require(try metadata(name).startedAt)
        let expected = [try absolute("2018-04-05T10:15:33.000Z"), try absolute("2018-04-05T10:15:33.492Z")]
        #expect(expected.contains(start))
    }

    @Test(
        "AM and PM after a time are its half of the day",
        arguments: [
            ("2018-04-05 02-15-33 PM 5551234567.mp3", "14:15:33"), ("20180405-021533PM.mp3", "14:15:33"),
            ("2018-04-05_2-15-33 PM.mp3", "14:15:33"), ("2018-04-05 02.15 p.m..mp3", "14:15:00"),
            ("20180405_121533_am.mp3", "00:15:33"), ("20180405_121533_pm.mp3", "12:15:33"),
            ("20180405-141533 PM.mp3", "14:15:33"), ("20180405-091533-AM-999189807048.mp3", "09:15:33"),
        ]
    )
    func halves(name: String, time: String) throws {
        let call = try metadata(name)
        #expect(call.startedAt == (try local("2018-04-05T\(time)")))
        #expect(call.unreadStarts.isEmpty)
    }

    @Test("The number beside a qualified time is still found")
    func phones() throws {
        for name in [
            "2018-04-05_10-15-33_UTC_5551234567.mp3", "2018-04-05 02-15-33 PM 5551234567.mp3",
            "20180405_231533.492+0000_in_5551234567.mp3", "20180405-101533 UTC_5551234567-all.mp3",
        ] {
            #expect(try metadata(name).phone == "5551234567")
        }
    }

    @Test(
        "A qualifier that is not understood leaves the start unknown, and says so",
        arguments: [
            "20180405-101533_IST_5551234567.mp3", "20180405-101533 CST.mp3", "20180405-151533 AM.mp3",
            "20180405-001533_PM.mp3", "20180405-101533-0500.mp3", "2018-04-05_10-15-33_BST.mp3",
        ]
    )
    func unknown(name: String) throws {
        let call = try metadata(name)
        #expect(call.startedAt == nil)
        let unread = try #require(call.unreadStarts.first)
        #expect(unread.origin == .filename)
        #expect(unread.text.hasPrefix("2018"))
    }

    @Test(
        "What only looks like a qualifier is the next field",
        arguments: [
            "20180405-101533-1001.mp3", "20180405-101533-0001.mp3", "20180405-101533_AMBER_x.mp3",
            "20180405-101533.123.mp3", "20180405-101533_PMX.mp3", "20180405-101533_ESTATE.mp3",
            "20180405-101533_ZULU1.mp3", "20180405-101533-all.mp3", "20180405-101533_+4999918980.mp3",
            "20180405-101533-999189807048.mp3",
        ]
    )
    func nextField(name: String) throws {
        let call = try metadata(name)
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
        #expect(call.unreadStarts.isEmpty)
    }

    @Test(
        "A pattern's or a setting's time keeps what comes after it",
        arguments: [
            (#"^(?<datetime>\d{8}-\d{6})"#, "20180405-101533_UTC_x.mp3"),
            (#"(?<datetime>\d{14})"#, "a20180405121533CEST.mp3"),
            (#"^(?<date>\d{8})_(?<time>\d{6})"#, "20180405_101533 UTC.mp3"),
            (#"^(?<date>\d{8})_(?<time>\d{6})"#, "20180405_121533+0200.mp3"),
            ("FULLDATE-UTC_CUSTPHONE", "20180405-101533-UTC_999189807048.mp3"),
            ("FULLDATE_CUSTPHONE", "20180405-101533 UTC_999189807048.mp3"),
        ]
    )
    func patterns(pattern: String, name: String) throws {
        let start = try metadata(name, patterns: [pattern]).startedAt
        #expect(start == (try absolute("2018-04-05T10:15:33.000Z")))
    }

    @Test("What another group of a pattern takes is that group's")
    func patternGroups() throws {
        let call = try metadata(
            "20180405-101533-0500_EST.mp3",
            patterns: [#"^(?<datetime>\d{8}-\d{6})-(?<agent>\d+)_(?<campaign>\w+)\."#]
        )
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
        #expect(call.agentID == "0500")
        #expect(call.campaign == "EST")
    }

    @Test("Two different ids in a name are a tenant's and a call's: neither is the recording's")
    func twoIDs() throws {
        let one = "0ed866c1f8b44727827daaaf7e7b098c"
        let other = "9712cb2b99f147d69bb810e87df46c47"
        #expect(try metadata("\(one)_\(other).mp3").recordingID == nil)
        #expect(try metadata("\(one)_\(one).mp3").recordingID?.text == one)
    }
}
