import Foundation
import PlatformSimulator
import Recordings
import TestSupport
import Vault

@testable import Pipeline

/// Goes through a scripted year, a run a day and another one after some interruptions, and keeps the tally.
struct YearDriver {
    let script: YearScript
    let days: DayBench
    private let callAudio: Data
    private var random: SplitMix64
    private(set) var tally = Tally()
    /// What a run that nothing disturbed could have had.
    private(set) var offeredCalls: Set<String> = []
    private(set) var offeredArchives: Set<Int> = []
    private let calls: [(start: Date, item: JSONValue)]
    private let archives: [(archive: ScriptedArchive, content: Content)]

    struct Tally {
        var runs = 0
        var interruptions = 0
        var troubles = 0
        var dayRuns = 0
        var revisions = 0
    }

    init(_ script: YearScript, _ days: DayBench, seed: UInt64) throws {
        self.script = script
        self.days = days
        random = SplitMix64(state: seed &+ 1)
        let audio = URL(fileURLWithPath: "\(Places.fixtures)/audio")
        callAudio = try Data(contentsOf: audio.appending(path: "greeting.mp3"))
        let dialerAudio = try Data(contentsOf: audio.appending(path: "greeting-bare.mp3"))
        archives = script.archives.map { archive in
            (archive, .bytes(Ustar.archive(archive.members.map { ($0.name, dialerAudio) })))
        }
        let own = script.calls.map { call in
            (call.start, Self.entry("c\(call.id.dropFirst())", call.start, "queue", [.text(call.id)]))
        }
        let dialed = script.archives.flatMap(\.members).map { member in
            let id = "d\(String(format: "%031d", member.name.hashed))"
            return (member.start, Self.entry(id, member.start, "dialer", []))
        }
        calls = own + dialed
    }

    mutating func run() async throws {
        var interruptedWeekdays: Set<Int> = []
        for number in 1...YearScript.dayCount {
            if number % 7 == 1 {
                interruptedWeekdays = []
                while interruptedWeekdays.count < 3 { interruptedWeekdays.insert(random.next(below: 7)) }
            }
            guard !script.isOff(number) else { continue }
            var now = script.days[number - 1].end.addingTimeInterval(6.5 * 3600 + Double(random.next(below: 1800)))
            // The last run is left alone, so that what it leaves is the end.
            let isLast = number == YearScript.dayCount
            if interruptedWeekdays.contains(number % 7), !isLast {
                try await interruptedRun(at: now)
                guard random.next(below: 2) == 0 else { continue }
                now = now.addingTimeInterval(3600)
            }
            try await run(at: now, mayFail: !isLast)
        }
    }

    // MARK: One run

    private mutating func interruptedRun(at now: Date) async throws {
        try show(now)
        let looks = 1 + random.next(below: 60)
        let (signal, start) = AsyncStream<Void>.makeStream()
        let days = days
        let task = Task {
            for await _ in signal { break }
            return try await Self.walk(days)
        }
        days.time.arm(after: looks) { task.cancel() }
        start.yield()
        do {
            count(try await task.value)
        } catch is CancellationError {
            tally.interruptions += 1
        } catch let failure as Failure where failure.code == .interrupted {
            tally.interruptions += 1
        }
        days.time.disarm()
        tally.runs += 1
    }

    private mutating func run(at now: Date, mayFail: Bool) async throws {
        try show(now)
        let isDisturbed = mayFail && random.next(below: 10) == 0
        if isDisturbed {
            tally.troubles += 1
            let kinds: [Fault] = [
                Fault(.status(503), at: .audio, skip: random.next(below: 3)), Fault(.hangUp, at: .recordings),
                Fault(.status(500), at: .archive), Fault(.status(503), at: .calls), Fault(.hangUp, at: .retention),
                Fault(.cutBody(afterBytes: 4000), at: .audio), Fault(.cutBody(afterBytes: 700), at: .archive),
            ]
            days.simulator.setFaults([kinds[random.next(below: kinds.count)]])
        }
        count(try await Self.walk(days))
        days.simulator.setFaults([])
        tally.runs += 1
        if !isDisturbed { noteOffers(now) }
    }

    private mutating func count(_ outcomes: [DayOutcome]) {
        tally.dayRuns += outcomes.count
        tally.revisions += outcomes.count { $0.isNewRevision }
    }

    private static func walk(_ days: DayBench) async throws -> [DayOutcome] {
        let run = try await days.run()
        try await run.pipeline.recover()
        var outcomes: [DayOutcome] = []
        for day in try run.due(days) { outcomes.append(try await run.pipeline.run(day)) }
        return outcomes
    }

    // MARK: The platform

    /// Makes the platform show what it has at that moment.
    private func show(_ now: Date) throws {
        days.time.set(now)
        let recordings = script.calls.compactMap { call -> Account.StoredRecording? in
            guard let state = call.state(at: now), !script.isDeleted(call, at: now) else { return nil }
            return Account.StoredRecording(
                id: call.id,
                startedAt: call.startedAt,
                durationMilliseconds: 3240,
                audio: state == "stored" ? .bytes(callAudio) : nil,
                fields: ["state": .text(state)]
            )
        }
        let archives = archives.filter { $0.archive.isThere(at: now) }.map { ($0.archive.name, $0.content) }
        // The platform keeps a year of it; nobody asks for the rest.
        let horizon = now.addingTimeInterval(-90 * 86_400)
        let calls = calls.filter { $0.start <= now && $0.start >= horizon }.map(\.item)
        let accountDays = script.accountDays(at: now)
        days.simulator.clearLog()
        days.simulator.updateAccount { account in
            account.recordings = recordings
            account.archives = Dictionary(uniqueKeysWithValues: archives)
            account.calls = calls
            account.retention = ["recordingFiles": .integer(Int64(accountDays)), "calls": 365]
        }
    }

    /// A call as the log has it: each of the API's, and one for each member of the dialer's archives.
    private static func entry(_ id: String, _ start: Date, _ source: String, _ recordings: [JSONValue]) -> JSONValue {
        let time = Timestamp(secondsSinceEpoch: Int64(start.timeIntervalSince1970)).description
        return [
            "id": .text(id), "dateCreated": .text(time), "dateEstablished": .text(time), "source": .text(source),
            "duration": 3, "recordings": .array(recordings),
        ]
    }

    /// What the platform offered to a run that nothing disturbed must be archived in the end.
    private mutating func noteOffers(_ now: Date) {
        let today = script.days.last { $0.start <= now }?.number ?? 0
        for call in script.calls
        where call.day.number < today && call.state(at: now) == "stored" && !script.isDeleted(call, at: now) {
            offeredCalls.insert(call.id)
        }
        for archive in script.archives where archive.day.number < today && archive.isThere(at: now) {
            offeredArchives.insert(archive.day.number)
        }
    }
}

extension ScriptedCall {
    var startedAt: Timestamp { Timestamp(secondsSinceEpoch: Int64(start.timeIntervalSince1970)) }
}

extension String {
    /// FNV-1a: an id for the call log, the same in every run.
    fileprivate var hashed: Int {
        Int(utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 2)
    }
}
