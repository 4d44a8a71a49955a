import Foundation
import Recordings
import TestSupport
import Testing

/// A day that is published, and then its archive or its bag says less.
@Suite struct `A day of which less comes back` {
    private static let names = ["a", "b", "c", "d", "e"]

    /// A vault with one published day of five recordings from one zip in a folder.
    private func published() throws -> Workplace {
        let place = try Workplace()
        let audio = try place.bytes("\(Places.fixtures)/audio/greeting.mp3")
        for (index, name) in Self.names.enumerated() {
            // Different bytes for each, as an ID3v1 tag that differs makes them (id3.org, ID3v1).
            var tag = Data("TAG".utf8) + Data(count: 125)
            tag[3] = UInt8(ascii: "A") + UInt8(index)
            try place.scratch.write(audio + tag, to: "calls/\(name).mp3")
        }
        let zip = try Program(
            "zip",
            ["-q", "-0", "-X", "../drop/outbound-2018-04-05.zip"] + Self.names.map { "\($0).mp3" },
            in: try folders(place)
        )
        try #require(zip.status == 0, "\(zip.errors)")
        try configure(place)
        let run = try place.dialvault("run", "2018-04-05")
        try #require(run.status == 0, "\(run.errors)")
        try #require(try place.manifest().count == 5)
        return place
    }

    private func folders(_ place: Workplace) throws -> String {
        try FileManager.default.createDirectory(atPath: place.scratch.file("drop"), withIntermediateDirectories: true)
        return place.scratch.file("calls")
    }

    private func configure(_ place: Workplace, limits: String = "{}") throws {
        try place.scratch.write(
            """
            vault: \(place.vault)
            timezone: Europe/Berlin
            api: { enabled: false }
            retention: { dialer_days: 36500 }
            limits: \(limits)
            dialer:
              sources:
                - name: outbound
                  kind: directory
                  path: \(place.scratch.file("drop"))
                  pattern: "outbound-{yyyy}-{MM}-{dd}*"
            """,
            to: "dialvault.yaml"
        )
    }

    private func touch(_ place: Workplace) throws {
        let touched = try Program("touch", [place.scratch.file("drop/outbound-2018-04-05.zip")])
        try #require(touched.status == 0)
    }

    /// Path, inode and digest of each audio file, by tools of the system.
    private func audio(_ place: Workplace) throws -> String {
        let script = "find data -type f -printf '%p %i\\n' | sort; find data -type f | sort | xargs sha256sum"
        return try Program("sh", ["-c", script], in: place.bag()).text
    }

    // MARK: The archive says less

    @Test(arguments: ["{ members: 1 }", "{ members: 3 }", "{ member_bytes: 1000 }", "{ archive_bytes: 20000 }"])
    func `keeps every recording while the archive is not read to its end`(limits: String) throws {
        let place = try published()
        let before = (manifest: try place.bytes("\(place.bag())/manifest.jsonl"), audio: try audio(place))
        try configure(place, limits: limits)
        try touch(place)
        let less = try place.dialvault("run", "2018-04-05")
        #expect(less.status == 3, "\(less.errors)")
        #expect(try audio(place) == before.audio)
        #expect(try place.bytes("\(place.bag())/manifest.jsonl") == before.manifest)
        let source = try #require(try place.summary().sources.first)
        #expect(source.state == .partial)
        #expect(source.detail?.isEmpty == false)
        #expect((source.members, source.published) == (source.published + source.exceptions, 5))

        try configure(place)
        try touch(place)
        let whole = try place.dialvault("run", "2018-04-05")
        #expect(whole.status == 0, "\(whole.errors)")
        #expect(try place.summary().state == .complete)
        #expect(try audio(place) == before.audio, "nothing was copied again")
        #expect(try place.bytes("\(place.bag())/manifest.jsonl") == before.manifest)
    }

    @Test func `keeps every recording when the worker is killed in the middle`() throws {
        let place = try published()
        let audio = try place.bytes("\(Places.fixtures)/audio/greeting.mp3")
        // A file over the limit that the run below gets: the system ends the worker that writes it (setrlimit(2), SIGXFSZ).
        var large = Data()
        while large.count < 3 << 20 { large.append(audio) }
        try place.scratch.write(large, to: "calls/c.mp3")
        let zip = try Program(
            "zip",
            ["-q", "-0", "-X", "../drop/outbound-2018-04-05.zip", "c.mp3"],
            in: try folders(place)
        )
        try #require(zip.status == 0)
        try #require(try place.dialvault("run", "2018-04-05").status == 0)
        let before = try self.audio(place)
        let rows = try place.manifest().map(\.recordingID)

        try touch(place)
        let program = Places.product("dialvault")
        let config = place.scratch.file("dialvault.yaml")
        let killed = try Program(
            "bash",
            ["-c", "ulimit -f 2048; exec '\(program)' run 2018-04-05 --config '\(config)'"]
        )
        #expect(killed.status == 3, "\(killed.errors)")
        #expect(killed.errors.contains("the process that read it was lost"), "\(killed.errors)")
        #expect(try self.audio(place) == before)
        #expect(try place.manifest().map(\.recordingID) == rows)
    }

