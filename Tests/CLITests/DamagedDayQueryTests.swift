import Foundation
import Recordings
import TestSupport
import Testing

/// Queries over a vault in which something is damaged or missing: it is named, and everything else is told.
@Suite struct `A query over damage` {
    private let place: Workplace
    private let sample = "0ed866c1f8b44727827daaaf7e7b098c"

    init() throws {
        place = try Workplace(try RunningPlatform())
        #expect(try place.dialvault("run", "2018-04-05").status == 0)
    }

    private func damage(_ file: String, _ how: String) throws {
        let path = "\(place.bag("2018-04-06"))/\(file)"
        try Program("sh", ["-c", "chmod u+w '\(path)'; \(how) '\(path)'"])
    }

    @Test(arguments: [
        ("day.json", "truncate -s 0"), ("day.json", "rm -f"), ("tagmanifest-sha256.txt", "truncate -s 20"),
        ("day.json", "sed -i s/complete/empty/"), ("tagmanifest-sha256.txt", "rm -f"),
    ])
    func `names the damaged day, tells the others and ends with 5`(file: String, how: String) throws {
        let table = try place.dialvault("export", "2018-04-05").text
        try damage(file, how)
        let status = try place.dialvault("status")
        #expect(status.status == 5, "\(status.errors)")
        #expect(status.text.contains("2018-04-06  damaged"), "\(status.text)")
        #expect(status.text.contains("C complete 1"), "\(status.text)")
        #expect(status.errors.contains("2018-04-06 is damaged"), "\(status.errors)")
        let export = try place.dialvault("export")
        #expect(export.status == 5)
        #expect(export.text == table)
        #expect(export.errors.contains("2018-04-06 is damaged"), "\(export.errors)")
        let search = try place.dialvault("search", "--json")
        #expect(search.status == 5)
        #expect(search.output == (try place.bytes("\(place.bag())/manifest.jsonl")))
        #expect(try place.dialvault("show", "2018-04-05").status == 0)
        #expect(try place.dialvault("show", sample).status == 0)
        let day = try place.dialvault("show", "2018-04-06")
        #expect(day.status == 5)
        #expect(day.errors.contains("2018-04-06 is damaged"), "\(day.errors)")
    }

    @Test func `goes on after a damaged day of the call log`() throws {
        try damage("day.json", "truncate -s 0")
        let coverage = try place.dialvault("coverage", "2018-04-06", "2018-04-05")
        #expect(coverage.text.contains("2018-04-05  "), "\(coverage.errors)")
        #expect([3, 5].contains(coverage.status), "\(coverage.errors)")
        #expect(coverage.errors.contains("2018-04-06 is damaged"), "\(coverage.errors)")
    }

    @Test(arguments: ["rm", "truncate -s 5000", "dd if=/dev/urandom bs=4096 count=4 conv=notrunc status=none of="])
    func `finds a recording whatever became of the ledger`(how: String) throws {
        let before = try place.dialvault("show", sample).text
        let path = try place.dialvault("get", sample).text
        let ledger = "\(place.vault)/.dialvault/ledger.sqlite"
        try Program("sh", ["-c", how.hasSuffix("=") ? "\(how)'\(ledger)'" : "\(how) '\(ledger)'"])
        let shown = try place.dialvault("show", sample)
        #expect(shown.status == 0, "\(shown.errors)")
        #expect(shown.text == before)
        #expect(try place.dialvault("get", sample).text == path)
        let none = try place.dialvault("show", "00000000000000000000000000000000")
        #expect(none.status == 1)
        #expect(none.errors.contains("No recording with the id"), "\(none.errors)")
    }

    @Test func `finds one that an older ledger does not know`() throws {
        let ledger = "\(place.vault)/.dialvault/ledger.sqlite"
        let changes = "DELETE FROM recording WHERE recording_id = '\(sample)'; UPDATE sqlite_sequence SET seq = 1"
        try Program("sqlite3", [ledger, changes])
        #expect(try place.dialvault("show", sample).status == 0)
    }

    @Test func `does not say that nothing is archived when it may be on a damaged day`() throws {
        try damage("day.json", "truncate -s 0")
        try FileManager.default.removeItem(atPath: "\(place.vault)/.dialvault/ledger.sqlite")
        let manifest = try place.manifest("2018-04-06")
        let id = try #require(manifest.first?.recordingID.text)
        for command in ["show", "get"] {
            let program = try place.dialvault(command, id)
            #expect(program.status == 5, "\(program.errors)")
            #expect(!program.errors.contains("is archived"), "\(program.errors)")
        }
    }
}
