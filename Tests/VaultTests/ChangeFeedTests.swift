import Foundation
import Recordings
import TestSupport
import Testing
import Vault

/// A vault that is published into again and again, and what it had after each publication.
private struct ChangingVault {
    let scratch: ScratchFolder
    let vault: Vault
    /// By publication: each day's rows, as text by recording.
    private(set) var states: [[Day: [RecordingID: String]]] = [[:]]

    init() throws {
        scratch = try ScratchFolder()
        vault = Vault(root: scratch.file("vault"), modes: FileModes(groupReadable: true))
        try vault.create()
    }

    /// Publishes a day of which each recording has a start and some text as its bytes.
    mutating func publish(
        _ rows: [(id: String, start: String, text: String)],
        on day: Day = Samples.day,
        exceptions: [Exception] = []
    ) throws {
        var audio: [Digest: String] = [:]
        let recordings = try rows.map { row in
            let bytes = Data(row.text.utf8)
            let digest = Digest(of: bytes)
            audio[digest] = vault.blob(digest, of: day)
            try FileSystem.createFolders(vault.blobs(day), mode: vault.modes.directory)
            try FileSystem.write(bytes, to: vault.blob(digest, of: day), mode: vault.modes.sealed)
            var recording = Samples.recording(row.id, digest, at: row.start, day: day)
            recording.sizeBytes = Int64(bytes.count)
            return recording
        }
        let content = try DayRows(recordings: recordings, exceptions: exceptions)
        let previous = try vault.publishedSummary(day)
        let summary = DaySummary(
            day: day,
            timezone: "Europe/Berlin",
            interval: Samples.time("2018-04-04T22:00:00Z")..<Samples.time("2018-04-05T22:00:00Z"),
            revision: (previous?.revision ?? 0) + 1,
            sequence: Int64(states.count),
            state: .complete,
            totals: .init(),
            sources: [],
            manifestSHA256: content.manifestSHA256,
            previousManifestSHA256: previous?.manifestSHA256,
            publishedAt: Samples.time("2018-04-06T01:02:03Z"),
            software: "dialvault test"
        )
        try vault.publish(summary, rows: content, removals: try vault.erasingAll(day), audio: { [audio] in audio[$0] })
        var state = states[states.count - 1]
        state[day] = Dictionary(rows.map { (Samples.id($0.id), "\($0.start) \($0.text)") }) { first, _ in first }
        states.append(state)
    }

    func changes(since: Int64) throws -> (days: [DayChange], newest: Int64) {
        var days: [DayChange] = []
        let newest = try ChangeFeed(vault).changes(since: since) { days.append($0) }
        return (days, newest)
    }
}

@Suite struct `The change feed` {
    private static let days = [Samples.day, Samples.day.advanced(by: 1), Samples.day.advanced(by: 400)]

