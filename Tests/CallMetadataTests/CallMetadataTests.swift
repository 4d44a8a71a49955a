import CallMetadata
import Foundation
import Recordings
import Testing

@Suite struct CallMetadataTests {
    @Test("A sidecar's row is completed by the name where it says nothing, numbers and agents as a whole")
    func completed() throws {
        var row = CallMetadata()
        row.campaign = "SPRING18"
        row.from = "999189807045"
        var name = CallMetadata()
        name.campaign = "OTHER"
        name.phone = "999189807048"
        name.agentID = "7"
        name.startedAt = try local("2018-04-05T10:15:33")
        var expected = row
        expected.agentID = "7"
        expected.startedAt = name.startedAt
        #expect(row.completed(by: name) == expected)
        #expect(CallMetadata().completed(by: name) == name)
        #expect(name.completed(by: CallMetadata()) == name)
    }

    @Test(
        "A dialer's customer is the one called, unless the call is said to be inbound",
        arguments: [
            (nil, Recording.Call(to: "999189807048")),
            (.outbound, Recording.Call(direction: .outbound, to: "999189807048")),
            (.inbound, Recording.Call(direction: .inbound, from: "999189807048")),
        ] as [(Recording.Direction?, Recording.Call)]
    )
    func customer(direction: Recording.Direction?, expected: Recording.Call) {
        var call = CallMetadata()
        call.phone = "999189807048"
        call.direction = direction
        #expect(call.call == expected)
    }

    @Test("What is unknown stays absent")
    func absent() {
        let call = CallMetadata()
        #expect(call.isEmpty)
        #expect(call.call == nil)
        #expect(call.agent == nil)
        #expect(call.declared(audioMs: 1) == nil)
    }

    @Test(
        "Lengths are read as they are written",
        arguments: [
            ("117504", 117_504_000), ("117.504", 117_504), ("117,5", 117_500), ("0", 0), ("5.", nil), ("1:57", 117_000),
            ("00:01:57.5", 117_500), ("1:60", nil), ("-5", nil), ("5s", nil), ("", nil), ("1:2:3:4", nil), (".5", nil),
            ("99999999999999999999", nil), ("1.23456789", 1_234),
        ] as [(String, Int64?)]
    )
    func lengths(text: String, thousandths: Int64?) {
        #expect(WrittenDuration(text, unit: nil)?.thousandths == thousandths)
    }

    @Test(
        "A length without a unit has the one that the audio supports",
        arguments: [
            (117_504, 117_504, 117_504, .milliseconds), (117, 117_504, 117_000, .seconds), (6, 6_192, 6_000, .seconds),
            (1, 1_000, 1_000, .seconds), (900, 1_000, 900, .milliseconds), (0, 4_000, 0, .milliseconds),
        ] as [(Int64, Int64, Int64, Recording.DurationUnit)]
    )
    func units(value: Int64, audioMs: Int64, expected: Int64, unit: Recording.DurationUnit) throws {
        let resolved = try #require(WrittenDuration(thousandths: value * 1000).resolved(audioMs: audioMs))
        #expect(resolved.durationMs == expected)
        #expect(resolved.unit == unit)
    }

    @Test("A length with a unit needs no audio, one without needs it")
    func namedUnit() {
        #expect(WrittenDuration("5.25", unit: .seconds)?.resolved(audioMs: nil)?.durationMs == 5_250)
        #expect(WrittenDuration("5250", unit: .milliseconds)?.resolved(audioMs: nil)?.durationMs == 5_250)
        #expect(WrittenDuration("1:57", unit: nil)?.resolved(audioMs: nil)?.durationMs == 117_000)
        #expect(WrittenDuration("5250", unit: nil)?.resolved(audioMs: nil) == nil)
    }