    @Test func `keeps every recording when its work folder is gone, a file is missing and less is read`() throws {
        let place = try published()
        let rows = try place.manifest()
        let before = try audio(place)
        let missing = rows[2].path
        try FileManager.default.removeItem(atPath: "\(place.bag())/\(missing)")
        try FileManager.default.removeItem(atPath: "\(place.vault)/.dialvault/work/2018-04-05")
        try configure(place, limits: "{ members: 2 }")
        let less = try place.dialvault("run", "2018-04-05")
        #expect(less.status == 3, "\(less.errors)")
        #expect(less.errors.contains("1 published files are missing or changed"), "\(less.errors)")
        #expect(try place.manifest().map(\.recordingID) == rows.map(\.recordingID))

        // The file comes back from the archive, and every other stays the file that it was.
        try configure(place)
        try touch(place)
        let whole = try place.dialvault("run", "2018-04-05")
        #expect(whole.status == 0, "\(whole.errors)")
        let sums = try Program("sha256sum", ["--check", "--quiet", "manifest-sha256.txt"], in: place.bag())
        #expect(sums.status == 0, "\(sums.text)")
        let now = try audio(place).split(separator: "\n")
        let then = before.split(separator: "\n")
        #expect(zip(now, then).allSatisfy { $0 == $1 || $0.contains(missing) })
        #expect(try place.dialvault("audit").status == 0)
    }

    // MARK: The bag says less

    /// How many of the five lines are left.
    @Test(arguments: 0..<5)
    func `builds nothing on a manifest that was cut, says so, and is repaired from the history`(lines: Int) throws {
        let place = try published()
        let path = "\(place.bag())/manifest.jsonl"
        let before = (manifest: try place.bytes(path), audio: try audio(place))
        let cut = try Program(
            "sh",
            ["-c", "chmod u+w manifest.jsonl && head -n \(lines) manifest.jsonl >m && cat m >manifest.jsonl && rm m"],
            in: place.bag()
        )
        try #require(cut.status == 0)
        try FileManager.default.removeItem(atPath: place.scratch.file("drop/outbound-2018-04-05.zip"))
        for _ in 1...2 {
            let run = try place.dialvault("run", "2018-04-05")
            #expect(run.status == 3, "\(run.errors)")
            #expect(run.errors.contains("2018-04-05 is damaged: manifest.jsonl"), "\(run.errors)")
            #expect(try audio(place) == before.audio)
        }
        // Another day is none the worse.
        #expect(try place.dialvault("run", "2018-04-06").status != 1)
        let history = "\(place.vault)/.dialvault/history/2018-04-05/r0001.manifest.jsonl.gz"
        #expect(try Program("gzip", ["-dc", history]).output == before.manifest)

        let repair = try place.dialvault("repair", "2018-04-05")
        #expect(repair.status == 0, "\(repair.errors)")
        #expect(repair.text == "2018-04-05  restored  manifest.jsonl\n")
        #expect(try place.bytes(path) == before.manifest)
        #expect(try place.dialvault("audit").status == 0)
        #expect(try audio(place) == before.audio)
    }

