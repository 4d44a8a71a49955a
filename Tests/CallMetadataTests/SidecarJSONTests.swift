import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct SidecarJSONTests {
    private static let row = #"{"file":"call-1.mp3","campaign":"S","lead_id":40117}"#

    @Test(
        "Rows are found in an array, in an object around one, by file name, alone, and one a line",
        arguments: [
            "[\(row)]", #"{"total":1,"tags":["a"],"recordings":[\#(row)]}"#, #"{"data":{"items":[\#(row)]}}"#,
            #"{"call-1.mp3":{"campaign":"S","lead_id":40117}}"#, row,
            row + "\n" + #"{"file":"x","campaign":"T"}"# + "\n",
            "\u{FEFF} [\(row)]", row + "\r\n\r\n" + row,
        ]
    )
    func shapes(text: String) throws {
        let found = try #require(recognise(text)?.rows["call-1.mp3"])
        #expect(found.campaign == "S")
        #expect(found.leadID == "40117")
    }

    @Test("One object a line is named as that")
    func lines() {
        #expect(recognise(Self.row + "\n" + Self.row)?.format == .jsonLines)
        #expect(recognise("[\(Self.row)]")?.format == .json)
    }

    @Test("The platform's own JSON of a recording is understood")
    func platform() throws {
        // The help centre's sample, shortened.
        let text = """
            [{"id":"0ed866c1f8b44727827daaaf7e7b098c","dateCreated":"2018-04-05T08:11:09.000Z","duration":117504,
              "file":{"id":"1c0bac703b8344bdb329f44425511264","name":"call-1.mp3","size":352512,"contentType":"audio/mpeg"},
              "call":{"id":"de6c47fa053443d6a0e5adc871b18bd3","conversationId":"9712cb2b99f147d69bb810e87df46c47",
                      "type":"OUTBOUND","from":"999189807045","to":"999189807048"},
              "agent":{"id":"f67c01ac4ef6487fa2a4420b3b713ed8","name":"…","number":"9991898070"}}]
            """
        let found = try #require(recognise(text)?.rows["call-1.mp3"])
        var expected = CallMetadata()
        expected.recordingID = RecordingID("0ed866c1f8b44727827daaaf7e7b098c")
        expected.startedAt = try absolute("2018-04-05T08:11:09.000Z")
        expected.duration = WrittenDuration(thousandths: 117_504_000)
        expected.sizeBytes = 352_512
        expected.contentType = "audio/mpeg"
        expected.callID = "de6c47fa053443d6a0e5adc871b18bd3"
        expected.conversationID = "9712cb2b99f147d69bb810e87df46c47"
        expected.direction = .outbound
        expected.from = "999189807045"
        expected.to = "999189807048"
        expected.agentID = "f67c01ac4ef6487fa2a4420b3b713ed8"
        expected.agentName = "…"
        expected.agentNumber = "9991898070"
        #expect(found == expected)
        #expect(
            found.declared(audioMs: 117_504)
                == Recording.Declared(
                    contentType: "audio/mpeg",
                    durationMs: 117_504,
                    durationUnit: .milliseconds,
                    sizeBytes: 352_512
                )
        )
    }

    @Test("A single object beside a recording of the same name describes it")
    func besideOne() {
        let text = #"{"campaign":"S","caller":"999189807045"}"#
        #expect(recognise(text, baseName: "call-1.json")?.rows.keys.sorted() == ["call-1.mp3"])
        #expect(recognise(text, baseName: "call-3.json") == nil)
        #expect(recognise("[\(text),\(text)]", baseName: "call-1.json") == nil)
    }

    @Test("Nesting without end is refused, not followed")
    func deep() {
        #expect(recognise(String(repeating: "[", count: 200_000)) == nil)
        #expect(
            recognise(String(repeating: #"{"a":"#, count: 100_000) + "1" + String(repeating: "}", count: 100_000))
                == nil
        )
        let within = String(repeating: #"{"a":"#, count: 400) + "[\(Self.row)]" + String(repeating: "}", count: 400)
        #expect(recognise(within) == nil)
    }
}
