import CallMetadata
import Recordings
import Testing

/// VICIdial's variables and examples: its manager's manual, "Campaign Rec Filename".
@Suite struct FilenameTests {
    @Test(
        "The default order gives start and number, whatever the suffix, the extension and the folder",
        arguments: [
            "20180405-101533_999189807048-all.mp3", "20180405-101533_999189807048-in.wav",
            "20180405-101533_999189807048-OUT.WAV", "20180405-101533_999189807048.mp3", "20180405-101533_999189807048",
            "MP3/20180405-101533_999189807048-all.mp3", #"D:\rec\20180405-101533_999189807048-all.mp3"#,
        ]
    )
    func fullDateCustPhone(name: String) throws {
        var expected = CallMetadata()
        expected.startedAt = try local("2018-04-05T10:15:33")
        expected.phone = "999189807048"
        #expect(try metadata(name) == expected)
    }

    @Test("The order of GOautodial gives campaign and agent too")
    func fullDateCustPhoneCampaignAgent() throws {
        let call = try metadata("20180405-101533_999189807048_SPRING18_agent007-all.mp3")
        #expect(call.campaign == "SPRING18")
        #expect(call.agentID == "agent007")
        #expect(call.phone == "999189807048")
    }

    @Test("The order of OSDial gives campaign and agent too")
    func campaignAgentFullDateCustPhone() throws {
        let call = try metadata("SPRING18_1001_20180405-101533_999189807048-all.mp3")
        #expect(call.campaign == "SPRING18")
        #expect(call.agentID == "1001")
        #expect(call.phone == "999189807048")
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
    }

    @Test("The manual's other order gives the campaign and a start of eleven digits")
    func campaignTinyDateCustPhone() throws {
        let call = try metadata("TESTCAMP_51020103108_3125551212.wav", near: "2005-10-20")
        #expect(call.campaign == "TESTCAMP")
        #expect(call.startedAt == (try local("2005-10-20T10:31:08")))
        #expect(call.phone == "3125551212")
    }

    @Test("An agent's short number is no telephone number")
    func fullDateAgent() throws {
        let call = try metadata("20051020-103108_6666.wav", near: "2005-10-20")
        var expected = CallMetadata()
        expected.startedAt = try local("2005-10-20T10:31:08")
        #expect(call == expected)
    }

    @Test(
        "Where two fields could stand, neither is taken",
        arguments: [
            "20180405-101533_999189807048_SPRING18.mp3", "20180405-101533_999189807048_40117_1001.mp3",
            "20180405-101533_SPRING18_agent007_x_y.mp3",
        ]
    )
    func uncertainWords(name: String) throws {
        let call = try metadata(name)
        #expect(call.campaign == nil)
        #expect(call.agentID == nil)
        #expect(call.leadID == nil)
    }

    @Test("Two long numbers are neither the customer's")
    func twoNumbers() throws {
        let call = try metadata("20180405-101533-999189807048-999189807000.mp3")
        #expect(call.phone == nil)
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
    }

    /// Expected moments: `date -u -d @SECONDS`.
    @Test(
        "An epoch near the archive's day is the start, in seconds and in milliseconds",
        arguments: [
            ("1522916133_999189807048.mp3", "2018-04-05T08:15:33.000Z"),
            ("999189807048_1522916133-all.mp3", "2018-04-05T08:15:33.000Z"),
            ("1522916133250_999189807048.mp3", "2018-04-05T08:15:33.250Z"),
        ]
    )
    func epoch(name: String, moment: String) throws {
        let call = try metadata(name)
        #expect(call.startedAt == (try absolute(moment)))
        #expect(call.phone == "999189807048")
    }

    @Test(
        "A telephone number is never made out of an epoch, nor a start out of a telephone number",
        arguments: [
            "1522916133.mp3", "SPRING18-1522916133.mp3", "20180405-101533_1522916133.mp3", "call_1522916133_x.mp3",
            "1522916133250.mp3",
        ]
    )
    func epochIsNoPhone(name: String) throws {
        #expect(try metadata(name).phone == nil)
        #expect(try metadata(name, near: nil).phone == nil)
        // Ten years later the same digits are no time of this archive, and still nobody's number.
        let late = try metadata("call_1522916133_x.mp3", near: "2028-04-05")
        #expect(late.isEmpty)
    }

    @Test("In the default order, ten digits that are no time of these days are the number")
    func epochLikePhone() throws {
        #expect(try metadata("20180405-101533_1722916133.mp3").phone == "1722916133")
    }

