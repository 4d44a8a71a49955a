import CallMetadata
import Recordings
import Testing

@Suite struct FilenamePatternTests {
    @Test("A pattern's named groups become the call's data")
    func groups() throws {
        let call = try metadata(
            "A7 05.04.2018 10-15 Spring~L40117~from 999189807045 to 999189807048 (outgoing).mp3",
            patterns: [
                #"^(?<agent>\w+) (?<date>[\d.]+) (?<time>\d\d-\d\d) (?<campaign>[^~]+)~L(?<lead_id>\d+)~from (?<from>\d+) to (?<to>\d+) \((?<direction>\w+)\)"#
            ]
        )
        var expected = CallMetadata()
        expected.agentID = "A7"
        expected.startedAt = try local("2018-04-05T10:15:00")
        expected.campaign = "Spring"
        expected.leadID = "40117"
        expected.from = "999189807045"
        expected.to = "999189807048"
        expected.direction = .outbound
        #expect(call == expected)
    }

    @Test(
        "A start can be written in any of the groups for it",
        arguments: [
            (#"(?<datetime>\d{14})"#, "x20180405101533"), (#"(?<epoch>\d+)"#, "x1522916133"),
            (#"(?<date>\d{8})x(?<time>\d{6})"#, "20180405x101533"), (#"t(?<tinydate>\d{11})"#, "t80405101533"),
            (#"t(?<tinydate>\d{12})"#, "t180405101533"),
            (#"(?<day>\d\d)(?<month>\d\d)(?<year>\d\d)h(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)"#, "050418h101533"),
        ]
    )
    func starts(pattern: String, name: String) throws {
        let start = try metadata(name + ".mp3", patterns: [pattern]).startedAt
        let expected = [try local("2018-04-05T10:15:33"), try absolute("2018-04-05T08:15:33.000Z")]
        #expect(start.map(expected.contains) ?? false)
    }

    @Test("The first pattern that matches speaks alone")
    func order() throws {
        let patterns = [#"^(?<campaign>[A-Z]+)#"#, #"^(?<queue>[A-Z]+)#(?<phone>\d+)"#]
        let call = try metadata("SALES#999189807048-20180405-101533.mp3", patterns: patterns)
        var expected = CallMetadata()
        expected.campaign = "SALES"
        #expect(call == expected)
    }

    @Test("Where no pattern matches, the built-in reading speaks")
    func fallback() throws {
        let call = try metadata("20180405-101533_999189807048-all.mp3", patterns: [#"^(?<campaign>[A-Z]+)#"#])
        #expect(call.phone == "999189807048")
    }

    @Test("A pattern with a slash sees the folders, one without sees the base name")
    func folders() throws {
        let patterns = [#"^calls/(?<campaign>[^/]+)/"#, #"^(?<queue>\w+)\.mp3"#]
        #expect(try metadata("calls/SPRING/x.mp3", patterns: patterns).campaign == "SPRING")
        #expect(try metadata("other/desk.mp3", patterns: patterns).queue == "desk")
    }

    @Test("An impossible value in a group is left unknown, a start is reported")
    func impossible() throws {
        let call = try metadata("99991399-101533 nobody.mp3", patterns: [#"^(?<datetime>\S+) (?<phone>\w+)"#])
        var expected = CallMetadata()
        expected.unreadStarts = [
            UnreadStart(origin: .filename, text: "99991399-101533", reason: "it is not a time")
        ]
        #expect(call == expected)
    }

    @Test("VICIdial's own setting is a pattern")
    func template() throws {
        let call = try metadata(
            "20180405-101533_999189807048_40117_agent-7_SPRING18_V4051015330000040117-all.mp3",
            patterns: ["FULLDATE_CUSTPHONE_LEADID_AGENT_CAMPAIGN_CALLID"]
        )
        var expected = CallMetadata()
        expected.startedAt = try local("2018-04-05T10:15:33")
        expected.phone = "999189807048"
        expected.leadID = "40117"
        expected.agentID = "agent-7"
        expected.campaign = "SPRING18"
        expected.callID = "V4051015330000040117"
        #expect(call == expected)
    }

    @Test(
        "A setting may have text of its own, hyphens, and variables that were empty",
        arguments: [
            ("REC-FULLDATE-INGROUP", "REC-20180405-101533-harbour_desk-all.wav", "harbour_desk"),
            ("EPOCH_VENDORLEADCODE_INGROUP", "1522916133__harbour_desk.mp3", "harbour_desk"),
            ("INGROUP.TINYDATE.RECID", "harbour_desk.80405101533.4711.mp3", "harbour_desk"),
        ]
    )
    func templates(setting: String, name: String, queue: String) throws {
        let call = try metadata(name, patterns: [setting])
        #expect(call.queue == queue)
        #expect(call.startedAt != nil)
    }

    @Test(
        "A name that the setting did not make is read by shape",
        arguments: ["2018-04-05_10-15-33.mp3", "20180405-101533.mp3", "20180405-101533_12a_SPRING18.mp3"]
    )
    func foreignToTemplate(name: String) throws {
        let call = try metadata(name, patterns: ["FULLDATE_CUSTPHONE_CAMPAIGN"])
        #expect(call.campaign == nil)
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
    }

    @Test(
        "A wrong pattern is a configuration error that names the pattern and the problem",
        arguments: [
            ("(?<phone>[0-9]+", "expected"), ("(?<fone>[0-9]+)", "\"fone\""), ("[0-9]+", "no named group"),
            (#"\(?<phone>x"#, "no named group"), ("(?<date>[0-9]{8})", "need each other"), ("", "no named group"),
            ("[(?<phone>]", "no named group"), ("(?<=x)y", "lookbehind"),
        ]
    )
    func wrong(pattern: String, problem: String) throws {
        let failure = try #require(throws: Failure.self) { try FilenamePatterns([pattern]) }
        #expect(failure.code == .configuration)
        #expect(failure.message.contains(pattern.debugDescription))
        #expect(failure.message.contains(problem))
        #expect(failure.advice != nil)
    }

    @Test("Every group of the list can be used", arguments: FilenameGroup.allCases)
    func everyGroup(group: FilenameGroup) throws {
        let partner = [FilenameGroup.date: "(?<time>.)", .time: "(?<date>.)"][group] ?? ""
        _ = try FilenamePatterns(["(?<\(group.rawValue)>x)" + partner])
        _ = try FilenamePatterns(["(?P<\(group.rawValue)>x)" + partner])
        #expect(!group.meaning.isEmpty)
    }
}