    @Test(
        "Decimals count until the unit is known",
        arguments: [
            ("2.5", nil, 2_500, 2_500, .seconds, true), ("2.5", nil, 2_000_000, 2_500, .seconds, false),
            ("0.4", nil, 400, 400, .seconds, true), ("117.504", nil, 117_504, 117_504, .seconds, true),
            ("117504.25", nil, 117_504, 117_504, .milliseconds, true),
            ("5", .seconds, 5_000_000, 5_000, .seconds, false),
            ("2500.5", .milliseconds, 2_500, 2_501, .milliseconds, true), ("60", nil, 100_000, 60_000, .seconds, false),
            ("5", .seconds, 5_900, 5_000, .seconds, true), ("5", .seconds, 6_001, 5_000, .seconds, false),
        ] as [(String, Recording.DurationUnit?, Int64, Int64, Recording.DurationUnit, Bool)]
    )
    func decimals(
        text: String,
        unit: Recording.DurationUnit?,
        audioMs: Int64,
        expected: Int64,
        resolved: Recording.DurationUnit,
        agrees: Bool
    ) throws {
        var call = CallMetadata()
        call.duration = WrittenDuration(text, unit: unit)
        let found = try #require(call.duration?.resolved(audioMs: audioMs))
        #expect(found.durationMs == expected)
        #expect(found.unit == resolved)
        #expect(found.agrees == agrees)
        #expect((call.durationMismatch(audioMs: audioMs) == nil) == agrees)
    }

    @Test("A mismatch is told in the source's own number")
    func mismatch() throws {
        var call = CallMetadata()
        call.duration = WrittenDuration("2.5", unit: .seconds)
        #expect(
            call.durationMismatch(audioMs: 60_000)
                == Defect(.durationMismatch, "declared 2.5 s, the audio plays 60000 ms")
        )
        #expect(call.durationMismatch(audioMs: nil) == nil)
    }

    @Test("No length traps", arguments: [Int64.min, -1, 0, 9_200_000_000_000_000_000, Int64.max] as [Int64])
    func extremeLengths(value: Int64) {
        for unit in [nil, .seconds, .milliseconds] as [Recording.DurationUnit?] {
            for audioMs in [nil, Int64.min, 0, 1, Int64.max] as [Int64?] {
                let written = WrittenDuration(thousandths: value, unit: unit)
                _ = written.resolved(audioMs: audioMs)
                #expect(!written.description.isEmpty)
            }
        }
    }

    @Test("An id that several members carry identifies none of them")
    func identities() throws {
        let ids = try [
            "0ed866c1f8b44727827daaaf7e7b098c", "9712cb2b99f147d69bb810e87df46c47", "vendor-call-0123456789",
        ]
        .map { try #require(RecordingID($0)) }
        var identities = MemberIdentities()
        identities.add(ids[0], ids[1])
        identities.add(nil, ids[1])
        identities.add(ids[2], ids[2])
        identities.add(nil)
        #expect(identities.identity(ids[0], ids[1]) == ids[0])
        #expect(identities.identity(nil, ids[1]) == nil)
        #expect(identities.identity(ids[2], ids[2]) == ids[2])
        identities.add(ids[2])
        #expect(!identities.isUnique(ids[2]))
    }

    @Test("A call's data survives being stored as JSON")
    func codable() throws {
        var call = CallMetadata()
        call.recordingID = RecordingID("0ed866c1f8b44727827daaaf7e7b098c")
        call.direction = .inbound
        call.duration = WrittenDuration(thousandths: 5, unit: .seconds)
        let starts: [CallStart?] = [
            nil, try absolute("2018-04-05T08:11:09.250Z"), .local(try civil("2018-04-05T08:11:09"), milliseconds: 250),
            try local("2018-04-05T00:00:00"),
            .oneOf([try local("2018-04-05T10:00:00"), try local("2018-05-04T10:00:00")]),
        ]
        for start in starts {
            call.startedAt = start
            let stored = try JSONEncoder().encode(call)
            #expect(try JSONDecoder().decode(CallMetadata.self, from: stored) == call)
        }
    }
}