    @Test func `tells, from any publication to now, what sets of rows differ in`() throws {
        var place = try ChangingVault()
        for step in 0..<40 {
            let rows = (0..<9).filter { ($0 * 7 + step * 5) % 3 != 0 }.map { number in
                let minute = (number * 13 + (step % 4 == 3 ? step : 0)) % 60
                return (
                    id: "id\(number)", start: "2018-04-05T08:\(minute < 10 ? "0" : "")\(minute):00Z",
                    text: "\(number) \((step + number) / 6)"
                )
            }
            try place.publish(rows, on: Self.days[(step * step) % 3])
        }
        let now = place.states[40]
        for since in 0...40 {
            let (changes, newest) = try place.changes(since: Int64(since))
            #expect(newest == 40)
            #expect(changes.map(\.summary.sequence) == changes.map(\.summary.sequence).sorted())
            var told: Set<Day> = []
            for change in changes {
                let day = change.summary.day
                told.insert(day)
                let (before, after) = (place.states[since][day] ?? [:], now[day] ?? [:])
                #expect(Set(change.added.map(\.recordingID)) == Set(after.keys).subtracting(before.keys))
                #expect(Set(change.removed.map(\.recordingID)) == Set(before.keys).subtracting(after.keys))
                let same = Set(before.keys).intersection(after.keys)
                #expect(Set(change.changed.map(\.recordingID)) == same.filter { before[$0] != after[$0] })
                #expect((change.sinceRevision == nil) == (place.states[since][day] == nil))
            }
            for day in Self.days where !told.contains(day) { #expect(place.states[since][day] == now[day]) }
        }
    }

    @Test func `names each recording once, where its file is, and why one went`() throws {
        var place = try ChangingVault()
        try place.publish([("kept", "2018-04-05T08:00:00Z", "1"), ("gone", "2018-04-05T08:01:00Z", "2")])
        var erased = Exception(day: Samples.day, source: "api", reason: .erased, detail: "asked for by the customer")
        erased.recordingID = Samples.id("gone")
        try place.publish(
            [("kept", "2018-04-05T08:00:00Z", "1"), ("new", "2018-04-05T07:00:00Z", "3")],
            exceptions: [erased]
        )
        let change = try #require(try place.changes(since: 1).days.first)
        #expect(change.added.map(\.path) == ["data/queue/10/20180405T070000Z_new.mp3"])
        #expect(change.changed.isEmpty)
        #expect(change.removed.map(\.recordingID.text) == ["gone"])
        #expect(change.removed.map(\.reason) == [.erased])
        #expect(change.removed.map(\.detail) == ["asked for by the customer"])
    }

    @Test func `says so when the number is ahead of the vault`() throws {
        var place = try ChangingVault()
        #expect(try place.changes(since: 0).newest == 0)
        try place.publish([("a", "2018-04-05T08:00:00Z", "1")])
        let failure = #expect(throws: Failure.self) { try place.changes(since: 2) }
        #expect(failure?.code == .notFound)
        #expect(failure?.advice?.contains("--since 0") == true)
    }

    @Test(arguments: ["r0001.day.json", "r0001.manifest.jsonl.gz"])
    func `does not guess when the history has a gap, and can start again`(missing: String) throws {
        var place = try ChangingVault()
        try place.publish([("a", "2018-04-05T08:00:00Z", "1")])
        try place.publish([("b", "2018-04-05T08:00:00Z", "1")])
        try FileSystem.removeTree("\(place.vault.history(Samples.day))/\(missing)")
        let failure = #expect(throws: Failure.self) { try place.changes(since: 1) }
        #expect(failure?.code == .corrupt)
        #expect(failure?.advice?.contains("--since 0") == true)
        #expect(try place.changes(since: 0).days.map { $0.added.map(\.recordingID.text) } == [["b"]])
    }

    @Test func `notices a manifest in the history that is not what was published`() throws {
        var place = try ChangingVault()
        try place.publish([("a", "2018-04-05T08:00:00Z", "1")])
        try place.publish([("b", "2018-04-05T08:00:00Z", "1")])
        let path = "\(place.vault.history(Samples.day))/r0001.manifest.jsonl.gz"
        let changed = try Program("sh", ["-c", "gzip -dc '\(path)' | sed s/verified/degraded/ | gzip -c"]).output
        try FileSystem.write(changed, to: path, mode: 0o640)
        let failure = #expect(throws: Failure.self) { try place.changes(since: 1) }
        #expect(failure?.message.contains("revision 1 of 2018-04-05 is not the one that was published") == true)
        try FileSystem.write(changed.dropLast(12), to: path, mode: 0o640)
        #expect(throws: Failure.self) { try place.changes(since: 1) }
    }

    @Test func `reads a day whose two folders are being exchanged as it was before`() throws {
        var place = try ChangingVault()
        try place.publish([("a", "2018-04-05T08:00:00Z", "1")])
        try place.publish([("a", "2018-04-05T08:00:00Z", "1"), ("b", "2018-04-05T08:01:00Z", "2")])
        try place.publish([("c", "2018-04-05T08:00:00Z", "1")], on: Self.days[1])
        // As it is between two renames: the history has the bag that is aside, and there is none in its place.
        let staging = "\(place.vault.root)/.dialvault/staging/\(Samples.day)"
        let bag = place.vault.bag(Samples.day)
        let history = "\(place.vault.history(Samples.day))/r0002"
        try Program("sh", ["-c", "gzip -c '\(bag)/manifest.jsonl' >'\(history).manifest.jsonl.gz'"])
        try Program("cp", ["\(bag)/day.json", "\(history).day.json"])
        try FileSystem.rename(bag, to: "\(staging).old")
        try FileSystem.write(Data(), to: "\(staging).exchange", mode: 0o640)
        let (days, newest) = try place.changes(since: 1)
        #expect(newest == 3)
        #expect(days.map { $0.added.map(\.recordingID.text) } == [["b"], ["c"]])
    }

    /// A consumer that only ever applies what it is told has, at the end, what the vault has.
    @Test func `keeps a consumer right while the days are being published`() async throws {
        let place = try ChangingVault()
        let publisher = Task.detached {
            var place = place
            for step in 0..<60 {
                let rows = (0..<5).filter { ($0 + step) % 4 != 0 }.map { number in
                    (id: "id\(number)", start: "2018-04-05T08:0\(number):00Z", text: "\((step + number) / 5)")
                }
                try place.publish(rows, on: Self.days[step % 3])
                await Task.yield()
            }
            return place.states[60]
        }
        var known: [Day: Set<RecordingID>] = [:]
        var kept: Int64 = 0
        var readings = 0
        while kept < 60 {
            let (changes, newest) = try place.changes(since: kept)
            #expect(newest >= kept)
            for change in changes {
                let day = change.summary.day
                #expect(change.summary.sequence <= newest)
                #expect(known[day, default: []].isDisjoint(with: change.added.map(\.recordingID)))
                #expect(known[day, default: []].isSuperset(of: (change.changed.map(\.recordingID))))
                #expect(known[day, default: []].isSuperset(of: change.removed.map(\.recordingID)))
                known[day, default: []].formUnion(change.added.map(\.recordingID))
                known[day, default: []].subtract(change.removed.map(\.recordingID))
            }
            kept = newest
            readings += 1
            await Task.yield()
        }
        let published = try await publisher.value
        #expect(known == published.mapValues { Set($0.keys) })
        #expect(readings > 1)
    }
}