    @Test(arguments: [
        "day.json", "exceptions.jsonl", "manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt", "bagit.txt",
    ])
    func `is repaired to the byte, whichever of its own files is gone`(name: String) throws {
        let place = try published()
        let inventory = try Program("sh", ["-c", "find . -type f | sort | xargs sha256sum"], in: place.bag()).text
        try FileManager.default.removeItem(atPath: "\(place.bag())/\(name)")
        #expect(try place.dialvault("audit").status == 5)
        let repair = try place.dialvault("repair", "2018-04-05")
        #expect(repair.status == 0, "\(repair.errors)")
        #expect(
            try Program("sh", ["-c", "find . -type f | sort | xargs sha256sum"], in: place.bag()).text == inventory
        )
        #expect(try place.dialvault("audit").status == 0)
    }

    @Test func `is published again from its archive when its bag is gone, and goes on from the last revision`() throws {
        let place = try published()
        let (manifest, digest) = (try place.bytes("\(place.bag())/manifest.jsonl"), try place.summary().manifestSHA256)
        try FileManager.default.removeItem(atPath: place.bag())
        let run = try place.dialvault("run", "2018-04-05")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try place.bytes("\(place.bag())/manifest.jsonl") == manifest)
        #expect(try place.summary().revision == 2)
        #expect(try place.summary().previousManifestSHA256 == digest)
    }

    @Test func `whose bag is gone with its archive is said to be damaged until the loss is accepted`() throws {
        let place = try published()
        let ids = try place.manifest().map(\.recordingID)
        try FileManager.default.removeItem(atPath: place.bag())
        try FileManager.default.removeItem(atPath: place.scratch.file("drop/outbound-2018-04-05.zip"))
        for _ in 1...2 {
            let run = try place.dialvault("run", "2018-04-05")
            #expect(run.status == 75, "the archive is not there either")
            #expect(run.errors.contains("bag of 2018-04-05 is gone"), "\(run.errors)")
        }
        let accepted = try place.dialvault("repair", "--accept-loss", "2018-04-05")
        #expect(accepted.status == 0, "\(accepted.errors)")
        #expect(Set(try place.exceptions().compactMap(\.recordingID)) == Set(ids))
        #expect(try place.exceptions().allSatisfy { $0.reason == .unavailable })
        #expect(try place.summary().state == .incomplete)
        #expect(try place.summary().revision == 2)
    }

    // MARK: Named acts

    @Test func `goes without a recording that was dropped by name, and has it again when that is taken back`() throws {
        let place = try published()
        let row = try place.manifest()[1]
        let id = row.recordingID.text
        let drop = try place.dialvault("run", "2018-04-05", "--drop", id, "--reason", "recorded by mistake")
        #expect(drop.status == 0, "\(drop.errors)")
        #expect(try place.manifest().count == 4)
        let exception = try #require(try place.exceptions().first)
        #expect(exception.recordingID == row.recordingID)
        #expect(exception.detail.contains("recorded by mistake"))
        let kept = try #require(exception.quarantinePath)
        #expect(try Program("sha256sum", ["\(place.vault)/\(kept)"]).text.hasPrefix(row.sha256.hex))
        try touch(place)
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
        #expect(try place.manifest().count == 4)
        #expect(try place.dialvault("audit").status == 0)

        #expect(try place.dialvault("run", "2018-04-05", "--undrop", id).status == 0)
        #expect(try place.manifest().count == 5)
        #expect(try place.exceptions().isEmpty)
    }

    // MARK: What an older program lost

    @Test func `is found by an audit, with where the lost recordings can be fetched from and until when`() throws {
        let place = try published()
        let lost = try place.manifest()[3]
        try loseAsBefore(lost, place)
        let audit = try place.dialvault("audit", "--json")
        #expect(audit.status == 5, "\(audit.errors)")
        let lines = try audit.text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let finding = try #require(lines.first { $0["finding"] as? String == "lost" })
        #expect(finding["recording_id"] as? String == lost.recordingID.text)
        let origin = try #require((finding["origins"] as? [[String: Any]])?.first)
        #expect(origin["source"] as? String == "outbound")
        #expect(origin["archive"] as? String == "outbound-2018-04-05.zip")
        #expect(origin["member"] as? String == "d.mp3")
        #expect(origin["is_available"] as? Bool == true)
        // 36,500 days after the day in Berlin: `date -u -d 'TZ="Europe/Berlin" 2018-04-06 +36500 days'`.
        #expect(origin["available_until"] as? String == "2118-03-12T23:00:00.000Z")
        #expect(lines.filter { $0["finding"] != nil }.count == 1)
        #expect(try place.dialvault("audit").text.contains("available until 2118-03-12T23:00:00.000Z"))
    }

    /// Makes the second revision as version 0.1.0 did when its archive was read in part: one row and its file are gone, and
    /// the history has the first revision alone.
    private func loseAsBefore(_ lost: Recording, _ place: Workplace) throws {
        let rows = try place.manifest().filter { $0.recordingID != lost.recordingID }
        let manifest = try JSONLines.encode(rows)
        var summary = try place.summary()
        summary.previousManifestSHA256 = summary.manifestSHA256
        summary.revision = 2
        summary.sequence = 2
        summary.totals.recordings = rows.count
        summary.totals.sizeBytes -= lost.sizeBytes
        let digest = try Program("sha256sum", input: manifest).text.prefix(64)
        summary.manifestSHA256 = try #require(Digest(hex: String(digest)))
        try #require(try Program("chmod", ["-R", "u+w", place.bag()]).status == 0)
        try FileManager.default.removeItem(atPath: "\(place.bag())/\(lost.path)")
        try manifest.write(to: URL(fileURLWithPath: "\(place.bag())/manifest.jsonl"))
        try JSONLines.line(summary).write(to: URL(fileURLWithPath: "\(place.bag())/day.json"))
        let script = """
            grep -v '\(lost.path)' manifest-sha256.txt >m; cat m >manifest-sha256.txt; rm m
            sha256sum [be]*.txt exceptions.jsonl day.json manifest.jsonl manifest-sha256.txt >t; cat t >tagmanifest-sha256.txt; rm t
            """
        try #require(try Program("sh", ["-c", script], in: place.bag()).status == 0)
    }
}