    @Test(
        "Ids of 32 hexadecimal digits and UUIDs are the recording's, in one spelling",
        arguments: [
            "0ed866c1f8b44727827daaaf7e7b098c.mp3", "0ED866C1F8B44727827DAAAF7E7B098C-all.mp3",
            "0ed866c1-f8b4-4727-827d-aaaf7e7b098c.mp3", "rec_0ed866c1-f8b4-4727-827d-aaaf7e7b098c_2.mp3",
        ]
    )
    func ids(name: String) throws {
        #expect(try metadata(name).recordingID?.text == "0ed866c1f8b44727827daaaf7e7b098c")
    }

    @Test(
        "What is longer or shorter than an id is none",
        arguments: [
            "0ed866c1f8b44727827daaaf7e7b098.mp3", "0ed866c1f8b44727827daaaf7e7b098c1.mp3",
            "0ed866c1-f8b4-4727-827daaaf7e7b098c.mp3", "x0ed866c1f8b44727827daaaf7e7b098c.mp3",
        ]
    )
    func noIDs(name: String) throws {
        #expect(try metadata(name).recordingID == nil)
    }

    @Test(
        "Starts are read in the forms that recorders write",
        arguments: [
            "20180405101533.mp3", "20180405_101533.mp3", "20180405T101533.mp3", "2018-04-05_10-15-33.mp3",
            "2018-04-05T10:15:33.mp3", "2018-04-05 10.15.33.mp3", "2018_04_05_10_15_33.mp3",
            "rec-2018-04-05-101533.mp3",
            "05.04.2018_10-15-33.mp3",
        ]
    )
    func forms(name: String) throws {
        #expect(try metadata(name).startedAt == (try local("2018-04-05T10:15:33")))
    }

    @Test(
        "An offset in a name makes the start absolute",
        arguments: ["20180405T081533Z.mp3", "2018-04-05T10-15-33+0200_x.mp3", "2018-04-05T10:15:33+02:00.mp3"]
    )
    func offsets(name: String) throws {
        #expect(try metadata(name).startedAt == (try absolute("2018-04-05T08:15:33.000Z")))
    }

    @Test(
        "What is no time is not made one",
        arguments: [
            "20180405-991533_1.mp3", "20181305-101533.mp3", "20180230-101533.mp3", "2018-04-05.mp3", "20180405.mp3",
            "00010101-000000.mp3", "1234567-101533.mp3", "201804051015331.mp3", "20180405-1015330.mp3",
        ]
    )
    func noTimes(name: String) throws {
        #expect(try metadata(name).startedAt == nil)
    }

    @Test(
        "Names that tell nothing give nothing",
        arguments: [
            "0001.mp3", "audio (3).wav", "new recording.mp3", "call-000231.mp3", "", ".mp3", "-all.mp3", "/", "…",
            "____",
            "999189807048.mp3",
        ]
    )
    func nothing(name: String) throws {
        #expect(try metadata(name).isEmpty)
    }

    @Test("Asterisk's unique id is the call's, and its second the start where nothing better stands")
    func uniqueID() throws {
        let call = try metadata("out-999189807048-1001-20180405-101533-1522916130.12206.wav")
        #expect(call.callID == "1522916130.12206")
        #expect(call.startedAt == (try local("2018-04-05T10:15:33")))
        #expect(call.phone == "999189807048")
        let bare = try metadata("1522916130.12206.wav")
        #expect(bare.startedAt == (try absolute("2018-04-05T08:15:30.000Z")))
    }

    @Test("Only whole words say who called whom: -in and -out name the sides of one call")
    func direction() throws {
        #expect(try metadata("20180405-101533_999189807048_inbound.mp3").direction == .inbound)
        #expect(try metadata("outbound-20180405-101533.mp3").direction == .outbound)
        #expect(try metadata("20180405-101533_999189807048-in.mp3").direction == nil)
    }

    @Test("Any name is read without a trap, in time that grows with its length")
    func anyName() throws {
        let reader = try FilenamePatterns(["FULLDATE_CUSTPHONE_INGROUP", "(?<phone>[0-9]+)x"]).reader()
        let day = try #require(Day(april5))
        let alphabet = Array("0129-_.:/\\TZ+ aFé…\u{0}\u{301}20180405-101533_")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...40, using: &random)
            let name = String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "0" })
            _ = reader.metadata(of: name, near: day)
        }
        for piece in ["0", "-", "20180405-", "1522916133.", "a_", "0ed866c1-"] {
            _ = reader.metadata(of: String(repeating: piece, count: 100_000 / piece.utf8.count), near: day)
        }
    }
}
